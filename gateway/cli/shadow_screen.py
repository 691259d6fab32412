"""Comparisons with the way before, and what is sent twice, as people read them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec
from rich.text import Text

from gateway.cli.screen import console, moment, words
from gateway.core.shadowing import Likeness
from gateway.ingress.shadow_bodies import ComparedBody, DoublesBody, OursBody
from gateway.model.texts import text

_LANGUAGE = "vi"


class ShadowReport(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison as it is kept: of which log, from when to when, and what was found; places, never values."""

    made_at: datetime
    system: str
    log: str  #: the file's name
    log_sha256: str
    lines: int
    since: datetime  #: the first line's time
    until: datetime  #: the last one's
    counts: dict[str, int]
    items: tuple[ComparedBody, ...]  #: lines that are not the same as ours
    only_ours: tuple[OursBody, ...]
    whole: bool  #: all that was rehearsed in this time was looked at


def report(done: ShadowReport) -> None:
    """Print a comparison: line by line, then what only we would send, then the counts."""
    screen = console()
    for item in done.items:
        screen.print(Text.assemble((f"{item.line:>6}  ", "dim"), (item.code, "bold"), f"  {item.text}"))
        for path in item.paths:
            screen.print(Text(f"        {path}", style="yellow"))
    only = text(f"likeness.{Likeness.ONLY_OURS}", _LANGUAGE)
    for ours in done.only_ours:
        told = f"  {only}: {words('kind', ours.kind)}, {moment(ours.at)}"
        screen.print(Text.assemble(("     -  ", "dim"), (ours.code, "bold"), told))
    for likeness, number in done.counts.items():
        if number:
            screen.print(f"{number:>7}  {text(f'likeness.{likeness}', _LANGUAGE)}")
    _newest_only(is_whole=done.whole)


def doubles(found: DoublesBody) -> None:
    """Print each dossier that is sent twice, then how many by unit and procedure."""
    screen = console()
    for item in found.items:
        screen.print(Text.assemble((item.code, "bold"), f"  {moment(item.at)}  {item.text}"))
    counted = Counter((item.agency, item.procedure) for item in found.items)
    for (agency, procedure), number in counted.most_common():
        screen.print(f"{number:>7}  {agency or '-'}  {procedure or '-'}")
    if not found.items:
        screen.print("Không thấy hồ sơ nào được gửi trùng.")
    _newest_only(is_whole=found.whole)


def _newest_only(*, is_whole: bool) -> None:
    if not is_whole:
        console().print(Text("Chỉ xem những lượt gửi mới nhất; các lượt cũ hơn chưa được xem.", style="yellow"))
