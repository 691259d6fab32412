"""What stands between a gateway and its database: a pooler, a standby, the limits that an administrator sets."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.core.acts import By
from gateway.core.delivery import State
from gateway.core.errors import PutBack, StoreFull, StoreUnavailable
from gateway.core.ids import KeyId, NodeId
from gateway.core.message import Actor, ActorKind, Receipt
from gateway.core.pressure import Trouble
from gateway.core.proposals import ProposalId, UnknownProposal
from gateway.core.restoring import Restoring
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres.access import PostgresAccess
from gateway.stores.postgres.batches import COLUMNS, types_of
from gateway.stores.postgres.connection import SESSION, Connection, Tuning
from gateway.testing.books import a_draft, a_planner, a_settlement
from gateway.testing.clock import MONDAY_MORNING, FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.postgres import a_database, database, empty_database, server
from gateway.testing.store_contract.world import slots

TUNING = Tuning(synchronous=False)
BY = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan", key_id=KeyId("lan")), reason="Gửi nhầm")
#: What an administrator may set for a role.
SHORT = ("idle_session_timeout", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
LIMITS = (*SHORT, "transaction_timeout")  #: the last is not in every server


@pytest.fixture
async def url() -> AsyncGenerator[str]:
    """Give the address of an empty database."""
    async with database() as address:
        yield address


@contextmanager
def opened(url: str) -> Generator[Connection]:
    """Give a connection; it has a loop of its own, so not on one."""
    connection = Connection(url, TUNING)
    connection.open()
    try:
        yield connection
    finally:
        connection.close()


@pytest.fixture
def made() -> Generator[str]:
    """Give the address of a database with tables."""

    async def make(address: str) -> None:
        async with node(address, FakeIds()):
            pass

    with empty_database() as address:
        asyncio.run(make(address))
        yield address


@asynccontextmanager
async def other_connection(url: str) -> AsyncGenerator[Any]:
    """Give a connection that is no gateway's."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def node(url: str, ids: FakeIds, clock: FakeClock | None = None) -> PostgresStore:
    """Return one node's store."""
    return PostgresStore(url, clock=clock or FakeClock(MONDAY_MORNING), ids=ids, tuning=TUNING)


@pytest.mark.parametrize("instead", ["'another'", "DEFAULT"])
def test_a_session_that_a_pooler_gave_away_is_not_worked_in(made: str, instead: str) -> None:
    """G4, G6: what keeps nodes apart is set and locked in a session, which a pooler of transactions does not leave."""
    with opened(made) as connection:
        access = PostgresAccess(connection, "node")
        connection.prove_own()
        assert not access.begin()
        access.roll_back()
        connection.change(f"SET {SESSION} = {instead}")
        for ask in (connection.prove_own, access.begin, access.begin_to_read):
            with pytest.raises(StoreUnavailable, match=r"was given to another .* \(pool_mode = session\)"):
                ask()
            access.roll_back()


def test_limits_of_a_role_cut_no_session_off(made: str) -> None:
    """G6: what an administrator sets against forgotten sessions is not for those of a gateway, which rest and wait."""
    short = " ".join(f"-c{name}=1s" for name in SHORT)
    with opened(f"{made}&options={quote(f'{short} -cquote_all_identifiers=on')}") as connection:
        assert types_of(connection.read(COLUMNS, ()))["evidence"]["record"] == "bytea"
        found = dict(connection.read("SELECT name, setting FROM pg_settings WHERE name = ANY($1)", (LIMITS,)))
    assert found["idle_session_timeout"] == found["statement_timeout"] == found.get("transaction_timeout", "0") == "0"
    assert "1000" not in found.values()


