"""``systems``: who is connected, and how the deliveries to each stand."""

from __future__ import annotations

import asyncio

from gateway.cli import screen
from gateway.cli.find import at_desk
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.ingress.bodies import SystemsBody


def systems(*, config: ConfigOption = CONFIG, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """List the systems with their mode and the number of deliveries in each state.

    held: a person must decide; dead: refused or expired; doubt: sent, but nobody knows whether it arrived.

    For example:

    ./run_gateway.py systems

    ./run_gateway.py systems --json | jq '.items[] | select(.by_state.held > 0)'
    """
    found = asyncio.run(at_desk(config, data, lambda seat: seat.systems()))
    if as_json:
        screen.print_json(SystemsBody(items=found))
    else:
        screen.console().print(screen.systems(found))
