"""What another version would send, as people read it."""

from __future__ import annotations

from collections import Counter

from rich.text import Text

from gateway.cli.screen import Lines, moment, words
from gateway.core.whatif import Verdict
from gateway.ingress.bodies import ReasonBody
from gateway.ingress.trial_bodies import TrialsBody, TriedBody

_COLOURS = {Verdict.BREAKS: "red", Verdict.DIFFERS: "yellow", Verdict.MENDS: "green", Verdict.NEITHER: "red"}


def trials(found: TrialsBody) -> Lines:
    """Return each message that is not sent as before, place by place, then the counts."""
    for item in found.items:
        if item.verdict != Verdict.SAME:
            yield from _lines(item)
    counts = Counter(item.text for item in found.items)
    yield from (Text(f"{number:>7}  {said}") for said, number in counts.most_common())
    if not found.items:
        yield Text("chưa có bản tin nào", style="dim")
    if not found.whole:
        yield Text("        (chỉ xem các bản tin mới nhất)", style="dim")


def _lines(item: TriedBody) -> Lines:
    codes = ", ".join(item.codes.values()) or item.dossier_id
    line = Text.assemble((codes, "bold"), f"  {words('kind', item.kind)}, {moment(item.at)}  ")
    yield line.append(item.text, style=_COLOURS.get(Verdict(item.verdict), ""))
    for one in item.differences:
        yield Text(f"    {one.path}", style="cyan")
        if one.old is not None:
            yield Text(f"      - {one.old}", style="red")
        if one.new is not None:
            yield Text(f"      + {one.new}", style="green")
    if item.more:
        yield Text(f"    (và {item.more} trường khác)", style="dim")
    yield from _problem("-", item.old_problem)
    yield from _problem("+", item.new_problem)


def _problem(sign: str, reason: ReasonBody | None) -> Lines:
    if reason is not None:
        yield Text(f"      {sign} {reason.text}: {reason.words or ''}", style="red")
