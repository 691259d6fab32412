"""How the attention list and the due dates look in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from gateway.cli.dossier_screen import OUTLOOKS
from gateway.cli.screen import moment, over_lines
from gateway.core.attention import Matter
from gateway.core.ids import OPERATORS
from gateway.ingress.attention_bodies import AttentionBody, DueBody, DueListBody, EntryBody
from gateway.ops.lookout import Which


def attention(found: AttentionBody) -> Iterable[Text]:
    """Return what needs a person: what happened, since when, and what to do next."""
    for one in found.pressure:
        yield from _lines(f"! {one.text}", style="bold red")
        yield from _lines(f"  {one.next}")
        yield Text()
    if not found.items:
        yield Text("Không có gì khác cần xử lý." if found.pressure else "Không có gì cần xử lý.", style="green")
        return
    yield Text(f"Cần xử lý: {found.total} nguyên nhân, khẩn cấp nhất trước", style="bold")
    for number, item in enumerate(found.items, start=1):
        yield from _entry(number, item)
    if found.next:
        yield Text(f"\nCòn {found.total - len(found.items)} nguyên nhân nữa: --limit 0 cho tất cả.", style="dim")


def _entry(number: int, item: EntryBody) -> Iterable[Text]:
    at = "" if item.matter in {Matter.REPLAY, Matter.PROPOSAL} and item.system == OPERATORS else f"  {item.system}"
    yield Text.assemble(f"\n{number:>2}. ", (item.text, f"bold {_COLOURS.get(item.matter, '')}"), (at, "cyan"))
    if item.reason_text:
        yield from _lines(f"    {item.reason_text[0].upper()}{item.reason_text[1:]}")
    named = _named(item)
    yield from _lines(f"    {_many(item)}{f': {named}' if named else ''}", style="dim")
    yield Text.assemble("    → ", (f"{_RUN} {item.next.command}", "bold green"))
    yield from _lines(f"      {item.next.text}")


def _many(item: EntryBody) -> str:
    number = f"từ {item.number}" if item.more else str(item.number)
    since = "hạn sớm nhất" if item.matter in {Matter.OVERDUE, Matter.SOON} else "từ"
    unit = _UNITS.get(item.matter, "lượt gửi")
    return f"{number} {unit}, {since} {moment(item.since, '%d/%m/%Y %H:%M')}"


def _named(item: EntryBody) -> str:
    named = ", ".join(one.code or one.dossier_id or one.proposal_id or one.replay_id for one in item.examples)
    return named + (", …" if named and item.number > len(item.examples) else "")


def _lines(line: str, style: str = "") -> Iterable[Text]:
    return (Text(part, style=style) for part in over_lines(line))


_RUN = "./run_gateway.py"
_COLOURS = {
    "restored": "magenta",
    "held": "magenta",
    "dead": "red",
    "failing": "red",
    "late": "yellow",
    "files": "yellow",
    "overdue": "red",
    "soon": "yellow",
    "silent": "yellow",
    "replay": "yellow",
    "proposal": "cyan",
}
_UNITS = {
    "restored": "hệ thống",
    "overdue": "hồ sơ",
    "soon": "hồ sơ",
    "silent": "hồ sơ",
    "files": "hồ sơ",
    "replay": "đợt",
    "proposal": "đề nghị",
}


def deadlines(found: DueListBody, which: Which) -> Iterable[Table | Text]:
    """Return due dates as a table, or that there are none."""
    if not found.items:
        yield Text(_NONE.get(which, "Không có hồ sơ nào."), style="green")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("hẹn trả", "còn lại", "hồ sơ", "thủ tục", "đang ở"):
        table.add_column(column, no_wrap=True)
    for item in found.items:
        table.add_row(*_row(item))
    yield table
    if found.next:
        yield Text(f"Còn nữa: mới liệt kê {len(found.items)}; --limit 0 cho tất cả.", style="dim")


_NONE = {
    Which.BREACH: "Không có hồ sơ quá hạn hoặc sắp quá hạn.",
    Which.OVERDUE: "Không có hồ sơ quá hạn.",
    Which.SOON: "Không có hồ sơ sắp quá hạn.",
    Which.PAUSED: "Không có hồ sơ đang tạm dừng tính hạn.",
}


def _row(item: DueBody) -> tuple[Text, ...]:
    deadline = item.deadline
    colour = OUTLOOKS.get(deadline.outlook, "")
    return (
        Text(moment(deadline.due_at, "%d/%m/%Y %H:%M")),
        Text(_left(item), style=colour),
        Text(next((code.code for code in item.codes), item.id), style="bold"),
        Text(item.procedure or "-"),
        Text(", ".join(item.open_with) or "-", style="cyan"),
    )


def _left(item: DueBody) -> str:
    deadline = item.deadline
    if deadline.paused_at is not None:
        return f"dừng từ {moment(deadline.paused_at, '%d/%m')}, còn {deadline.days_left} ngày"
    if deadline.outlook == "overdue":
        return f"quá {deadline.days_over} ngày" if deadline.days_over else "quá hạn hôm nay"
    return f"còn {deadline.days_left} ngày" if deadline.days_left else "hôm nay"
