"""How the attention list and the due dates look in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from gateway.cli.screen import OUTLOOKS, moment
from gateway.ingress.attention_bodies import DueBody, DueListBody
from gateway.ops.lookout import Which


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
