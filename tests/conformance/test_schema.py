"""Gateways of two versions over one database: the older one goes on beside what the newer one added, and back."""

import asyncio
import re
import sqlite3
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.app.stores import tell
from gateway.core.adoption import Adoption, AdoptionList
from gateway.core.delivery import State
from gateway.core.errors import StoreUnavailable
from gateway.core.message import Code, Receipt, SourceStatus
from gateway.core.retention import Rule
from gateway.ports.store import Settled, Store
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres.connection import OUTSIDE as OUTSIDE_LOCK
from gateway.stores.postgres.connection import Connection
from gateway.stores.postgres.connection import migrate as migrate_database
from gateway.stores.sql.schema import Schema, Standing, is_outside, oldest_of, shipped
from gateway.stores.sql.store import SqlStore
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.connection import Tuning, connect
from gateway.stores.sqlite.connection import migrate as migrate_file
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_draft, a_planner, a_settlement
from gateway.testing.clock import MONDAY_MORNING, FakeClock
from gateway.testing.evidence import proof_of
from gateway.testing.ids import FakeIds
from gateway.testing.postgres import TUNING, a_database, empty_database
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import NODE, slots
from tools.statements import FOLDER as STATEMENTS
from tools.statements import read

#: Invented rows, as they were kept when there was only the first step.
FIRST = (Path(__file__).parents[1] / "samples" / "schema" / "first.sql").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Place:
    """A database, and the gateways that know a schema of it."""

    today: Schema
    open: Callable[[Schema], SqlStore]
    keep_first: Callable[[], None]  #: makes it as the first version would, with rows in it, then takes step by step

    def later(self) -> Schema:
        """Return today's schema and a step that adds to every table."""
        tables = re.findall(r"^CREATE TABLE (\w+) \(", "".join(self.today.steps), re.MULTILINE)
        columns = "".join(f"ALTER TABLE {table} ADD COLUMN later INTEGER;\n" for table in tables)
        return self.today.then(f"{columns}CREATE TABLE later (id INTEGER);\nCREATE INDEX later_id ON later (id);")


@pytest.fixture
def ids() -> FakeIds:
    return FakeIds()


@pytest.fixture(params=["sqlite", "postgres"])
async def place(request: pytest.FixtureRequest, tmp_path: Path, ids: FakeIds) -> AsyncGenerator[Place]:
    """Give a place without a schema yet, of each driver."""
    today = shipped(f"gateway.stores.{request.param}")
    clock = FakeClock()
    if request.param == "sqlite":
        path = tmp_path / "gateway.db"

        def open_file(schema: Schema) -> SqlStore:
            return SqliteStore(path, clock=clock, ids=ids, tuning=Tuning(schema=schema))

        yield Place(today, open_file, partial(_first_file, path, today))
        return
    async with a_database() as url:
        yield Place(today, partial(_node, url, clock, ids), partial(_first_database, url, today))


def _node(url: str, clock: FakeClock, ids: FakeIds, schema: Schema) -> SqlStore:
    return PostgresStore(url, clock=clock, ids=ids, tuning=replace(TUNING, schema=schema))


def _first_file(path: Path, today: Schema) -> None:
    connection = connect(path, Tuning())
    migrate_file(connection, Schema(today.steps[:1]))
    connection.executescript(FIRST)
    for number in range(2, today.number + 1):
        migrate_file(connection, Schema(today.steps[:number]))
    connection.close()


def _first_database(url: str, today: Schema) -> None:
    connection = Connection(url, TUNING)
    connection.open()
    migrate_database(connection, Schema(today.steps[:1]))
    connection.change(FIRST.replace(" AS BLOB)", " AS bytea)"))
    for number in range(2, today.number + 1):
        migrate_database(connection, Schema(today.steps[:number]))
    connection.close()


def told_of(store: SqlStore) -> list[tuple[str, int, int]]:
    """What a start logs about the schema that it found."""
    with capture_logs() as lines:
        tell(store)
    return [(line["event"], line["found"], line["known"]) for line in lines]


