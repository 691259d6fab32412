"""Several nodes over one PostgreSQL database, and a database that hangs, ends or answers too late."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.core.attention import Allowance, Matter
from gateway.core.delivery import Delivery, State
from gateway.core.errors import CursorExpired, Fenced, StoreUnavailable
from gateway.core.handback import Wanted
from gateway.core.ids import NodeId, SystemId
from gateway.core.message import Draft, Known, Receipt
from gateway.core.planning import Planned
from gateway.core.proposals import ALONE, TooMany
from gateway.core.restoring import Restoring, StillServing
from gateway.ports.store import Settled
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres.access import PostgresAccess
from gateway.stores.postgres.connection import LOCK, MIGRATION, Connection, Tuning
from gateway.stores.sql.schema import shipped
from gateway.stores.sqlite.connection import migrate as migrate_file
from gateway.stores.store import Notify
from gateway.testing.books import (
    CIVIL_STATUS,
    TAX,
    a_book,
    a_draft,
    a_patience,
    a_planner,
    a_route,
    a_settlement,
    a_system,
    an_order,
)
from gateway.testing.clock import MONDAY_MORNING, FakeClock
from gateway.testing.evidence import proof_of
from gateway.testing.ids import FakeIds
from gateway.testing.postgres import a_database, database, running, server
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import NODE, slots
from gateway.testing.wire import Wire, through, to_server

OTHER = NodeId("node-2")
TUNING = Tuning(synchronous=False)
_MEANWHILE = 0.3  #: seconds: time enough for a commit that waits for nobody


def _message(kind: bytes, body: bytes) -> bytes:
    """Return one message of PostgreSQL's protocol: its kind, its length, which counts itself, and what it says."""
    return kind + (len(body) + 4).to_bytes(4, "big") + body


@pytest.fixture
async def url() -> AsyncGenerator[str]:
    """Give the address of an empty database."""
    async with database() as address:
        yield address


def node(
    url: str, ids: FakeIds, *, now: datetime = MONDAY_MORNING, tuning: Tuning = TUNING, notify: Notify | None = None
) -> PostgresStore:
    """Return one node's store; its clock is its own affair."""
    return PostgresStore(url, clock=FakeClock(now), ids=ids, tuning=tuning, notify=notify)


