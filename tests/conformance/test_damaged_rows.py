"""A row that nobody can read keeps nobody else waiting, over either database."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.acts import Target, TargetKind, Verb
from gateway.core.attention import Bounds, Matter
from gateway.core.delivery import State
from gateway.core.ids import NodeId
from gateway.core.judging import Decision
from gateway.core.message import Receipt
from gateway.core.proposals import Objection, Unapprovable, Wish
from gateway.core.query import Officer, Query
from gateway.core.reason import Why
from gateway.core.reconcile import Divergence, Divergent, Repair, Report
from gateway.core.replay import RunState
from gateway.ports.store import Store
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres.connection import Connection
from gateway.stores.sqlite import SqliteStore
from gateway.testing.books import (
    CIVIL_STATUS,
    PORTAL,
    TAX,
    a_book,
    a_draft,
    a_planner,
    a_route,
    a_settlement,
    a_status,
    an_order,
)
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.new_files import new_file
from gateway.testing.postgres import TUNING, database
from gateway.testing.store_contract.acting import BINH, LAN, by
from gateway.testing.store_contract.world import NODE, slots

_HEAD = "UPDATE message SET head = substr(head, 2) WHERE id = '{message}'"
#: Of three proposals, with the acts that made them, two questions and two replays.
_DAMAGES = (
    "UPDATE act SET facts = 'no' WHERE target = '{0}'",
    "UPDATE act SET actor = substr(actor, 2) WHERE target = '{1}'",
    "UPDATE proposal SET facts = 'no' WHERE id = '{0}'",
    "UPDATE proposal SET actor = substr(actor, 2) WHERE id = '{1}'",
    "UPDATE status SET status = 'no' WHERE system = 'civil_status'",
    "UPDATE query SET officer = substr(officer, 2) WHERE id = '{3}'",
    "UPDATE replay_run SET plan = substr(plan, 2) WHERE id = '{5}'",
)
#: Of a proposal with the act that made it, and a comparison.
_NEWER = (
    "UPDATE act SET verb = 'foresee', target_kind = 'ball' WHERE target = '{0}'",
    "UPDATE proposal SET verb = 'foresee', target_kind = 'ball' WHERE id = '{0}'",
    "UPDATE reconciliation SET names = substr(names, 2), counts = substr(counts, 2) WHERE id = '{1}'",
    "UPDATE divergence SET finding = substr(finding, 2) WHERE reconciliation_id = '{1}' AND place = 1",
)
_SPOILT = "x.gateway.damaged"
_QUESTION = Query(
    system=CIVIL_STATUS,
    operation="citizen.verify",
    request={"personal_id": "079000000000"},
    actor=LAN,
    officer=Officer(name="Trần Thị B"),
    purpose="TTHC 1.000894",
)


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
        _HEAD,
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


async def test_a_page_shows_what_can_be_read_beside_what_cannot(kept: Kept) -> None:
    """All others are shown, the spoilt one by name; nobody can agree to it, and its dossier goes on."""
    ids = FakeIds()
    async with kept.opened() as store:
        (receipt,) = (await store.accept([a_draft("A")], plan=a_planner(ids))).results
        assert isinstance(receipt, Receipt)
        await store.accept([a_status("A", 9), a_status("A", 4, source=PORTAL)], plan=a_planner(ids))
        wish = Wish(verb=Verb.EDIT, target=Target.system(CIVIL_STATUS), parameters=b"{}")
        proposed = [await store.propose(wish, by=by()) for _ in range(3)]
        asked = [await store.record_query(_QUESTION) for _ in range(2)]
        runs = [await store.begin_run(an_order(n), by=by()) for n in range(2)]
    for damage in _DAMAGES:
        await asyncio.to_thread(kept.spoil, damage.format(*(one.id for one in (*proposed, *asked, *runs))))
    async with kept.opened() as store:
        spoilt_facts_and_actor = [("Lan", True), (_SPOILT, False), ("Lan", False)]
        found = [*reversed(await store.acts())][:3]
        assert [(act.by.actor.name, _SPOILT in act.facts) for act in found] == spoilt_facts_and_actor
        waiting = [*reversed(await store.proposals())]
        assert [(one.by.actor.name, _SPOILT in one.wish.facts) for one in waiting] == spoilt_facts_and_actor
        for one in proposed[:2]:
            with pytest.raises(Unapprovable, match=Objection.CHANGED):
                await store.approve(one.id, by=by(BINH), plan=a_planner(ids))
        assert await _statuses(store, receipt) == [(CIVIL_STATUS, _SPOILT, None), (PORTAL, "", 4)]
        await store.accept([a_status("A", 2)], plan=a_planner(ids))
        assert await _statuses(store, receipt) == [(CIVIL_STATUS, "", 2), (PORTAL, "", 4)]
        assert [one.officer.name for one in await store.queries()] == ["Trần Thị B", _SPOILT]
        causes = {one.cause.matter: one.number for one in await store.attention(_bounds)}
        assert (causes[Matter.REPLAY], causes[Matter.PROPOSAL]) == (1, 3)
        await store.advance(plan=a_planner(ids))
        assert [run.state for run, _ in await store.runs()] == [RunState.FINISHED, RunState.STOPPED]


async def test_a_page_shows_what_only_a_newer_gateway_has_words_for(kept: Kept) -> None:
    """G6: by the word that it was written with; nobody can agree to it. A comparison that cannot be read is beside."""
    wish = Wish(verb=Verb.EDIT, target=Target.system(CIVIL_STATUS), parameters=b"{}")
    found = Divergent(divergence=Divergence.EXTRA, repair=Repair.ASK, code="H01-9")
    async with kept.opened() as store:
        proposed = await store.propose(wish, by=by())
        spoilt, whole = [await store.ask(CIVIL_STATUS, ("H01-1",), by=by()) for _ in range(2)]
        for one in (spoilt, whole):
            await store.conclude(one.id, Report(compared=1, findings=(found, found)))
    for damage in _NEWER:
        await asyncio.to_thread(kept.spoil, damage.format(proposed.id, spoilt.id))
    async with kept.opened() as store:
        *_, act = await store.acts()
        assert (act.verb, act.target.kind, act.facts["verb"]) == (Verb.OTHER, TargetKind.OTHER, "foresee")
        assert act.target.id == f"ball:{proposed.id}"
        (waiting,) = await store.proposals()
        assert waiting.wish.verb is Verb.OTHER
        with pytest.raises(Unapprovable, match=Objection.CHANGED):
            await store.approve(proposed.id, by=by(BINH), plan=a_planner(FakeIds()))
        shown = {one.id: (one.names, one.counts) for one in await store.reconciliations()}
        assert shown[spoilt.id] == ((_SPOILT,), {})
        assert shown[whole.id][0] == ("H01-1",)
        findings = [one.code for _, one in await store.divergences(spoilt.id)]
        assert findings == [_SPOILT, "H01-9"]


async def _statuses(store: Store, receipt: Receipt) -> list[tuple[str, str, int | None]]:
    view = await store.dossier(receipt.dossier_id)
    assert view
    return [(one.system, one.status.code, one.status.status) for one in view.statuses]


async def test_what_cannot_be_read_leaves_the_feed_for_a_person_and_comes_again_in_order(kept: Kept) -> None:
    """G2, G3, G6: its reader goes on with other dossiers, settles nothing unseen, and misses nothing afterwards."""
    plan = a_planner(FakeIds(), a_book(routes=[a_route(TAX)]))
    async with kept.opened() as store:
        drafts = [a_draft("B"), a_draft("A"), a_draft("A", text="2", kind="dossier.amended"), a_draft("C")]
        done = [one for one in (await store.accept(drafts, plan=plan)).results if isinstance(one, Receipt)]
    await asyncio.to_thread(kept.spoil, _HEAD.format(message=done[1].message_id))
    async with kept.opened() as store:
        page = await store.read(TAX, "", limit=10)
        assert [item.delivery.codes["province"] for item in page.items] == ["B", "C"]
        (held,) = await store.find(state=State.HELD, limit=10)
        assert held.id == done[1].deliveries[0]
        assert held.reason
        assert held.reason.code is Why.DAMAGED
        assert await store.acknowledge(TAX, page.next, plan=plan) == 2
        await store.decide(held.id, Decision.RETRY, by=by(), plan=plan)
        assert not (await store.read(TAX, page.next, limit=10)).items
        await store.decide(held.id, Decision.SKIP, by=by(), plan=plan)
        (shown,) = (await store.read(TAX, page.next, limit=10)).items
        assert shown.delivery.id == done[2].deliveries[0]


def _bounds(now: datetime) -> Bounds:
    return Bounds(now=now, tries=3, late={}, gone=now - timedelta(days=1), files=now, silent={}, soon=now)