async def test_an_older_gateway_goes_on_with_what_a_newer_one_left(place: Place, ids: FakeIds) -> None:
    """There and back: nothing that either accepted is lost, sent twice or unproved."""
    plan = a_planner(ids)
    async with place.open(place.today) as older:
        assert told_of(older) == []
        await older.join(NODE, config="config-1")
        await older.accept([a_draft("A", dedup_key="1")], plan=plan)
        (first,) = await older.claim(slots())
    async with place.open(place.later()) as newer:
        assert told_of(newer) == [("schema_raised", place.today.number, place.today.number + 1)]
        assert await newer.settle(a_settlement(first), plan=plan) is Settled.DONE
        await newer.accept([a_draft("B")], plan=plan)
    async with place.open(place.today) as older:
        assert told_of(older) == [("schema_newer", place.today.number + 1, place.today.number)]
        again, _ = (await older.accept([a_draft("A", dedup_key="1"), a_draft("C")], plan=plan)).results
        assert isinstance(again, Receipt)
        assert again.duplicate
        for delivery in await older.claim(slots()):
            assert await older.settle(a_settlement(delivery), plan=plan) is Settled.DONE
        assert len(await older.find(destination=CIVIL_STATUS, state=State.DELIVERED)) == 3
        assert (await proof_of(older)).report.bad is None


async def test_a_gateway_that_runs_goes_on_while_a_newer_one_adds() -> None:
    """Several over one database are updated one after the other: what is prepared and known stays good."""
    ids, today = FakeIds(), shipped("gateway.stores.postgres")
    plan = a_planner(ids)
    async with a_database() as url:
        place = Place(today, partial(_node, url, FakeClock(), ids), partial(_first_database, url, today))
        async with place.open(today) as older:
            await older.join(NODE, config="config-1")
            await older.accept([a_draft("A"), a_draft("B")], plan=plan)
            (first, *_) = await older.claim(slots(free=1))
            later = place.later().then("UPDATE delivery SET tries = tries + 5;")
            async with place.open(later) as newer:
                assert await older.settle(a_settlement(first), plan=plan) is Settled.DONE
                (settled,) = await older.find(state=State.DELIVERED)
                assert settled.tries == 6, "what it knew without asking is void"
                await asyncio.gather(
                    *(store.accept([a_draft(f"C{n}")], plan=plan) for n, store in enumerate((older, newer)))
                )
                for store in (older, newer, older):
                    (head,) = await store.claim(slots(free=1))
                    assert await store.settle(a_settlement(head), plan=plan) is Settled.DONE
                assert len(await older.find(state=State.DELIVERED)) == 4
                assert (await proof_of(older)).report.bad is None


#: Indexes what years may have left.
OUTSIDE = """-- Outside of a transaction.
DROP INDEX CONCURRENTLY IF EXISTS later;
CREATE INDEX CONCURRENTLY later ON message (accepted_at, seq);
"""
#: Who makes an index and waits for a transaction that was there before.
WAITS = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONC%' AND wait_event_type = 'Lock'"
IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'later'::regclass"


async def test_a_step_outside_of_a_transaction_stops_nobody_and_is_begun_again(ids: FakeIds) -> None:
    """Whoever is at work goes on while it lasts; a half-made index that its end leaves is not taken for one."""
    today, plan = shipped("gateway.stores.postgres"), a_planner(ids)
    later = today.then(OUTSIDE).then("CREATE TABLE later_still (id INTEGER);")
    async with a_database() as url, _node(url, FakeClock(), ids, today) as older:
        before, other = await asyncpg.connect(url), await asyncpg.connect(url)
        await before.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM message")
        opening = asyncio.create_task(_node(url, FakeClock(), ids, later).open())
        while (process := await other.fetchval(WAITS)) is None:
            assert not opening.done()
        await older.accept([a_draft("A")], plan=plan)
        await other.execute(f"SELECT pg_terminate_backend({process})")
        with pytest.raises(StoreUnavailable):
            await opening
        assert await other.fetchval(IS_VALID) is False
        await before.execute("COMMIT")
        async with _node(url, FakeClock(), ids, later) as newer:
            assert newer.standing == Standing(found=today.number, known=later.number)
            assert await other.fetchval(IS_VALID) is True
            await older.accept([a_draft("B")], plan=plan)
            assert len(await newer.find()) == 2
        before.terminate()
        other.terminate()


