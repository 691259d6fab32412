"""``dead`` and ``held``: what a person must look at, and what can be done with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import chain
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from gateway.cli import dossier_screen, screen
from gateway.cli.at_desk import at_desk, of_system
from gateway.cli.desk import Desk
from gateway.cli.judge import tell_decided
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption
from gateway.cli.settle import settle
from gateway.ingress.bodies import DeliveriesBody
from gateway.ingress.ops_bodies import DecidedBody

SystemOption: TypeAlias = Annotated[str, typer.Option("--system", help="Only deliveries to this system.", metavar="ID")]
LimitOption: TypeAlias = Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=screen.MOST_LISTED)]
DeliveriesArgument: TypeAlias = Annotated[
    list[str], typer.Argument(help="Ids of deliveries, as the list shows them.", metavar="DELIVERY")
]
_LIMIT = 100

dead = typer.Typer(
    name="dead",
    help="What was refused, or expired before it was sent: list it, send it again, or let the lane go on without it.",
    invoke_without_command=True,
)
held = typer.Typer(
    name="held",
    help="What a person must decide about: list it, settle it by the partner's list, send it again, or skip it. "
    "What is in doubt is judged (see `judge`).",
    invoke_without_command=True,
)


@dead.callback()
@dead.command("list")
def list_dead(
    context: typer.Context,
    *,
    system: SystemOption = "",
    limit: LimitOption = _LIMIT,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """List what was refused or has expired, the newest first, with the partner's own words.

    For example: ./run_gateway.py dead list --system driver_licence
    """
    if context.invoked_subcommand is None:
        _list("dead", (config, data), (system, limit), as_json=as_json)


@held.callback()
@held.command("list")
def list_held(
    context: typer.Context,
    *,
    system: SystemOption = "",
    limit: LimitOption = _LIMIT,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """List what is held, the newest first: what is in doubt says since when.

    For example: ./run_gateway.py held list --json | jq '.items[] | select(.in_doubt_since)'
    """
    if context.invoked_subcommand is None:
        _list("held", (config, data), (system, limit), as_json=as_json)


def retry(
    deliveries: DeliveriesArgument,
    *,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Send deliveries again, each from its place in its lane, with fresh patience and no expiry.

    What is in doubt is refused: judge it. What the partner refused for its content: `edit` it instead.

    For example: ./run_gateway.py dead retry 0195f0c2-… --reason "Đã bổ sung mã xã vào bảng ánh xạ"
    """
    _each((config, data), deliveries, lambda seat, delivery: seat.retry(delivery, reason), as_json=as_json)


def skip(
    deliveries: DeliveriesArgument,
    *,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """End deliveries unsent; what waits behind them in their lanes goes on, flagged as following a skipped one.

    For example: ./run_gateway.py dead skip 0195f0c2-… --reason "Đã nộp trực tiếp tại quầy"
    """
    _each((config, data), deliveries, lambda seat, delivery: seat.skip(delivery, reason), as_json=as_json)


held.command("settle")(settle)
for _group in (dead, held):
    _group.command("retry")(retry)
    _group.command("skip")(skip)


def _each(
    places: tuple[Path, Path],
    deliveries: list[str],
    act: Callable[[Desk, str], Awaitable[DecidedBody]],
    *,
    as_json: bool,
) -> None:
    """Decide about one after the other; where one is refused, what was done before is told all the same."""
    done: list[DecidedBody] = []

    async def work(seat: Desk) -> None:
        for delivery in deliveries:
            done.append(await act(seat, delivery))  # noqa: PERF401 - what stands in it when one fails is told

    try:
        at_desk(*places, work)
    finally:
        if done:
            tell_decided(tuple(done), as_json=as_json)


def _list(state: str, places: tuple[Path, Path], which: tuple[str, int], *, as_json: bool) -> None:
    system, limit = which
    found = at_desk(*places, lambda seat: of_system(seat, system, seat.deliveries(state, system, limit)))
    nothing = "không có lượt gửi nào chờ quyết định" if state == "held" else "không có lượt gửi nào không gửi được"
    lines = chain(screen.or_none(dossier_screen.stopped(found), nothing), screen.perhaps_more(len(found), limit))
    screen.tell(DeliveriesBody(items=found), lines, as_json=as_json)
