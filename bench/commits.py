"""Group commit: many callers at once, who share a transaction and its fsync, beside a commit for each."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Sequence

import uvloop

from bench.config import write
from bench.gateway import KEPT
from bench.lines import Line, ratio
from bench.load import CONNECTIONS, dossier
from bench.run import Run
from gateway.app.machine import Machine
from gateway.config.book import route_book
from gateway.config.loader import load
from gateway.core.ids import SystemId
from gateway.core.message import Actor, ActorKind, Draft
from gateway.core.planning import Planning
from gateway.model.drafts import Stated, draft
from gateway.model.reading import read_dossier
from gateway.ports.store import Inbox
from gateway.stores.sqlite import SqliteStore

_PORTAL = SystemId("portal")


def group_commit(run: Run) -> Sequence[Line]:
    """The same drafts in the same store: from as many callers as connections of a load, and from one after another."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        pairs = runner.run(_rounds(run))
    return (ratio("group_commit", pairs),)


async def _rounds(run: Run) -> list[tuple[float, float]]:
    machine = Machine()
    plan = Planning(book=route_book(load(write(run.folder, "http://127.0.0.1:9"))), new_id=machine.ids.new)
    count = max(run.requests // 3, 1)  # a commit for each takes long
    path = run.fresh("commits") / "gateway.db"
    async with SqliteStore(path, clock=machine.clock, ids=machine.ids) as store:
        return [
            (await _rate(store, plan, count, CONNECTIONS), await _rate(store, plan, count, 1))
            for _ in range(run.rounds + 1)
        ][1:]


async def _rate(inbox: Inbox, plan: Planning, count: int, callers: int) -> float:
    """Return how many drafts a second so many callers get accepted, each by a call of its own."""
    name = secrets.token_hex(4)
    waiting = iter([_draft(number, name) for number in range(count)])

    async def call() -> None:
        for one in waiting:
            await inbox.accept((one,), plan=plan)

    started = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    return count / (time.perf_counter() - started)


def _draft(number: int, name: str) -> Draft:
    read = read_dossier(json.loads(dossier(number, name, procedure=KEPT)))
    actor = Actor(kind=ActorKind.SYSTEM, name=_PORTAL)
    return draft(read, Stated(source=_PORTAL, operation="bench", actor=actor, dedup_key=read.event.source_event_id))
