"""Proposals, corrections and settlements as people read them in the terminal."""

from __future__ import annotations

import msgspec
from rich.text import Text

from gateway.cli import screen
from gateway.cli.screen import Lines
from gateway.core.acts import Verb
from gateway.core.proposals import LEFT, OVERTAKEN
from gateway.ingress.ops_bodies import ChangesBody, ProposalBody, SettledBody

_TARGETS = {"delivery": "lượt gửi", "replay": "đợt gửi lại", "system": "hệ thống"}
_STATES = {"open": "chờ duyệt", "approved": "đã duyệt", "rejected": "không duyệt", "expired": "quá hạn"}
_COLOURS = {"listed": "green", "absent": "yellow"}


def proposal(item: ProposalBody) -> Lines:
    """Return a proposal: what, to what, by whom and why, how long it may wait, and what became of it."""
    to, state = _TARGETS.get(item.target_kind, item.target_kind), _STATES.get(item.state, item.state)
    yield Text.assemble((item.id, "bold"), f"  {item.text}  {to} {item.target}", (f"  {state}", "cyan"))
    yield Text(f"    {screen.moment(item.made_at)} {item.proposed_by}: «{item.reason}»")
    if item.facts:
        yield Text(f"    {screen.facts(item.facts)}", style="dim")
    if item.decided_at:
        yield Text(f"    {screen.moment(item.decided_at)} {item.decided_by}: «{item.decided_reason}»")
        came_to = {name: value for name, value in item.outcome.items() if name not in {LEFT, OVERTAKEN}}
        if came_to:
            yield Text(f"    {screen.facts(came_to)}", style="dim")
        if LEFT in item.outcome:
            yield Text(f"    còn {item.outcome[LEFT]} chưa làm: duyệt lại (approve) để làm nốt", style="yellow")
        if OVERTAKEN in item.outcome:
            yield Text(f"    bản tin đã được sửa theo đề nghị {item.outcome[OVERTAKEN]}, duyệt trước đề nghị này")
    else:
        yield Text(f"    chờ người thứ hai duyệt đến {screen.moment(item.expires_at)}", style="dim")


def changes(found: ChangesBody) -> Lines:
    """Return what a correction changes, place by place, and what a proposal is about, delivery by delivery."""
    for item in found.items:
        yield Text(item.path, style="bold")
        if item.was is not None:
            yield Text(f"  - {_json(item.was)}", style="red")
        if item.now is not None:
            yield Text(f"  + {_json(item.now)}", style="green")
    if not found.items and (found.proposal is None or found.proposal.verb == Verb.EDIT):
        yield Text("không có thay đổi nội dung", style="dim")
    for one in found.deliveries:
        line = Text.assemble((one.delivery_id, "bold"), f"  {', '.join(one.codes)}  ")
        line.append(f"{screen.words('kind', one.kind)} → {one.system}  ")
        yield line.append(one.text, style="yellow").append(f"  (hiện: {screen.words('state', one.state)})", style="dim")
    if found.proposal:
        yield from proposal(found.proposal)


def settlement(found: SettledBody) -> Lines:
    """Return what a partner's list would do, delivery by delivery, and the sums."""
    for item in found.items:
        line = Text.assemble((item.delivery_id, "bold"), f"  {', '.join(item.codes)}  ")
        line.append(f"{screen.words('kind', item.kind)}  ")
        yield line.append(item.text, style=_COLOURS.get(item.finding, "dim"))
    yield Text(
        f"danh sách của {found.system} lúc {screen.moment(found.as_of)}, sha256 {found.file_sha256}", style="dim"
    )
    sums = "; ".join(f"{screen.words('finding', name)} ({number})" for name, number in found.counts.items() if number)
    yield Text(
        f"{sums or 'không có lượt gửi nào chưa rõ'}; mã trong danh sách không khớp lượt gửi nào: {found.unknown}"
    )
    if found.proposal:
        yield from proposal(found.proposal)
    else:
        asks = "chưa thực hiện gì; thêm --as-of --propose --reason để đề nghị người thứ hai duyệt"
        yield Text(asks, style="dim")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