async def test_a_receipt_is_given_again_only_for_what_is_as_durable_as_the_first_would_be(url: str) -> None:
    """G1: a commit of nothing waits for no standby; of the first one that wait may have been broken off."""
    ids = FakeIds()
    plan = a_planner(ids)
    async with node(url, ids) as one, node(url, ids) as two, other_connection(url) as look:
        await one.accept([a_draft("A", dedup_key="1")], plan=plan)
        before = await look.fetchval("SELECT writer FROM turn")
        again = (await two.accept([a_draft("A", dedup_key="1")], plan=plan)).results[0]
        assert isinstance(again, Receipt)
        assert again.duplicate
        assert await look.fetchval("SELECT writer FROM turn") != before


async def test_a_server_that_answers_nothing_is_told_as_that() -> None:
    """Its machine hangs, or something between lets nothing through: «TimeoutError:» told nobody where to look."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        address = f"postgresql://gateway:hidden@{place}/gateway"
        tuning = Tuning(connect=timedelta(milliseconds=200))
        store = PostgresStore(address, clock=FakeClock(), ids=FakeIds(), tuning=tuning)
        with pytest.raises(StoreUnavailable, match="its server answers nothing: see whether it hangs") as told:
            await store.open()
    assert str(told.value).startswith(f"the database cannot be opened (store.postgres, at {place}/gateway): ")
    assert "hidden" not in str(told.value)


@pytest.mark.parametrize(
    ("address", "where"),
    [
        (
            "postgresql://gateway:hid@den@127.0.0.1:1,127.0.0.1:2/gateway",
            "store.postgres, at 127.0.0.1:1,127.0.0.1:2/gateway",
        ),
        ("postgresql://gateway@/gateway?host=/nowhere&password=hidden", "store.postgres, at /gateway"),
    ],
)
async def test_a_server_that_is_not_there_is_told_with_its_place_and_without_its_password(address: str, where: str):
    """«Connection refused» alone said neither which of two servers nor by which setting."""
    with pytest.raises(StoreUnavailable) as told:
        await PostgresStore(address, clock=FakeClock(), ids=FakeIds()).open()
    assert str(told.value).startswith(f"the database cannot be opened ({where}): ")
    assert "den" not in str(told.value)


async def test_a_server_that_takes_no_changes_is_left_for_one_that_does(url: str) -> None:
    """G1, G11: one that became a standby keeps its connections; the address leads to the other, without a restart."""
    ids = FakeIds()
    plan = a_planner(ids)
    said = "the database takes no changes now; it may be repeated"
    name = urlsplit(url).path.removeprefix("/")
    with capture_logs() as logged:
        async with node(url, ids) as store, other_connection(url) as other:
            await other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            try:
                for _ in range(2):
                    with pytest.raises(StoreUnavailable, match=said):
                        await store.accept([a_draft("A")], plan=plan)
                    assert not store.works  # a balancer leads callers to a gateway that may have a better line
                    assert store.trouble is Trouble.READ_ONLY  # which can be read: nobody is to find nothing to do
                with pytest.raises(StoreUnavailable, match=r"_read_only = on, off is needed: .*target_session_attrs"):
                    await node(url, ids).open()
            finally:
                await other.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
            await store.accept([a_draft("A")], plan=plan)
            assert (store.works, store.trouble) == (True, None)
    assert told(logged) == [("database_failed", said, True), ("database_works_again", None, True)]


def told(logged: Sequence[Mapping[str, Any]]) -> list[tuple[object, object, object]]:
    """Return what the log says of the database: the event, why, and whether it is an alert."""
    lines = (line for line in logged if str(line["event"]).startswith("database_"))
    return [(line["event"], line.get("error"), line["alert"]) for line in lines]


async def test_a_full_disk_of_the_server_is_told_until_something_finds_room_again(url: str) -> None:
    """G1, G2: it says no to what would grow, and yes to what does not; only an alert tells who is to make room."""
    ids = FakeIds()
    plan = a_planner(ids)
    refuse = "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'"
    function = f"CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse}; END $$"
    async with node(url, ids) as store, other_connection(url) as other:
        await other.execute(function)
        await other.execute("CREATE TRIGGER no_room BEFORE INSERT ON message EXECUTE FUNCTION pg_temp.refuse()")
        with capture_logs() as logged:
            for _ in range(2):
                with pytest.raises(StoreFull):
                    await store.accept([a_draft("A")], plan=plan)
                assert await store.claim(slots()) == ()
            assert (store.works, store.trouble) == (True, Trouble.FULL)  # no other gateway has more room
            await other.execute("DROP TRIGGER no_room ON message")
            await store.accept([a_draft("A")], plan=plan)
            assert store.trouble is None
        assert len(await store.claim(slots())) == 1
    said = "the database's disk is full: nothing of this was kept"
    assert told(logged) == [("database_failed", said, True), ("database_works_again", None, True)]


@pytest.mark.parametrize(
    ("away", "back"),
    [
        ("ALTER TABLE turn RENAME TO no_turn", "ALTER TABLE no_turn RENAME TO turn"),
        ("DELETE FROM turn", "INSERT INTO turn (\"only\", writer) VALUES (1, '')"),
        ("ALTER TABLE meta DROP CONSTRAINT meta_pkey", "ALTER TABLE meta ADD PRIMARY KEY (name)"),
    ],
    ids=["no table yet", "no rows yet", "no keys yet"],
)
async def test_a_copy_that_is_put_in_under_a_gateway_is_told_so_and_ends_it_not(url: str, away: str, back: str) -> None:
    """G1, G11: started anew it would make tables of its own where those of the copy are to come."""
    ids = FakeIds()
    async with node(url, ids) as store, other_connection(url) as other:
        await store.accept([a_draft("A")], plan=a_planner(ids))
        await other.execute(away)
        try:
            with pytest.raises(StoreUnavailable, match=r"a copy is being put into it.*db restored"):
                await store.join(NodeId("one"), config="config-1")
        finally:  # the tests behind this one have the same database
            await other.execute(back)
        await store.join(NodeId("one"), config="config-1")
        assert store.is_alive


async def until_written(store: PostgresStore, ids: FakeIds, code: str) -> None:
    """Accept; who was writing when the sessions ended is answered 503, and comes again.

    Then beside a decision that is refused, in one transaction with it, which is undone alone.
    """
    with pytest.raises(StoreUnavailable, match="the transaction failed"):
        await store.accept([a_draft(code)], plan=a_planner(ids))
    accepting = asyncio.ensure_future(store.accept([a_draft(code)], plan=a_planner(ids)))
    await asyncio.sleep(0)
    with suppress(UnknownProposal, PutBack):
        await store.reject(ProposalId("none"), by=BY)
    await accepting


@dataclass(frozen=True)
class Standby:
    """A database, and an earlier copy of it that takes its place under the same address."""

    url: str
    admin: Any

    @property
    def name(self) -> str:
        return urlsplit(self.url).path.removeprefix("/")

    async def fall_behind(self) -> None:
        """Copy it as it is now."""
        await self._change(f"CREATE DATABASE {self.name}_late TEMPLATE {self.name}")

    async def change_places(self) -> None:
        """Lead the address to the other one; every session has ended then."""
        late, aside = f"{self.name}_late", f"{self.name}_x"
        names = ((self.name, aside), (late, self.name), (aside, late))
        await self._change(*(f"ALTER DATABASE {one} RENAME TO {other}" for one, other in names))

    async def drop(self) -> None:
        await self._change(f"DROP DATABASE IF EXISTS {self.name}_late")

    async def _change(self, *statements: str) -> None:
        """Change databases, whose names nobody is connected to then."""
        for one in (self.name, f"{self.name}_late"):
            await self.admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", one)
        for statement in statements:
            await self.admin.execute(statement)


@asynccontextmanager
async def standby() -> AsyncGenerator[Standby]:
    """Give a database of which a copy may take the place."""
    async with a_database() as url, other_connection(server()) as admin:
        found = Standby(url, admin)
        try:
            yield found
        finally:
            await found.drop()


async def test_a_server_that_lacks_what_was_committed_is_neither_written_to_nor_sent_from() -> None:
    """G1, G4: an asynchronous standby took over; nobody may hear of it but from a gateway that goes on running."""
    ids = FakeIds()
    async with standby() as late, node(late.url, ids) as store:
        await store.accept([a_draft("A")], plan=a_planner(ids))
        await late.fall_behind()
        await until_written(store, ids, "B")
        await late.change_places()
        with capture_logs() as logged, pytest.raises(PutBack, match="db restored"):
            await until_written(store, ids, "C")
        with pytest.raises(PutBack):
            await store.claim(slots())
        assert (store.works, store.trouble) == (False, Trouble.PUT_BACK)
        assert [alert for event, why, alert in told(logged) if "lagged" in str(why)] == [True]
        place, head = store.lost or (0, None)
        await late.change_places()  # the server that has it all is there again
        assert len(await store.claim(slots())) == 2
        assert (store.works, store.trouble) == (True, None)
        (found,) = await store.chained(place, after=head.number - 1 if head else 0, until=999, limit=1)
        assert head is not None
        assert found.link == head.link


async def test_what_one_gateway_misses_keeps_all_from_going_on_until_somebody_says_that_it_was_put_back() -> None:
    """G1, G4: who lost nothing cannot know; what it would send may be what the other one had sent already."""
    ids = FakeIds()
    async with standby() as late, node(late.url, ids) as one, node(late.url, ids) as two:
        await one.accept([a_draft("A")], plan=a_planner(ids))
        await two.accept([a_draft("B")], plan=a_planner(ids))
        await late.fall_behind()
        await until_written(one, ids, "C")
        await late.change_places()
        with pytest.raises(PutBack):
            await until_written(one, ids, "D")
        with capture_logs() as logged, pytest.raises(PutBack, match="db restored"):
            await until_written(two, ids, "E")
        assert (two.works, two.trouble, two.lost) == (False, Trouble.PUT_BACK, None)
        assert [alert for event, why, alert in told(logged) if "lagged" in str(why)] == [True]
        async with node(late.url, ids) as new:
            with pytest.raises(PutBack):
                await new.join(NodeId("new"), config="config-1")
        command = PostgresStore(late.url, clock=FakeClock(), ids=ids, tuning=replace(TUNING, marks=True))
        async with command:
            await command.restored(Restoring(systems=()), by=BY)
        for _ in range(2):
            with pytest.raises(PutBack):
                await one.claim(slots())  # it goes on knowing better, and stops nobody a second time
            assert len(await two.claim(slots(free=1))) == 1
        assert (two.works, two.trouble) == (True, None)


async def test_an_address_none_of_whose_servers_takes_changes_ends_no_gateway(url: str) -> None:
    """G11: as between the end of a primary and the promotion of its standby; callers are told to come again."""
    with pytest.raises(StoreUnavailable, match="TargetServerAttributeNotMatched"):
        await node(f"{url}&target_session_attrs=standby", FakeIds()).open()


async def test_what_waits_does_not_wait_longer_where_the_servers_clock_is_set_back(url: str) -> None:
    """G2, G11: a machine's own uptime tells; the first node that sees it moves what waits, the others no further."""
    ids = FakeIds()
    plan = a_planner(ids)
    clocks = FakeClock(), FakeClock()
    async with node(url, ids, clocks[0]) as one, node(url, ids, clocks[1]) as two:
        for store, code, wait in ((one, "A", 60), (two, "B", 7000)):
            await store.accept([a_draft(code)], plan=plan)
            (head,) = await store.claim(slots())
            await store.settle(a_settlement(head, State.DELAYED, wait=timedelta(seconds=wait)), plan=plan)
            assert await store.claim(slots()) == ()
        for clock in clocks:
            clock.advance(3600)  # and the server's clock did not
        claimed = [delivery.codes["province"] for store in (one, two, two) for delivery in await store.claim(slots())]
        assert claimed == ["A"]