@asynccontextmanager
async def nodes(url: str, ids: FakeIds, count: int = 2) -> AsyncGenerator[Sequence[PostgresStore]]:
    """Open the stores of so many nodes of one cluster."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(node(url, ids)) for _ in range(count)]


async def test_accepts_of_two_nodes_into_one_lane_make_one_head(url: str) -> None:
    """G3: however they interleave, one delivery of a lane is on its way, and the others follow in one order."""
    ids = FakeIds()
    plan = a_planner(ids)
    async with nodes(url, ids) as (one, two):
        await one.accept([a_draft("A")], plan=plan)
        said = [a_draft("A", text=str(n), kind="dossier.amended") for n in range(40)]
        calls = (store.accept([draft], plan=plan) for draft, store in zip(said, [one, two] * 20, strict=True))
        answers = await asyncio.gather(*calls)
        assert all(isinstance(answer.results[0], Receipt) for answer in answers)
        sent: list[Delivery] = []
        while claimed := await (one, two)[len(sent) % 2].claim(slots()):
            (head,) = claimed
            sent.append(head)
            assert await (one, two)[len(sent) % 2].settle(a_settlement(head), plan=plan) is Settled.DONE
        assert [delivery.dossier.revision for delivery in sent] == list(range(1, 42))


async def test_a_word_that_is_expected_by_one_node_is_missed_where_another_sends(url: str) -> None:
    """G2: a node that knew of nobody who owed a word noted no taking, and the silence was never told."""
    ids = FakeIds()
    plain, plan = a_planner(ids), a_planner(ids, a_book(systems=[a_system(CIVIL_STATUS, expects_status=True)]))
    at_once = Allowance(delivery=timedelta(days=9), first_status=timedelta(0))
    async with nodes(url, ids) as (one, two):
        for store, code, planner in ((two, "A", plain), (one, "B", plan)):
            await store.accept([a_draft(code)], plan=planner)
            (head,) = await two.claim(slots())
            await two.settle(a_settlement(head), plan=planner)
        found = await one.attention(a_patience(systems={CIVIL_STATUS: at_once}).bounds)
        assert [(entry.cause.matter, entry.number) for entry in found] == [(Matter.SILENT, 1)]


async def test_an_accept_beside_a_settlement_leaves_the_lane_a_head(url: str) -> None:
    """G3, G4: what is said while the one before is settled elsewhere is sent, with no repair."""
    ids = FakeIds()
    plan = a_planner(ids)
    async with nodes(url, ids) as (one, two):
        for code in map(str, range(20)):
            await one.accept([a_draft(code)], plan=plan)
            (head,) = await one.claim(slots())
            said = two.accept([a_draft(code, text="2", kind="dossier.amended")], plan=plan)
            settled, _ = await asyncio.gather(one.settle(a_settlement(head), plan=plan), said)
            assert settled is Settled.DONE
            (following,) = await one.claim(slots())
            assert await two.settle(a_settlement(following), plan=plan) is Settled.DONE
        assert await one.repair() == 0


async def test_what_is_settled_at_once_after_another_node_wrote_lets_its_lanes_go_on(url: str) -> None:
    """G2, G3, G4: what a batch of settlements looks up at once is how it stands, whoever wrote it."""
    ids = FakeIds()
    plan = a_planner(ids)
    async with nodes(url, ids) as (one, two):
        accepted = await one.accept([a_draft(str(n)) for n in range(20)], plan=plan, slots=slots(free=20))
        follow = [a_draft(str(n), text="2", kind="dossier.amended") for n in range(0, 20, 2)]
        await two.accept(follow, plan=plan)
        settlements = [a_settlement(delivery) for delivery in accepted.leased]
        ends = await asyncio.gather(*(one.settle(settlement, plan=plan) for settlement in settlements))
        assert ends == [Settled.DONE] * 20
        claimed = await two.claim(slots(free=20))
        assert sorted(int(delivery.codes["province"]) for delivery in claimed) == list(range(0, 20, 2))
        again = await asyncio.gather(*(one.settle(settlement, plan=plan) for settlement in settlements))
        assert again == [Settled.AGAIN] * 20


async def test_a_reader_of_a_feed_misses_no_row_that_is_committed_late(url: str) -> None:
    """G3: one node's commit is on its way while another accepts and a reader goes on, row by row."""
    ids = FakeIds()
    plan = a_planner(ids, a_book(routes=[a_route(TAX)]))
    wire = Wire(to_server(lambda: url))
    async with wire.laid(), node(url, ids) as two, node(through(wire, url), ids) as one:
        await one.accept([a_draft("first")], plan=plan)
        held = wire.hold_commit()
        late = asyncio.create_task(one.accept([a_draft("late")], plan=plan))
        await held.wait()
        early = asyncio.create_task(two.accept([a_draft("early")], plan=plan))
        await asyncio.wait((early,), timeout=_MEANWHILE)
        before, cursor = await _read_on(two, "")
        wire.mend()
        await asyncio.gather(late, early)
        after, _ = await _read_on(two, cursor)
        assert sorted(before + after) == ["early", "first", "late"]


async def _read_on(store: PostgresStore, cursor: str) -> tuple[list[str], str]:
    """Return what a feed has after a cursor, and the cursor after that."""
    read: list[str] = []
    while (page := await store.read(TAX, cursor, limit=1)).items:
        read += [item.delivery.codes["province"] for item in page.items]
        cursor = page.next
    return read, cursor


async def test_what_is_committed_while_a_node_waits_is_seen_whatever_the_database_says(
    url: str,
) -> None:
    """G2: on a state of before, a writer would do what another has done, and leave what another has brought."""
    ids = FakeIds()
    wire = Wire(to_server(lambda: url))
    otherwise = f"{url}&options={quote('-cdefault_transaction_isolation=serializable')}"
    async with wire.laid(), node(otherwise, ids) as two, node(through(wire, url), ids) as one:
        assert await two.claim(slots()) == ()
        held = wire.hold_commit()
        accepted = asyncio.create_task(one.accept([a_draft("A")], plan=a_planner(ids)))
        await held.wait()
        claimed = asyncio.create_task(two.claim(slots()))
        await asyncio.wait((claimed,), timeout=_MEANWHILE)
        wire.mend()
        await accepted
        assert len(await claimed) == 1


