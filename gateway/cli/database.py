"""``db``: what is done to the database as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import typer
from msgspec import Struct
from rich.text import Text

from gateway.cli.judge import ReasonOption
from gateway.cli.opening import on_file
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.cli.screen import console, print_json
from gateway.core.acts import Act

db = typer.Typer(
    name="db",
    help="The database as a whole: after an earlier copy has taken its place.",
    no_args_is_help=True,
)


@db.callback()
def _group() -> None:
    """Make one command a command of the group."""


class RestoredBody(Struct, frozen=True, kw_only=True):
    """What became of a copy."""

    act: str
    epoch: str
    in_doubt: int  #: deliveries that are open, whatever they were before
    leased: int  #: of them, those that a worker had
    dead: int  #: of them, those that were refused or expired
    replays: int  #: cancelled
    proposals: int  #: rejected
    systems: int  #: paused


@db.command()
def restored(
    *, reason: ReasonOption, config: ConfigOption = CONFIG, data: DataOption = DATA, as_json: JsonOption = False
) -> None:
    """Say that the database was put back to an earlier copy, before any gateway serves it.

    Every partner is paused, every cursor of a feed expires, and whatever is open is in doubt: it may have been sent
    since the copy was made. Then compare with each partner (`reconcile`) and let it be called again (`systems resume`);
    what is in doubt goes on by what the partner's file declares. One transaction; doing it again is harmless.

    For example: ./run_gateway.py db restored --reason "Hỏng đĩa; đặt lại bản sao lúc 02:00 ngày 26/11"
    """
    act = asyncio.run(_mark(config, data, reason))
    _tell(act, as_json=as_json)


async def _mark(config: Path, data: Path, reason: str) -> Act:
    async with on_file(config, data) as seat:
        return await seat.restored(reason, {})


def _tell(act: Act, *, as_json: bool) -> None:
    facts = act.facts
    body = RestoredBody(
        act=act.id,
        epoch=facts["epoch"],
        **{name: int(facts[name]) for name in ("in_doubt", "leased", "dead", "replays", "proposals", "systems")},
    )
    if as_json:
        print_json(body)
        return
    for line in _lines(body):
        console().print(line)


def _lines(body: RestoredBody) -> Iterable[Text]:
    yield Text(f"Đã ghi nhận cơ sở dữ liệu khôi phục từ bản cũ (mốc mới {body.epoch}).")
    yield Text(f"{body.systems:>7}  hệ thống tạm dừng gửi")
    yield Text(f"{body.in_doubt:>7}  lượt gửi chưa biết kết quả, vì có thể đã gửi sau khi sao lưu")
    yield Text(f"{body.dead:>7}  trong đó từng bị từ chối hoặc hết hạn, nay chờ quyết định")
    if body.replays or body.proposals:
        yield Text(f"{body.replays:>7}  đợt gửi lại đã huỷ, {body.proposals} đề nghị không duyệt")
    yield Text("Tiếp theo: đối soát từng hệ thống (reconcile), rồi mới cho gửi lại (systems resume).")
