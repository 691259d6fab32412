"""Replays as people read them in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.text import Text

from gateway.cli import proposal_screen, screen
from gateway.cli.screen import Lines
from gateway.ingress.replay_bodies import BegunBody, ReplayItemBody, ReplayPlanBody, RunBody

_COLOURS = {
    "running": "cyan",
    "paused": "yellow",
    "stopped": "bold red",
    "finished": "green",
    "cancelled": "dim",
    "chosen": "dim",
    "sent": "cyan",
    "done": "green",
    "failed": "red",
    "skipped": "yellow",
}


def plan(found: ReplayPlanBody) -> Lines:
    """Return what a replay would send: the sums, the first deliveries, and what is left out and why."""
    yield Text(f"sẽ gửi lại {found.requested} lượt gửi", style="bold")
    sums = (("hệ thống", "", found.by_system), ("lý do", "reason", found.by_reason), ("loại", "kind", found.by_kind))
    yield from (Text(f"  {name}: {_counts(counts, area)}") for name, area, counts in sums if counts)
    for item in found.first:
        line = Text.assemble(("  " + item.delivery_id, "bold"), f"  hồ sơ {item.code or item.dossier_id}")
        line.append(f"  {screen.words('kind', item.kind)} → {item.system}")
        line.append(f"  {screen.words('state', item.state)}")
        yield line.append(f": {screen.words('reason', item.reason)}" if item.reason else "")
    if found.requested > len(found.first):
        yield Text(f"  … và {found.requested - len(found.first)} lượt nữa", style="dim")
    if found.left_out:
        yield Text(f"loại ra {sum(found.left_out.values())}:", style="yellow")
        yield from screen.counted(found.left_out, "left")
        yield from (Text(f"  {item.name}: {item.text}", style="dim") for item in found.left_out_items)
    if found.more:
        yield Text("còn nhiều hơn nữa: cần thêm một đợt gửi lại sau đợt này", style="yellow")
    if found.second_person:
        yield Text(f"{found.why}: replay start sẽ đề nghị người thứ hai duyệt", style="yellow")
    begins = "; replay start --reason … để bắt đầu" if found.requested else ""
    yield Text(f"chưa thực hiện gì{begins}", style="dim")


def begun(found: BegunBody) -> Lines:
    """Return the replay that was begun, or its proposal."""
    if found.replay:
        yield from run(found.replay)
    if found.proposal:
        yield Text(f"chưa bắt đầu, chờ người thứ hai duyệt: {found.why}", style="yellow")
        yield from proposal_screen.proposal(found.proposal)


def run(item: RunBody) -> Lines:
    """Return a replay: how it stands, its exact counts, who began it and why."""
    line = Text.assemble((item.id, "bold"), "  ", (item.text, _COLOURS.get(item.state, "")))
    yield line.append(
        f"  yêu cầu {item.requested} = xong {item.done} + lỗi {item.failed} + bỏ qua {item.skipped}"
        f" + đang gửi {item.sent} + chờ {item.chosen}"
    )
    ended = f", kết thúc {screen.moment(item.ended_at)}" if item.ended_at else ""
    yield Text(f"    {screen.moment(item.made_at)} {item.begun_by}: «{item.reason}»{ended}")
    steps = "-".join(str(size) for size in item.steps)
    asked = screen.facts(item.selection) or "tất cả"
    yield Text(f"    {asked}; bước {steps}, mỗi phút {item.rate}, dừng khi lỗi quá {item.stop_at:.0%}", style="dim")


def items(found: Iterable[ReplayItemBody]) -> Lines:
    """Return a replay's deliveries one by one."""
    for item in found:
        line = Text.assemble((f"{item.place:>6}  ", "dim"), (item.delivery_id, "bold"), "  ")
        line.append(item.text, style=_COLOURS.get(item.state, ""))
        yield line.append(f"  {screen.moment(item.ended_at or item.sent_at)}" if item.sent_at else "", style="dim")


def _counts(counts: Mapping[str, int], area: str) -> str:
    """Return how many there are of each, with the code that narrows a replay to it (``--stopped-for``, ``--kind``)."""
    return "; ".join(f"{_named(area, code)}: {number}" for code, number in counts.items())


def _named(area: str, code: str) -> str:
    words = screen.words(area, code)
    return words if words == code else f"{words} ({code})"