async def test_a_database_in_which_not_every_name_can_be_written_is_refused() -> None:
    """At the start, not with 503 for each dossier with a letter that it lacks."""
    async with a_database("WIN1258") as url:
        with pytest.raises(StoreUnavailable, match="server_encoding = WIN1258, UTF8 is needed: make one with"):
            await node(url, FakeIds()).open()


async def test_tables_that_a_new_schema_hides_are_not_made_anew() -> None:
    """G7: a gateway that began empty would send again what comes again; a schema of a role's name comes first."""
    ids = FakeIds()
    async with a_database() as url:
        async with node(url, ids) as store:
            await store.accept([a_draft("A")], plan=a_planner(ids))
        other = await asyncpg.connect(url)
        await other.execute("CREATE SCHEMA AUTHORIZATION CURRENT_USER")
        with pytest.raises(StoreUnavailable, match=r"tables are in the schema public .*, where .* comes before"):
            await node(url, ids).open()
        async with node(f"{url}&options=-csearch_path%3Dpublic", ids) as store:
            assert len(await store.find()) == 1
        await other.close()


async def test_a_session_that_does_not_go_by_our_settings_is_refused() -> None:
    """G6: a pooler that keeps them to itself would let a node that hangs hold the others up."""
    connection = Connection(await asyncio.to_thread(server), TUNING)
    await asyncio.to_thread(connection.open)
    await asyncio.to_thread(connection.prove)
    await asyncio.to_thread(connection.change, "SET idle_in_transaction_session_timeout = 0")
    with pytest.raises(StoreUnavailable, match=r"idle_in_transaction_session_timeout = 0, 5000 .* pooler"):
        await asyncio.to_thread(connection.prove)
    await asyncio.to_thread(connection.close)


@pytest.mark.parametrize(("option", "setting"), [("-F", "fsync"), ("-cfull_page_writes=off", "full_page_writes")])
def test_a_server_that_does_not_sync_is_refused(option: str, setting: str) -> None:
    """G1: what it says yes to is not on its disk. Where nothing is promised, as in a measurement, it will do."""
    with TemporaryDirectory(prefix="gateway-postgres-") as folder, running(folder, option) as address:
        _open(address, TUNING)
        with pytest.raises(StoreUnavailable, match=f"has {setting} = off, on is needed: a power cut"):
            _open(address, replace(TUNING, synchronous=True))


def _open(address: str, tuning: Tuning) -> None:
    connection = Connection(address, tuning)
    connection.open()
    try:
        connection.prove()
    finally:
        connection.close()


async def test_nobody_who_writes_waits_for_a_trial_of_handing_back(url: str) -> None:
    """G6: it looks at all that a system was to have, and writes nothing."""
    ids = FakeIds()
    wanted = Wanted(system=CIVIL_STATUS, since=MONDAY_MORNING)
    writing = await asyncpg.connect(url)
    async with node(url, ids) as store, asyncio.timeout(5):
        await store.accept([a_draft("A")], plan=a_planner(ids))
        await writing.execute(f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
        tried = await store.hand_back(
            wanted, rehearsed=lambda _system, _route: False, by=by(), plan=a_planner(ids), is_trial=True
        )
        assert len(tried.items) == 1
    writing.terminate()


async def test_who_finds_nothing_to_claim_takes_no_turn(url: str) -> None:
    """What another node knows stays true: it need not ask again, and no commit waits for the disk."""
    ids = FakeIds()
    async with nodes(url, ids) as (one, two):
        await one.accept([a_draft("A")], plan=a_planner(ids))
        before = await asyncio.to_thread(writer_of, url)
        assert await two.claim(slots(free=0)) == ()
        assert await asyncio.to_thread(writer_of, url) == before
        assert len(await two.claim(slots())) == 1
        assert await asyncio.to_thread(writer_of, url) != before


def writer_of(url: str) -> str:
    """Return the connection that wrote last."""
    connection = Connection(url, TUNING)
    connection.open()
    try:
        return str(connection.read("SELECT writer FROM turn", ())[0][0])
    finally:
        connection.close()


async def test_one_dedup_key_at_two_nodes_is_one_message(url: str) -> None:
    """G7: whoever comes second hears what the first was told."""
    ids = FakeIds()
    plan = a_planner(ids)
    async with nodes(url, ids) as (one, two):
        calls = (store.accept([a_draft("A", dedup_key="1")], plan=plan) for store in [one, two] * 10)
        answers = [answer.results[0] for answer in await asyncio.gather(*calls)]
        receipts = [answer for answer in answers if isinstance(answer, Receipt)]
        assert len(receipts) == 20
        assert sum(not receipt.duplicate for receipt in receipts) == 1
        assert len({receipt.message_id for receipt in receipts}) == 1


async def test_replays_begun_at_two_nodes_by_one_person_count_together(url: str) -> None:
    """Four eyes: of many that are too many only together, as many begin as one person may, wherever."""
    tenth = ALONE // 10
    async with nodes(url, FakeIds()) as (one, two):
        calls = (
            store.begin_run(an_order(*range(number * tenth, (number + 1) * tenth)), by=by())
            for number, store in enumerate([one, two] * 8)
        )
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in found].count(TooMany) == 6
        assert len(await two.runs()) == 10


