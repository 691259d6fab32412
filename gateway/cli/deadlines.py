"""``deadlines``: which dossiers are due when, and which of them will be late."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gateway.cli import watch_screen
from gateway.cli.at_desk import at_desk, refuse_unknown
from gateway.cli.desk import Desk
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.cli.screen import tell
from gateway.ingress.attention_bodies import DueBody, DueListBody
from gateway.ingress.due_csv import as_csv
from gateway.ops.lookout import Which

_PAGE = 500
_LIMIT = 50


def deadlines(  # noqa: PLR0913 - each is an option of the command line
    *,
    which: Annotated[
        Which, typer.Option("--which", help="Which ones: breach is overdue or about to be.", metavar="WHICH")
    ] = Which.BREACH,
    system: Annotated[str, typer.Option("--system", help="Only what this system has not ended.", metavar="ID")] = "",
    limit: Annotated[
        int | None, typer.Option("--limit", help=f"At most so many ({_LIMIT}); 0 for all.", min=0, max=1_000_000)
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, all there is unless --limit is given.")] = False,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """List dossiers by their due date (ngày hẹn trả): overdue or about to be, unless --which says otherwise.

    WHICH is all (but paused), breach, overdue, soon or paused. Days are working days of calendar.toml; while a
    supplement is awaited they are not counted. The due date itself belongs to the portal and the ministries.

    For example:

    ./run_gateway.py deadlines --system driver_licence

    ./run_gateway.py deadlines --which all --csv > han-tra.csv
    """
    most = (0 if csv else _LIMIT) if limit is None else limit
    found = at_desk(config, data, lambda seat: _collect(seat, which, system, most))
    if csv and not as_json:
        sys.stdout.write(as_csv(found.items))
    else:
        tell(found, watch_screen.deadlines(found, which), as_json=as_json)


async def _collect(seat: Desk, which: Which, system: str, limit: int) -> DueListBody:
    """Return so many, or all where ``limit`` is 0, page by page."""
    items: list[DueBody] = []
    after = ""
    while not limit or len(items) < limit:
        page = await seat.due(which, system, after, min(_PAGE, limit - len(items)) if limit else _PAGE)
        items += page.items
        after = page.next
        if not after:
            break
    if not items:
        await refuse_unknown(seat, system)
    return DueListBody(items=tuple(items), next=after)
