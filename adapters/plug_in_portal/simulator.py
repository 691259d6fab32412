"""A portal that syncs by its own timer through the plug-in door, serves the files that it names, and takes webhooks."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
from datetime import UTC, datetime
from typing import cast

from aiohttp import ClientSession, web

from adapters.plug_in_portal.clients import CLIENTS, Client, Wire
from adapters.plug_in_portal.table import PROCEDURES, Row, rows
from gateway.testing.simulator import LOOPBACK, Journal, Place, serve
from gateway.testing.webhooks import is_signed

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


class Desk:
    """What others reach the portal for: the files that its dossiers name, and the news that it is told."""

    def __init__(self, journal: Journal, seed: int, *, secret: str = "", drop: float = 0.0) -> None:
        self._journal = journal
        self._seed = seed
        self._secret = secret
        self._drop = drop
        self._random = random.Random(seed)  # noqa: S311 - faults need a seed, not secrecy
        self._seen: set[str] = set()

    def app(self) -> web.Application:
        """Return what serves files, and takes webhooks where there is a secret to check them by."""
        app = web.Application(client_max_size=16 << 20)
        app.router.add_get("/tep/{number}.pdf", self.download)
        if self._secret:
            app.router.add_post("/webhooks/gateway", self.webhook)
        return app

    async def download(self, request: web.Request) -> web.Response:
        """Answer with one file."""
        number = request.match_info["number"]
        self._journal.write("downloaded", file=number)
        content = random.Random(f"{self._seed}/{number}").randbytes(_FILE_SIZE)  # noqa: S311 - a sample, no secret
        return web.Response(body=b"%PDF-1.7\n" + content + b"\n%%EOF\n", content_type="application/pdf")

    async def webhook(self, request: web.Request) -> web.Response:
        """Take one piece of news, once by its id."""
        body = await request.read()
        if not is_signed(request.headers, body, self._secret):
            return web.Response(status=401)
        delivery, event = request.headers["webhook-id"], json.loads(body)["data"]
        self._journal.write("request", delivery=delivery)
        if delivery not in self._seen:
            self._seen.add(delivery)
            self._journal.write("effect", **_told(event))
        if self._random.random() < self._drop and request.transport is not None:
            self._journal.write("dropped", delivery=delivery)
            request.transport.abort()
        self._journal.write("replied", delivery=delivery)
        return web.Response(status=204)


def _told(event: dict[str, object]) -> dict[str, object]:
    dossier = cast("dict[str, object]", event["dossier"])
    codes = [dossier, *cast("list[dict[str, object]]", dossier.get("references") or [])]
    code = next((item["code"] for item in codes if "code" in item), "")
    known = {"dossier": code, "event": event.get("source_event_id", "")}
    return {**known, "kind": event["kind"], "source": event["source"], "data": event.get("data")}


def parser() -> argparse.ArgumentParser:
    """Return what it can be told beside its place."""
    found = Place.parser(__doc__ or "")
    found.add_argument("--style", choices=sorted(CLIENTS), default="opencps")
    found.add_argument("--username", default="portal", help="the system's id; --key is its password")
    found.add_argument("--path", default="", help="after the gateway's address; empty: /dvcqg/<username>")
    found.add_argument("--count", type=int, default=50)
    found.add_argument("--every", type=float, default=2.0, help="seconds between two turns of the timer")
    found.add_argument("--per-turn", type=int, default=25, help="dossiers that come in at each turn")
    found.add_argument("--drop", type=float, default=0.0, help="share of webhooks taken without an answer")
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
    desk = Desk(journal, place.seed, secret=os.environ.get("PORTAL_WEBHOOK_SECRET", ""), drop=arguments.drop)
    base = place.gateway + (arguments.path or f"/dvcqg/{arguments.username}")
    async with ClientSession() as session:
        wire = Wire(session, base, arguments.username, place.key, journal)
        portal = Portal(table, CLIENTS[arguments.style](wire, journal), journal)
        async with asyncio.TaskGroup() as group:
            syncing = group.create_task(portal.run(every=arguments.every, per_turn=arguments.per_turn))
            await serve(desk.app(), place.port)
            syncing.cancel()
    journal.close()


if __name__ == "__main__":
    asyncio.run(run())