async def test_who_takes_a_step_outside_of_a_transaction_is_waited_for(ids: FakeIds) -> None:
    """By looking now and then: it would wait for a statement that waits for it."""
    today = shipped("gateway.stores.postgres")
    tuning = replace(TUNING, schema=today.then(OUTSIDE), wait=timedelta(0))
    async with a_database() as url:
        other = await asyncpg.connect(url)
        await other.execute(f"SELECT pg_advisory_lock({OUTSIDE_LOCK})")
        store = PostgresStore(url, clock=FakeClock(), ids=ids, tuning=tuning)
        with pytest.raises(StoreUnavailable, match="another gateway takes a step of the schema that lasts"):
            await store.open()
        await other.close()
        async with PostgresStore(url, clock=FakeClock(), ids=ids, tuning=tuning) as store:
            assert store.standing == Standing(found=today.number, known=today.number + 1)


async def test_a_step_that_takes_away_refuses_who_cannot_do_without(place: Place) -> None:
    """It names the schema that code must know; one that knows so much, and not the newest, may still start."""
    added = place.later()
    newest = _contracted(added).then("CREATE TABLE x (id INTEGER);")
    async with place.open(newest):
        pass
    with pytest.raises(StoreUnavailable, match=f"schema {added.number} or later, this one knows {place.today.number}"):
        await place.open(place.today).open()
    async with place.open(added) as between:
        assert between.standing == Standing(found=added.number + 2, known=added.number)
        assert await between.find() == ()


def _contracted(schema: Schema) -> Schema:
    return schema.then(f"-- Contracts: schema {schema.number} or later\nDROP TABLE later;")


async def test_a_step_that_takes_away_waits_until_no_older_gateway_is_at_work() -> None:
    """Whoever is connected goes on; who connects later is refused; and the newer one says what to do."""
    ids, today = FakeIds(), shipped("gateway.stores.postgres")
    async with a_database() as url:
        place = Place(today, partial(_node, url, FakeClock(), ids), partial(_first_database, url, today))
        newest = _contracted(place.later())
        async with place.open(today) as older:
            await older.accept([a_draft("A")], plan=a_planner(ids))
            with pytest.raises(StoreUnavailable, match=f"knows less than schema {today.number + 1} is at work"):
                await place.open(newest).open()
            async with place.open(place.later()):
                pass
            await older.accept([a_draft("B")], plan=a_planner(ids))
        async with place.open(today) as idle, place.open(newest) as newer:
            assert len(await newer.find()) == 2
            with pytest.raises(StoreUnavailable, match="or later, this one knows"):
                await idle.find()


async def test_once_something_is_erased_no_gateway_works_here_that_cannot_tell(place: Place, ids: FakeIds) -> None:
    """G7: one that knows no marks would take what is said of an erased dossier for new; until then it may go on."""
    older = _without_marks(place.today)
    async with place.open(place.today) as store:
        await _end_one(store, ids)
    async with place.open(older):
        pass
    async with place.open(place.today) as store:
        await _erase_one(store)
    with pytest.raises(StoreUnavailable, match=_too_old(older)):
        await place.open(older).open()


async def test_one_that_is_at_work_goes_no_further_once_something_is_erased() -> None:
    """G7: it hears so with its next transaction, whichever connection it has had for how long."""
    ids, today = FakeIds(), shipped("gateway.stores.postgres")
    async with a_database() as url:
        place = Place(today, partial(_node, url, FakeClock(), ids), partial(_first_database, url, today))
        async with place.open(today) as store, place.open(_without_marks(today)) as older:
            await _end_one(store, ids)
            await older.accept([a_draft("B")], plan=a_planner(ids))
            assert len(await older.find()) == 1
            await _erase_one(store)
            with pytest.raises(StoreUnavailable, match=_too_old(_without_marks(today))):
                await older.accept([a_draft("C")], plan=a_planner(ids))
            with pytest.raises(StoreUnavailable, match=_too_old(_without_marks(today))):
                await older.find()
            assert older.is_alive


def _without_marks(today: Schema) -> Schema:
    return Schema(today.steps[: next(number for number, step in enumerate(today.steps) if "once_erased" in step)])


def _too_old(schema: Schema) -> str:
    return f"schema {schema.number + 1} or later, this one knows {schema.number}"


