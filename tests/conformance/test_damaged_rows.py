"""A row that nobody can read keeps nobody else waiting, over either database."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.attention import Bounds, Matter
from gateway.core.delivery import State
from gateway.core.ids import NodeId
from gateway.core.judging import Decision
from gateway.core.message import Receipt
from gateway.core.reason import Why
from gateway.ports.store import Store
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres.connection import Connection
from gateway.stores.sqlite import SqliteStore
from gateway.testing.books import CIVIL_STATUS, a_draft, a_planner, a_settlement
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.new_files import new_file
from gateway.testing.postgres import TUNING, database
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import NODE, slots


@dataclass(frozen=True)
class Kept:
    """A database, and two ways into it: ours, and one past us."""

    opened: Callable[[], AbstractAsyncContextManager[Store]]
    spoil: Callable[[str], None]


@pytest.fixture(params=["sqlite", "postgres"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Kept]:
    clock, ids = FakeClock(), FakeIds()
    if request.param == "sqlite":
        path = new_file(tmp_path / "gateway.db")
        yield Kept(lambda: SqliteStore(path, clock=clock, ids=ids), lambda statement: _in_file(path, statement))
        return
    async with database() as url:

        def opened() -> PostgresStore:
            return PostgresStore(url, clock=clock, ids=ids, tuning=TUNING)

        yield Kept(opened, lambda statement: _at_server(url, statement))


def _in_file(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        assert other.execute(statement).rowcount == 1


def _at_server(url: str, statement: str) -> None:
    connection = Connection(url, TUNING)
    connection.open()
    assert connection.change(statement) == 1
    connection.close()


@asynccontextmanager
async def _with_one_spoilt(kept: Kept, damage: str) -> AsyncGenerator[tuple[Store, list[Receipt]]]:
    """Accept two of dossier A and one of B, then spoil the first of A, whose place the statement leaves open."""
    plan = a_planner(FakeIds())
    async with kept.opened() as store:
        drafts = [a_draft("A"), a_draft("A", text="2", kind="dossier.amended"), a_draft("B")]
        receipts = [one for one in (await store.accept(drafts, plan=plan)).results if isinstance(one, Receipt)]
    first = receipts[0]
    await asyncio.to_thread(kept.spoil, damage.format(message=first.message_id, delivery=first.deliveries[0]))
    async with kept.opened() as store:
        await store.join(NODE, config="config-1")
        yield store, receipts


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE message SET head = substr(head, 2) WHERE id = '{message}'",
        "UPDATE delivery SET notes = 'no' WHERE id = '{delivery}'",
    ],
    ids=["message", "notes"],
)
async def test_what_cannot_be_read_is_held_and_everybody_else_goes_on(kept: Kept, damage: str) -> None:
    """G2, G6: its lane waits for a person, who finds it in the list and lets the lane go on."""
    async with _with_one_spoilt(kept, damage) as (store, (spoilt, behind, other)):
        assert [one.id for one in await store.claim(slots())] == list(other.deliveries)
        (held,) = await store.find(state=State.HELD, limit=10)
        assert held.id == spoilt.deliveries[0]
        assert held.reason
        assert held.reason.code is Why.DAMAGED
        entries = [entry for entry in await store.attention(_bounds) if entry.cause.matter is Matter.HELD]
        assert [(entry.cause.system, entry.cause.why) for entry in entries] == [(CIVIL_STATUS, "damaged")]
        assert len((await store.timeline(spoilt.dossier_id)).messages) == 2
        await store.decide(held.id, Decision.RETRY, by=by(), plan=a_planner(FakeIds()))
        assert not await store.claim(slots())
        await store.decide(held.id, Decision.SKIP, by=by(), plan=a_planner(FakeIds()))
        assert [one.id for one in await store.claim(slots())] == list(behind.deliveries)


async def test_an_attempt_that_cannot_be_read_keeps_no_lost_worker_from_being_found(kept: Kept) -> None:
    """G11: what others had begun is taken over all the same."""
    plan = a_planner(FakeIds())
    async with kept.opened() as store:
        await store.join(NODE, config="config-1")
        await store.accept([a_draft()], plan=plan)
        (first,) = await store.claim(slots())
        await store.settle(a_settlement(first, State.DELAYED, wait=timedelta(0)), plan=plan)
        (lost,) = await store.claim(slots())
    await asyncio.to_thread(kept.spoil, "UPDATE attempt SET attempt = substr(attempt, 2)")
    async with kept.opened() as store:
        await store.join(NodeId("node-2"), config="config-1")
        assert [one.id for one in await store.reclaim(slots(node=NodeId("node-2")), limit=10)] == [lost.id]
        found = await store.delivery(lost.id)
        assert found
        assert [view.attempt.reason and view.attempt.reason.code for view in found[1]] == [Why.DAMAGED]


def _bounds(now: datetime) -> Bounds:
    return Bounds(now=now, tries=3, late={}, gone=now - timedelta(days=1), files=now, silent={}, soon=now)