async def test_a_reader_of_a_feed_misses_nothing_that_is_written_at_two_nodes(url: str) -> None:
    """G3: numbers are given in the order of the commits, so a cursor never passes a row that is still to come."""
    ids = FakeIds()
    plan = a_planner(ids, a_book(routes=[a_route(TAX)]))
    async with nodes(url, ids, 3) as (one, two, reader):
        writing = asyncio.gather(
            *(store.accept([a_draft(f"{n}")], plan=plan) for n, store in enumerate([one, two] * 40)),
        )
        read: list[str] = []
        cursor, last_look = "", False
        while not last_look:
            last_look = writing.done()
            page = await reader.read(TAX, cursor, limit=7)
            while page.items:
                read += [item.delivery.codes["province"] for item in page.items]
                cursor = page.next
                page = await reader.read(TAX, cursor, limit=7)
        await writing
        assert sorted(read, key=int) == [str(n) for n in range(80)]


async def test_a_node_takes_over_what_a_dead_one_had(url: str) -> None:
    """G11: within the lease where it died without a word, at once where it left."""
    ids = FakeIds()
    plan = a_planner(ids)
    short = replace(slots(), lease_for=timedelta(0))
    async with nodes(url, ids) as (one, two):
        await one.join(NODE, config="config-1")
        await two.join(OTHER, config="config-1")
        await one.accept([a_draft("A"), a_draft("B")], plan=plan)
        kept, lapsed = (await one.claim(slots(free=1))), (await one.claim(short))
        assert len(kept) == len(lapsed) == 1
        (taken,) = await two.reclaim(slots(node=OTHER), limit=10)
        assert (taken.id, taken.reclaims) == (lapsed[0].id, 1)
        await one.leave(NODE)
        (left,) = await two.reclaim(slots(node=OTHER), limit=10)
        assert left.id == kept[0].id


async def test_who_joins_ends_nobody_that_lives(url: str) -> None:
    """G11: nodes come and go freely."""
    ids = FakeIds()
    async with nodes(url, ids) as (one, two):
        await one.join(NODE, config="config-1")
        await two.join(OTHER, config="config-1")
        assert (await one.beat(NODE, {})).nodes == (OTHER, NODE)
        await two.beat(OTHER, {})


async def test_a_database_that_somebody_serves_is_not_marked_as_put_back(url: str) -> None:
    """G4: whoever serves would go on by what it knows; once all have ended, each finds the new epoch."""
    ids = FakeIds()
    what = Restoring(systems=(CIVIL_STATUS,))
    async with nodes(url, ids) as (one, two):
        await one.join(NODE, config="config-1")
        cursor = (await one.read(TAX, "", limit=1)).next
        with pytest.raises(StillServing, match=NODE):
            await two.restored(what, by=by())
        assert not (await two.fleet()).pauses
        await one.leave(NODE)
        await two.restored(what, by=by())
        with pytest.raises(CursorExpired):
            await one.read(TAX, cursor, limit=1)


