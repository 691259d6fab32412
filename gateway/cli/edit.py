"""``edit``: send a corrected message instead of one that was refused."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from gateway.cli import proposal_screen, screen
from gateway.cli.api import read_json
from gateway.cli.at_desk import at_desk
from gateway.cli.judge import DeliveryArgument
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption


def edit(  # noqa: PLR0913 - each is an option of the command line
    delivery: DeliveryArgument,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            help="The corrected event as JSON; without it the event is printed, to begin from.", metavar="FILE"
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; propose nothing.")] = False,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Correct a refused message: print it, change it, propose it; another person approves, and it is sent instead.

    What was refused stays as it was; the corrected one is a new message in its place of the lane. What is in doubt
    cannot be edited: judge it first. That the content was read is kept with your name and reason.

    For example:

    ./run_gateway.py edit 0195f0c2-… --reason "Thiếu số điện thoại" > event.json

    ./run_gateway.py edit 0195f0c2-… --file event.json --reason "Bổ sung số điện thoại theo đơn"

    ./run_gateway.py approve 0195f0d1-… --reason "Đã so với đơn giấy"
    """
    if file is None:
        found = at_desk(config, data, lambda seat: seat.content(delivery, reason))
        typer.echo(msgspec.json.format(bytes(found.event), indent=2).decode())
        return
    event = msgspec.json.encode(read_json(file))
    made = at_desk(config, data, lambda seat: seat.edit(delivery, event, reason, propose=not dry_run))
    screen.tell(made, proposal_screen.changes(made), as_json=as_json)
