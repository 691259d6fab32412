"""A portal that syncs by its own timer through the plug-in door, and serves the files that it names by address."""

from __future__ import annotations

import argparse
import asyncio
import random
from datetime import UTC, datetime

from aiohttp import ClientSession, web

from adapters.plug_in_portal.clients import CLIENTS, Client, Wire
from adapters.plug_in_portal.table import PROCEDURES, Row, rows
from gateway.testing.simulator import LOOPBACK, Journal, Place, serve

_FILE_SIZE = 40_000


class Portal:
    """The desks, which change dossiers, and the timer, which syncs them."""

    def __init__(self, table: list[Row], client: Client, journal: Journal) -> None:
        self._table = table
        self._client = client
        self._journal = journal

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
        self._journal.write("handed_over", count=len(self._table), turns=turn)


def files_app(journal: Journal, seed: int) -> web.Application:
    """Return what serves ``/tep/{number}.pdf``."""

    async def download(request: web.Request) -> web.Response:
        number = request.match_info["number"]
        journal.write("downloaded", file=number)
        content = random.Random(f"{seed}/{number}").randbytes(_FILE_SIZE)  # noqa: S311 - a sample, no secret
        return web.Response(body=b"%PDF-1.7\n" + content + b"\n%%EOF\n", content_type="application/pdf")

    app = web.Application()
    app.router.add_get("/tep/{number}.pdf", download)
    return app


def parser() -> argparse.ArgumentParser:
    """Return what it can be told beside its place."""
    found = Place.parser(__doc__ or "")
    found.add_argument("--style", choices=sorted(CLIENTS), default="opencps")
    found.add_argument("--username", default="portal", help="the system's id; --key is its password")
    found.add_argument("--path", default="", help="after the gateway's address; empty: /dvcqg/<username>")
    found.add_argument("--count", type=int, default=50)
    found.add_argument("--every", type=float, default=2.0, help="seconds between two turns of the timer")
    found.add_argument("--per-turn", type=int, default=25, help="dossiers that come in at each turn")
    found.add_argument("--procedure", action="append", metavar="CODE", help="instead of the built-in ones")
    return found


async def run() -> None:
    """Sync everything, then go on serving files until told to stop."""
    arguments = parser().parse_args()
    place = Place.of(arguments)
    journal = Journal(place.journal)
    procedures = {code: PROCEDURES.get(code, "Thủ tục mẫu") for code in arguments.procedure or PROCEDURES}
    address = f"http://{LOOPBACK}:{place.port}"
    table = rows(arguments.count, place.seed, datetime.now(UTC), files=address, procedures=procedures)
    base = place.gateway + (arguments.path or f"/dvcqg/{arguments.username}")
    async with ClientSession() as session:
        wire = Wire(session, base, arguments.username, place.key, journal)
        portal = Portal(table, CLIENTS[arguments.style](wire, journal), journal)
        async with asyncio.TaskGroup() as group:
            syncing = group.create_task(portal.run(every=arguments.every, per_turn=arguments.per_turn))
            await serve(files_app(journal, place.seed), place.port)
            syncing.cancel()
    journal.close()


if __name__ == "__main__":
    asyncio.run(run())