async def _end_one(store: Store, ids: FakeIds) -> None:
    item = Adoption(
        row=2,
        codes=(Code("province", "A"),),
        system=CIVIL_STATUS,
        synced_at=MONDAY_MORNING - timedelta(days=1),
        status=SourceStatus(status=9),
    )
    listed = AdoptionList(source=PORTAL, items=(item,), file_sha256="f" * 64)
    await store.adopt(listed, by=by(), plan=a_planner(ids))


async def _erase_one(store: Store) -> None:
    at_once = Rule(term=timedelta(seconds=-1))
    (case,) = (await store.survey(at_once, after=None, limit=1)).ripe
    assert len(await store.erase([case.root], rule=at_once)) == 1


async def test_what_the_first_version_kept_works_today(place: Place, ids: FakeIds) -> None:
    """Every step on the way finds rows, and what they say of them is right."""
    await asyncio.to_thread(place.keep_first)
    plan = a_planner(ids)
    async with place.open(place.today) as store:
        assert store.standing == Standing(found=place.today.number, known=place.today.number)
        await store.join(NODE, config="config-1")
        (ended,) = await store.dossiers("B")
        assert [(view.system, view.status.text) for view in ended.statuses] == [(CIVIL_STATUS, "done")]
        (delivery,) = await store.claim(slots())
        assert (delivery.message.payload.body, delivery.codes) == (b'{"code":"A"}', {"province": "A"})
        assert await store.settle(a_settlement(delivery), plan=plan) is Settled.DONE
        assert (await store.counts())[0].by_state[State.DELIVERED] == 2


def test_what_earlier_versions_ask_a_file_can_still_be_asked(tmp_path: Path) -> None:
    """Every statement of a version that may still work on today's schema: SQLite plans it there."""
    today = shipped("gateway.stores.sqlite")
    connection = connect(tmp_path / "gateway.db", Tuning())
    migrate_file(connection, today)
    for asked in _of_earlier("sqlite", today):
        named = defaultdict[str, None](lambda: None)
        connection.execute(f"EXPLAIN {asked}", [None] * asked.count("?") or named)
    connection.close()


def test_what_earlier_versions_ask_a_server_can_still_be_asked() -> None:
    """The same of PostgreSQL, by generic plans: then ON CONFLICT looks for its unique index too."""
    with empty_database() as url:
        connection = Connection(url, TUNING)
        connection.open()
        migrate_database(connection, TUNING.schema)
        script = ["SET plan_cache_mode = force_generic_plan"]
        for number, asked in enumerate(_of_earlier("postgres", TUNING.schema)):
            values = ", ".join(["NULL"] * max(map(int, re.findall(r"\$(\d+)", asked)), default=0))
            script += [f"PREPARE s{number} AS {asked}", f"EXPLAIN EXECUTE s{number} {values and f'({values})'}"]
        connection.change(";\n".join(script))
        connection.close()


def _of_earlier(driver: str, today: Schema) -> list[str]:
    oldest = max(map(oldest_of, today.steps))
    files = sorted(STATEMENTS.glob(f"{driver}-*.sql"))
    return [asked for file in files if int(file.stem[-4:]) >= oldest for asked in read(file)]


def test_what_a_step_fills_in_it_reads_from_what_is_there(tmp_path: Path) -> None:
    """The files of the first version knew neither that a dossier is a test nor when it had ended, but held both."""
    _first_file(tmp_path / "gateway.db", shipped("gateway.stores.sqlite"))
    connection = sqlite3.connect(tmp_path / "gateway.db")
    kept = connection.execute("SELECT id, test, closed_at FROM dossier ORDER BY id").fetchall()
    connection.close()
    assert kept == [("d1", 1, None), ("d2", 0, 1772413200000009)]


@pytest.mark.parametrize("driver", ["sqlite", "postgres"])
def test_each_step_says_whether_it_contracts(driver: str) -> None:
    """A line that is not understood would make a step that takes away pass for one that adds."""
    for number, step in enumerate(shipped(f"gateway.stores.{driver}").steps, start=1):
        assert oldest_of(step) <= number
        assert bool(oldest_of(step)) == ("contracts" in step.lower())
        assert is_outside(step) == ("CONCURRENTLY" in step)
        assert not (is_outside(step) and oldest_of(step))