async def test_who_joins_after_an_outage_ends_nobody_that_had_no_time_to_speak(url: str) -> None:
    """G4, G11: where nobody gave a sign of life nobody could; who is silent for as long as others were not is dead."""
    ids, tuning, clock = FakeIds(), replace(TUNING, silence=timedelta(seconds=30), own_time=True), FakeClock()
    async with PostgresStore(url, clock=clock, ids=ids, tuning=tuning) as store:
        await store.join(NODE, config="config-1")
        await store.join(OTHER, config="config-1")
        clock.advance(120)  # the database was away; one is heard, two join, and only then is the other one heard
        await store.beat(OTHER, {})
        await store.join(NodeId("node-3"), config="config-1")
        await store.join(NodeId("node-4"), config="config-1")
        await store.beat(NODE, {})
        for _ in range(3):
            clock.advance(11)
            await store.beat(OTHER, {})
        await store.join(NodeId("node-5"), config="config-1")
        with pytest.raises(Fenced):
            await store.beat(NODE, {})
        assert (await store.beat(OTHER, {})).nodes == ("node-5", OTHER)


async def test_who_takes_the_place_of_one_that_is_gone_has_its_work_at_once(url: str) -> None:
    """G11: within no lease; what had begun is in doubt, as after any other end."""
    ids = FakeIds()
    plan = a_planner(ids)
    async with nodes(url, ids) as (one, two):
        await one.join(NODE, config="config-1")
        await one.accept([a_draft("A")], plan=plan)
        (claimed,) = await one.claim(slots())
        await two.join(OTHER, config="config-1")
        assert await two.reclaim(slots(node=OTHER), limit=10) == ()
        await two.join(NodeId("node-3"), config="config-1", after=NODE)
        (taken,) = await two.reclaim(slots(node=OTHER), limit=10)
        assert (taken.id, taken.lease is not None and taken.lease.begun) == (claimed.id, True)
        with pytest.raises(Fenced):
            await one.beat(NODE, {})
        await two.join(NodeId("node-4"), config="config-1", after=NODE)
        assert (await two.beat(OTHER, {})).nodes == ("node-4", "node-3", OTHER)


async def test_who_is_silent_has_no_share_of_a_systems_limits(url: str) -> None:
    """G11: before anybody has ended it, too."""
    ids = FakeIds()
    tuning = replace(TUNING, silence=timedelta(0))
    async with node(url, ids, tuning=tuning) as one, node(url, ids) as two:
        await two.join(OTHER, config="config-1")
        assert (await one.fleet()).nodes == ()
        assert (await two.fleet()).nodes == (OTHER,)


async def test_clocks_that_differ_by_minutes_shorten_no_lease(url: str) -> None:
    """G2: leases and moments are the database's, whatever a node believes."""
    ids = FakeIds()
    plan = a_planner(ids)
    ahead, behind = MONDAY_MORNING + timedelta(minutes=5), MONDAY_MORNING - timedelta(minutes=5)
    async with node(url, ids, now=ahead) as one, node(url, ids, now=behind) as two:
        await two.accept([a_draft("A"), a_draft("B")], plan=plan)
        assert len(await two.claim(slots(free=1))) == 1
        assert await one.reclaim(slots(node=OTHER), limit=10) == ()
        assert len(await one.claim(slots(node=OTHER))) == 1
        views = await one.find()
        assert len({view.created_at.replace(minute=0, second=0, microsecond=0) for view in views}) == 1


