"""Comparisons with the way before, and what is sent twice, as people read them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec
from rich.text import Text

from gateway.cli.screen import Lines, counted, moment, words
from gateway.core.shadowing import Likeness
from gateway.ingress.shadow_bodies import ComparedBody, DoublesBody, OursBody


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


def report(done: ShadowReport) -> Lines:
    """Return a comparison: line by line, then what only we would send, then the counts."""
    for item in done.items:
        yield Text.assemble((f"{item.line:>6}  ", "dim"), (item.code, "bold"), f"  {item.text}")
        yield from (Text(f"        {path}", style="yellow") for path in item.paths)
    only = words("likeness", Likeness.ONLY_OURS)
    for ours in done.only_ours:
        told = f"  {only}: {words('kind', ours.kind)}, {moment(ours.at)}"
        yield Text.assemble(("     -  ", "dim"), (ours.code, "bold"), told)
    yield from counted(done.counts, "likeness")
    yield from _newest_only(is_whole=done.whole)


def doubles(found: DoublesBody) -> Lines:
    """Return each dossier that is sent twice, then how many by unit and procedure."""
    for item in found.items:
        yield Text.assemble((item.code, "bold"), f"  {moment(item.at)}  {item.text}")
    counts = Counter((item.agency, item.procedure) for item in found.items)
    for (agency, procedure), number in counts.most_common():
        yield Text(f"{number:>7}  {agency or '-'}  {procedure or '-'}")
    if not found.items:
        yield Text("Không thấy hồ sơ nào được gửi trùng.")
    yield from _newest_only(is_whole=found.whole)


def _newest_only(*, is_whole: bool) -> Lines:
    if not is_whole:
        yield Text("Chỉ xem những lượt gửi mới nhất; các lượt cũ hơn chưa được xem.", style="yellow")
