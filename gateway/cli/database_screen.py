"""A database that was put back, as people read it in the terminal: what became of it, and what to do, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from rich.console import RenderableType
from rich.text import Text

from gateway.cli.key_screen import keys
from gateway.cli.on_file import Restoration
from gateway.cli.screen import moment
from gateway.core.ids import SystemId
from gateway.ingress.bodies import KeyBody

_EACH = "đối chiếu danh sách của họ (held settle, reconcile start), rồi mới cho gửi tiếp (systems resume)."


class RestoredBody(Struct, frozen=True, kw_only=True):
    """What became of a copy."""

    act: str
    epoch: str
    since: str  #: the copy knows of nothing later; empty where no gateway ever served it
    in_doubt: int  #: deliveries that are open, whatever they were before
    leased: int  #: of them, those that a worker had
    dead: int  #: of them, those that were refused or expired
    replays: int  #: cancelled
    proposals: int  #: rejected
    systems: int  #: paused
    revoked: tuple[KeyBody, ...]  #: keys that were revoked after the copy was made, and are once more
    keys: tuple[KeyBody, ...]  #: that are live


def body(done: Restoration) -> RestoredBody:
    """Return it as programs read it."""
    facts = done.act.facts
    return RestoredBody(
        act=done.act.id,
        epoch=facts["epoch"],
        since=facts.get("since", ""),
        revoked=done.revoked,
        keys=done.live,
        **{name: int(facts[name]) for name in ("in_doubt", "leased", "dead", "replays", "proposals", "systems")},
    )


def restored(
    told: RestoredBody, systems: Sequence[SystemId], portals: Sequence[SystemId], files: Sequence[str]
) -> Iterator[RenderableType]:
    """Return what became of it, the keys that are live, and every step that is left, in the order to take them."""
    yield Text(f"Đã ghi nhận cơ sở dữ liệu khôi phục từ bản cũ (mốc mới {told.epoch}).")
    since = moment(datetime.fromisoformat(told.since)) if told.since else ""
    if since:
        yield Text(f"Bản này không biết gì từ {since} về sau.", style="bold")
    yield Text(f"{told.systems:>7}  hệ thống tạm dừng gửi")
    yield Text(f"{told.in_doubt:>7}  lượt gửi chưa biết kết quả, vì có thể đã gửi sau khi sao lưu")
    yield Text(f"{told.dead:>7}  trong đó từng bị từ chối hoặc hết hạn, nay chờ quyết định")
    if told.replays or told.proposals:
        yield Text(f"{told.replays:>7}  đợt gửi lại đã huỷ, {told.proposals} đề nghị không duyệt")
    if told.revoked:
        named = ", ".join(f"{key.id} ({key.name})" for key in told.revoked)
        yield Text(f"{len(told.revoked):>7}  khoá đã thu hồi sau khi sao lưu, nay thu hồi lại: {named}")
    yield Text("\nKhoá còn hiệu lực:" if told.keys else "\nKhông có khoá nào còn hiệu lực.")
    if told.keys:
        yield from keys(told.keys)
    yield Text("\nTiếp theo, đúng thứ tự này (docs/how-to/back-up-and-restore.md):", style="bold")
    for number, step in enumerate(_steps(systems, portals, files, since), start=1):
        yield Text(f"{number:>3}. {step}")


def _steps(systems: Sequence[SystemId], portals: Sequence[SystemId], files: Sequence[str], since: str) -> Iterator[str]:
    yield f"Đặt lại, nếu chưa: {' và '.join(files)}. Chỉ chép thêm, không xoá tệp nào đang có."
    yield "Xem các khoá trên: thu hồi lại khoá đã thu hồi sau khi sao lưu (keys revoke ID), cấp lại khoá cấp sau đó."
    for portal in portals:
        yield f'Cho gửi tiếp tới cổng dịch vụ công: systems resume {portal} --reason "…"'
    yield "Khởi động cổng tích hợp (serve). Cổng tích hợp nhận hồ sơ, chưa gửi gì tới các hệ thống còn lại."
    gone = f"từ {since}" if since else "sau khi sao lưu"
    yield f"Cổng dịch vụ công gửi lại tất cả những gì đã gửi {gone}. Chờ xong rồi mới làm bước sau."
    yield "Hệ thống nào tự báo trạng thái thì báo lại tất cả từ lúc đó."
    if rest := ", ".join(system for system in systems if system not in portals):
        yield f"Từng hệ thống một ({rest}):\n     {_EACH}"