async def test_a_node_that_hangs_in_its_transaction_is_cut_off(url: str) -> None:
    """G6: the server ends what stands still, and the others go on."""
    ids = FakeIds()
    hanging = Connection(url, replace(TUNING, idle=timedelta(milliseconds=100)))
    await asyncio.to_thread(hanging.open)
    await asyncio.to_thread(hanging.change, f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
    async with node(url, ids) as store:
        await store.accept([a_draft("A")], plan=a_planner(ids))
        assert len(await store.find()) == 1
    await asyncio.to_thread(hanging.close)


@pytest.mark.parametrize(
    "half",
    [
        _message(b"P", b"\0SELECT 1\0\0\0"),  # a statement to prepare, and no word that it may be run
        _message(b"Q", b"SELECT repeat('x', 30000000)\0"),  # a question whose answer nobody reads
    ],
    ids=["half an exchange", "an answer that nobody reads"],
)
async def test_a_node_that_hangs_in_an_exchange_is_ended_by_who_waits(url: str, half: bytes) -> None:
    """G6: no limit of the server's runs while it waits for the other half; who could not write asks for its end."""
    ids = FakeIds()
    tuning = replace(TUNING, idle=timedelta(milliseconds=100), wait=timedelta(milliseconds=300))
    hurried = f"{url}&options={quote('-cstatement_timeout=200')}"  # less than who waits is given
    async with node(hurried, ids, tuning=tuning) as store:
        hanging = await asyncpg.connect(url, server_settings={"idle_in_transaction_session_timeout": "100"})
        await hanging.execute(f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
        transport = hanging._transport  # noqa: SLF001 - asyncpg sends no halves
        transport.pause_reading()
        transport.write(half)
        with pytest.raises(StoreUnavailable):
            await store.accept([a_draft("A")], plan=a_planner(ids))
        while not await store.find():  # the server may have been at work on the answer still
            with contextlib.suppress(StoreUnavailable):
                await store.accept([a_draft("A")], plan=a_planner(ids))
    hanging.terminate()


@pytest.mark.parametrize("lock", [LOCK, MIGRATION], ids=["writes", "changes the schema"])
async def test_who_hangs_keeps_no_new_version_out(lock: int) -> None:
    """G6: who would change the schema and waits in vain ends it too, and says so in the log."""
    tuning = replace(TUNING, idle=timedelta(0), wait=timedelta(milliseconds=50))
    async with a_database() as url:
        hanging = await asyncpg.connect(url)
        await hanging.execute(f"BEGIN; SELECT pg_advisory_xact_lock({lock})")
        with capture_logs() as logged, pytest.raises(StoreUnavailable, match="LockNotAvailable"):
            await node(url, FakeIds(), tuning=tuning).open()
        assert [line["event"] for line in logged] == ["hanging_session_ended"]
        async with node(url, FakeIds()) as store:
            assert await store.find() == ()
        hanging.terminate()


async def test_who_may_not_end_who_hangs_hears_what_it_waited_for() -> None:
    """G6: the session of another role; a person must end it, and the error says no less than before."""
    url = await asyncio.to_thread(server)
    hanging = await asyncpg.connect(url)
    await hanging.execute(f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
    waiting = Connection(url, replace(TUNING, idle=timedelta(0), wait=timedelta(milliseconds=10)))
    await asyncio.to_thread(waiting.open)
    await asyncio.to_thread(waiting.change, "SET ROLE pg_monitor")  # sees all sessions and ends none
    with pytest.raises(asyncpg.LockNotAvailableError):
        await asyncio.to_thread(PostgresAccess(waiting, "node").begin)
    assert not waiting.in_transaction
    assert await hanging.fetchval("SELECT 1")
    await asyncio.to_thread(waiting.close)
    hanging.terminate()


async def test_who_waits_ends_nobody_that_works(url: str) -> None:
    """G6: a writer that takes long is waited for, however often one gives up: its server's side is at work."""
    ids = FakeIds()
    slow = Connection(url, TUNING)
    tuning = replace(TUNING, idle=timedelta(milliseconds=100), wait=timedelta(milliseconds=300))
    async with node(url, ids, tuning=tuning) as store:
        await asyncio.to_thread(slow.open)
        await asyncio.to_thread(slow.change, f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
        working = asyncio.create_task(asyncio.to_thread(slow.read, "SELECT 1 FROM pg_sleep(3)", ()))
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                await store.accept([a_draft("A")], plan=a_planner(ids))
        assert await working
        await asyncio.to_thread(slow.change, "COMMIT")
        await store.accept([a_draft("A")], plan=a_planner(ids))
    await asyncio.to_thread(slow.close)


SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'gateway%' AND datname = current_database()"
)


async def end_connections(url: str) -> None:
    """End all gateways' connections to a database, as a restart of its server does."""
    other = await asyncpg.connect(url)
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'gateway%'"
    await other.execute(f"{ends} AND datname = current_database()")
    await other.close()


async def end_next_listening(url: str) -> None:
    """End the connection by which a node hears the others of a database, as soon as it listens."""
    other = await asyncpg.connect(url)
    ends = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND state = 'idle'"
    while not await other.fetch(f"{ends} AND datname = current_database()"):
        pass  # it is on its way
    await other.close()


async def test_connections_that_end_are_opened_again(url: str) -> None:
    """G1: who was writing hears StoreUnavailable, and the next one is served; who reads hears nothing of it."""
    ids = FakeIds()
    plan = a_planner(ids)
    async with node(url, ids) as store:
        await store.accept([a_draft("A")], plan=plan)
        assert len(await store.find()) == 1
        await end_connections(url)
        with pytest.raises(StoreUnavailable):
            await store.accept([a_draft("B")], plan=plan)
        await store.accept([a_draft("B")], plan=plan)
        assert len(await store.find()) == 2
        assert store.is_alive


async def test_who_reads_and_is_refused_once_reads_again_when_that_is_over(url: str) -> None:
    """G6: over the connection of before, whose transaction had begun and failed, every reader was refused for good."""
    tuning = replace(TUNING, wait=timedelta(milliseconds=50))
    async with node(url, FakeIds(), tuning=tuning) as store:
        assert [await store.find(), await store.find()] == [(), ()]
        other = await asyncpg.connect(url)
        before = await other.fetchval(SESSIONS)
        await other.execute("BEGIN; LOCK TABLE meta IN ACCESS EXCLUSIVE MODE")
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                await store.find()
        await other.execute("COMMIT")
        assert [await store.find(), await store.find()] == [(), ()]
        async with asyncio.timeout(5):
            while await other.fetchval(SESSIONS) > before:  # those of before are ended
                pass
        other.terminate()


async def test_an_answer_to_a_commit_that_is_lost_doubles_nothing(url: str) -> None:
    """G7: nobody knows whether it was kept; who repeats it under its key is told, and it is there once."""
    ids = FakeIds()
    plan = a_planner(ids)
    wire = Wire(to_server(lambda: url))
    async with wire.laid(), node(through(wire, url), ids) as store:
        await store.accept([a_draft("A", dedup_key="1")], plan=plan)
        lost = wire.lose_commit()
        with pytest.raises(StoreUnavailable):
            await store.accept([a_draft("B", dedup_key="2")], plan=plan)
        assert lost.is_set()
        (answer,) = (await store.accept([a_draft("B", dedup_key="2")], plan=plan)).results
        assert isinstance(answer, Receipt)
        assert len(await store.find(destination=CIVIL_STATUS)) == 2


async def test_a_server_that_falls_silent_in_a_transaction_is_waited_for_once(url: str) -> None:
    """G6: its callers hear after one wait that nothing is known; a ROLLBACK would wait as long again."""
    ids = FakeIds()
    plan = a_planner(ids)
    wire = Wire(to_server(lambda: url))
    answer = timedelta(seconds=1)

    def silenced(draft: Draft, known: Known) -> Planned:
        wire.silence()
        return plan(draft, known)

    async with wire.laid(), node(through(wire, url), ids, tuning=replace(TUNING, answer=answer)) as store:
        with pytest.raises(StoreUnavailable):
            async with asyncio.timeout(2 * answer.total_seconds()):
                await store.accept([a_draft("A")], plan=silenced)
        wire.mend()
        await store.accept([a_draft("B")], plan=plan)
        assert len(await store.find()) == 1


async def test_the_chains_of_nodes_that_write_at_once_are_whole(url: str) -> None:
    """G10: each has its own; the next one names the ends of those before it."""
    ids = FakeIds()
    plan = a_planner(ids)
    async with nodes(url, ids) as (one, two):
        await one.join(NODE, config="config-1")
        await two.join(OTHER, config="config-1")
        await asyncio.gather(*(store.accept([a_draft(f"{n}")], plan=plan) for n, store in enumerate([one, two] * 20)))
        await two.leave(OTHER)
        await two.join(NodeId("node-3"), config="config-1")
        await one.accept([a_draft("last")], plan=plan)
        proof = await proof_of(one)
        assert proof.report.bad is None
        assert [chain.node for chain in proof.report.chains] == [NODE, OTHER, "node-3"]


async def test_a_node_whose_connection_ended_goes_on_with_its_own_chain(url: str) -> None:
    """G10: another one, under no node's name, would be named as ended while it still grows."""
    ids = FakeIds()
    async with node(url, ids) as one, node(url, ids) as two:
        await one.join(NODE, config="config-1")
        await end_connections(url)
        with pytest.raises(StoreUnavailable):
            await one.accept([a_draft("A")], plan=a_planner(ids))
        await one.accept([a_draft("A")], plan=a_planner(ids))
        await two.join(OTHER, config="config-1")
        proof = await proof_of(two)
        assert proof.report.bad is None
        assert [chain.node for chain in proof.report.chains] == [NODE, OTHER]


async def test_a_chain_whose_beginning_was_undone_is_not_another_node_s(url: str) -> None:
    """G10: the place that it was to have is taken by who came first."""
    ids = FakeIds()
    plan = a_planner(ids)

    def breaks_at_the_second(draft: Draft, known: Known) -> Planned:
        if draft.codes[0].value == "B":
            raise LookupError
        return plan(draft, known)

    async with nodes(url, ids) as (one, two):
        with pytest.raises(LookupError):
            await one.accept([a_draft("A"), a_draft("B")], plan=breaks_at_the_second)
        await two.join(OTHER, config="config-1")
        await one.accept([a_draft("A")], plan=plan)
        await two.accept([a_draft("B")], plan=plan)
        chains = (await proof_of(two)).report.chains
        assert [(chain.node == OTHER, chain.last) for chain in chains] == [(True, 3), (False, 2)]


async def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    """What happened and where; never the password."""
    store = node(f"postgresql://gateway:secret@/gateway?host={tmp_path}", FakeIds())
    with pytest.raises(StoreUnavailable, match="cannot be opened") as told:
        await store.open()
    assert "secret" not in str(told.value)


async def test_state_is_found_from_either_node(url: str) -> None:
    """An operator asks any of them."""
    ids = FakeIds()
    plan = a_planner(ids)
    async with nodes(url, ids) as (one, two):
        await one.accept([a_draft("A")], plan=plan)
        (head,) = await two.claim(slots())
        await two.settle(a_settlement(head, State.HELD), plan=plan)
        assert [view.state for view in await one.find()] == [State.HELD]


async def test_a_node_hears_what_another_has_accepted(url: str) -> None:
    """G4: within a moment, and not what it said itself a second time."""
    ids = FakeIds()
    plan = a_planner(ids)
    heard: asyncio.Queue[frozenset[SystemId]] = asyncio.Queue()
    async with node(url, ids) as one, node(url, ids, notify=heard.put_nowait) as two:
        await two.heard()
        await one.accept([a_draft("A")], plan=plan)
        assert await heard.get() == {CIVIL_STATUS}
        await two.accept([a_draft("B")], plan=plan)
        await one.accept([a_draft("C")], plan=plan)
        assert [await heard.get(), await heard.get()] == [{CIVIL_STATUS}] * 2
        assert heard.empty()


@pytest.mark.timeout(60)
async def test_other_nodes_are_heard_again_soon_however_often_the_line_is_lost(url: str) -> None:
    """A loss showed with the next sign of life, 30 s later, and each was waited out longer than the one before."""
    ids = FakeIds()
    plan = a_planner(ids)
    heard: asyncio.Queue[frozenset[SystemId]] = asyncio.Queue()
    async with node(url, ids) as one, node(url, ids, notify=heard.put_nowait):
        with capture_logs() as lines:
            async with asyncio.timeout(20):
                for _ in range(10):
                    await end_next_listening(url)
                while heard.empty():
                    await one.accept([a_draft(ids.token())], plan=plan)
        assert [line["event"] for line in lines if line["log_level"] == "warning"] == ["bell_lost"] * 10


#: Tables that one of the drivers keeps in its own way.
_OWN = {"evidence", "evidence_chain", "turn", "schema_version"}


async def test_both_drivers_keep_the_same_tables(url: str, tmp_path: Path) -> None:
    """The statements are the same, so a column that one schema gets the other must get too."""
    file = sqlite3.connect(tmp_path / "gateway.db", isolation_level=None)
    migrate_file(file, shipped("gateway.stores.sqlite"))
    tables = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    here = {(table, row[1]) for table in tables for row in file.execute(f"PRAGMA table_info({table})")}
    indexes = {
        row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    }
    file.close()
    async with node(url, FakeIds()):
        connection = Connection(url, TUNING)
        await asyncio.to_thread(connection.open)
        columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        there = {(row[0], row[1]) for row in await asyncio.to_thread(connection.read, columns, ())}
        named = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
        kept = {row[0] for row in await asyncio.to_thread(connection.read, named, ())}
        await asyncio.to_thread(connection.close)
    assert {pair for pair in here if pair[0] not in _OWN} == {pair for pair in there if pair[0] not in _OWN}
    assert indexes <= kept
