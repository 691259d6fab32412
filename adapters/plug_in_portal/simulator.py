"""A portal that syncs by its own timer through the plug-in door, serves the files that it names, and takes webhooks."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import ClientSession

from adapters.plug_in_portal.clients import CLIENTS, Client, Wire
from adapters.plug_in_portal.desk import Desk, Officers
from adapters.plug_in_portal.table import OTHERS, PROCEDURES, Row, rows
from gateway.testing.simulator import LOOPBACK, Caller, Journal, Place, serve

_BOTH = "both"


class Timer:
    """The desks of one part of the province, which change dossiers, and the timer, which syncs them."""

    def __init__(self, table: Sequence[Row], client: Client) -> None:
        self._table = table
        self._client = client

    async def run(self, *, every: float, per_turn: int) -> None:
        """At each turn some dossiers more have come in, each one that is synced goes on, and all is synced."""
        turn = 0
        while not all(row.is_done for row in self._table):
            turn += 1
            seen = self._table[: turn * per_turn]
            for row in seen:
                if row.steps_synced == len(row.steps):
                    row.go_on(datetime.now(UTC))
            await self._client.sync(seen)
            await asyncio.sleep(every)


def parser() -> argparse.ArgumentParser:
    """Return what it can be told beside its place."""
    found = Place.parser(__doc__ or "")
    found.add_argument(
        "--style", choices=(*sorted(CLIENTS), _BOTH), default="opencps", help="both: half of the dossiers each"
    )
    found.add_argument("--username", default="portal", help="the system's id; --key is its password")
    found.add_argument("--path", default="", help="after the gateway's address; empty: /dvcqg/<username>")
    found.add_argument("--count", type=int, default=50)
    found.add_argument("--every", type=float, default=2.0, help="seconds between two turns of the timer")
    found.add_argument("--per-turn", type=int, default=25, help="dossiers that come in at each turn")
    found.add_argument("--drop", type=float, default=0.0, help="share of webhooks taken without an answer")
    found.add_argument("--procedure", action="append", metavar="CODE", help="instead of the built-in ones")
    found.add_argument("--asks", action="store_true", help="officers ask the register of enterprises")
    return found


async def run() -> None:
    """Sync everything, then go on serving files until told to stop."""
    arguments = parser().parse_args()
    place = Place.of(arguments)
    journal = Journal(place.journal)
    known = PROCEDURES | OTHERS
    procedures = {code: known.get(code, "Thủ tục mẫu") for code in arguments.procedure or PROCEDURES}
    address = f"http://{LOOPBACK}:{place.port}"
    table = rows(arguments.count, place.seed, datetime.now(UTC), files=address, procedures=procedures)
    async with ClientSession() as session, asyncio.TaskGroup() as group:
        caller = Caller(place, session)
        secret = os.environ.get("PORTAL_WEBHOOK_SECRET", "")
        desk = Desk(journal, caller, place.seed, secret=secret, drop=arguments.drop)
        handing = group.create_task(_hand_over(table, arguments, place, journal, session))
        await serve(desk.app(), place.port)
        handing.cancel()
    journal.close()


async def _hand_over(
    table: Sequence[Row], arguments: argparse.Namespace, place: Place, journal: Journal, session: ClientSession
) -> None:
    """Let every part of the table be synced by its own timer, and the officers ask, all at once."""
    base = place.gateway + (arguments.path or f"/dvcqg/{arguments.username}")
    styles = sorted(CLIENTS) if arguments.style == _BOTH else [arguments.style]
    async with asyncio.TaskGroup() as group:
        for number, style in enumerate(styles):
            wire = Wire(session, base, arguments.username, place.key, journal)
            part = table[number * len(table) // len(styles) : (number + 1) * len(table) // len(styles)]
            timer = Timer(part, CLIENTS[style](wire, journal))
            per_turn = max(1, arguments.per_turn // len(styles))
            group.create_task(timer.run(every=arguments.every, per_turn=per_turn))
        if arguments.asks:
            group.create_task(Officers(journal, Caller(place, session)).ask(table))
    journal.write("handed_over", count=len(table))


if __name__ == "__main__":
    asyncio.run(run())
