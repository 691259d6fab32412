"""``attention``: everything that does not go on by itself, the most urgent first."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gateway.cli import watch_screen
from gateway.cli.at_desk import at_desk, refuse_unknown
from gateway.cli.desk import Desk
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.cli.screen import tell
from gateway.ingress.attention_bodies import AttentionBody, EntryBody

_PAGE = 500
_LIMIT = 20


def attention(
    *,
    system: Annotated[str, typer.Option("--system", help="Only what concerns this system.", metavar="ID")] = "",
    limit: Annotated[int, typer.Option("--limit", help="At most so many causes; 0 for all.", min=0)] = _LIMIT,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """List what needs a person (Cần xử lý), by cause, the most urgent first, with the command to begin with.

    Held, dead, tried in vain, too late, without files, overdue or about to be, silent, or waiting for a second person:
    each cause once, however many it concerns. An empty list means that everything goes on by itself.

    For example:

    ./run_gateway.py attention

    ./run_gateway.py attention --system driver_licence --json | jq '.items[] | {key, number, since}'
    """
    found = at_desk(config, data, lambda seat: _collect(seat, system, limit))
    tell(found, watch_screen.attention(found), as_json=as_json)


async def _collect(seat: Desk, system: str, limit: int) -> AttentionBody:
    """Return so many, or all where ``limit`` is 0, page by page."""
    items: list[EntryBody] = []
    while True:
        page = await seat.attention(system, str(len(items)), min(_PAGE, limit - len(items)) if limit else _PAGE)
        items += page.items
        if not page.next or (limit and len(items) >= limit):
            if not items:
                await refuse_unknown(seat, system)
            return msgspec.structs.replace(page, items=tuple(items))
