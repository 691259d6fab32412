"""The SQLite store keeps the contract, its file, and its promises when the disk does not."""

import asyncio
import itertools
import os
import resource
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.core.acts import Target, Verb
from gateway.core.delivery import DoubtMark, State
from gateway.core.errors import DoneInPart, StoreFull, StoreUnavailable, Unusable
from gateway.core.handback import HandedBack, Wanted
from gateway.core.listing import PartnerList, settlement, wish
from gateway.core.message import Payload, Receipt
from gateway.core.planning import Planning
from gateway.core.pressure import Trouble
from gateway.core.proposals import LEFT, Objection, ProposalState, Unapprovable
from gateway.core.retention import Kept, Rule
from gateway.ports.store import Accepted, Settled, Store
from gateway.stores.sql import acts, attention, dossiers, messages, replays
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.connection import Tuning, connect_to_read
from gateway.testing.books import (
    CIVIL_STATUS,
    PORTAL,
    TAX,
    a_birth,
    a_book,
    a_chain_book,
    a_draft,
    a_planner,
    a_result,
    a_route,
    a_settlement,
    a_status,
)
from gateway.testing.clock import FakeClock
from gateway.testing.evidence import proof_of
from gateway.testing.ids import FakeIds
from gateway.testing.new_files import new_file
from gateway.testing.store_contract import StoreContract
from gateway.testing.store_contract.acting import BINH, by
from gateway.testing.store_contract.world import NODE, slots


class TestSqliteStore(StoreContract):
    """Every behaviour of every store."""

    def open_store(self, folder: Path, clock: FakeClock, ids: FakeIds) -> AbstractAsyncContextManager[Store]:
        return SqliteStore(new_file(folder / "gateway.db"), clock=clock, ids=ids)


@pytest.fixture
def ids() -> FakeIds:
    return FakeIds()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "gateway.db"


async def test_a_restart_keeps_everything(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G1, G11: what got a receipt is there after a restart, in its state and order."""
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.join(NODE, config="config-1")
        drafts = [a_draft("A", dedup_key="1"), a_draft("A", text="2", kind="dossier.amended"), a_draft("B")]
        before = (await store.accept(drafts, plan=plan)).results
        (head, *_) = await store.claim(slots())
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        (again,) = (await store.accept([a_draft("A", dedup_key="1")], plan=plan)).results
        assert isinstance(again, Receipt)
        assert isinstance(before[0], Receipt)
        assert (again.duplicate, again.message_id) == (True, before[0].message_id)
        assert await store.settle(a_settlement(head), plan=plan) is Settled.DONE
        assert (await store.claim(slots()))[0].message.kind == "dossier.amended"


def opened() -> set[str]:
    """Return the files that this process has open."""
    return {str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()}


async def test_a_file_that_is_damaged_names_what_mends_it(tmp_path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """Cut, spoilt, or no database at all: found when it is opened, or when what is gone is read."""
    path = new_file(tmp_path / "gateway.db")
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft()], plan=a_planner(ids))
    page, whole = 8192, path.read_bytes()
    for damaged in (b"Dear reader, " * page, whole[: len(whole) // 2], whole[:page] + b"\xff" * (len(whole) - page)):
        path.write_bytes(damaged)
        with pytest.raises(Unusable, match=r"db restore FILE") as told:
            async with SqliteStore(path, clock=clock, ids=ids) as store:
                await store.find(limit=1)
        assert str(path) not in opened(), f"let go of, though {told} refers to what it passed"
    path.write_bytes(whole)
    async with SqliteStore(path, clock=clock, ids=ids) as store:  # whatever failed has let go of the lock
        assert len(await store.find(limit=2)) == 1


def names(folder: Path) -> set[str]:
    """Return what lies in a folder."""
    return {one.name for one in folder.iterdir()}


async def test_a_step_of_the_schema_that_finds_no_room_says_so_whatever_is_free_again(
    path: Path, clock: FakeClock, ids: FakeIds
) -> None:
    """SQLite has given back by then what the step had taken; the next start takes it."""
    path.parent.mkdir()
    with pytest.raises(StoreUnavailable, match=r"is full \(\d{7,} bytes are free\): make room"):
        await SqliteStore(path, clock=clock, ids=ids, tuning=Tuning(most_pages=20)).open()
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        assert len((await store.accept([a_draft()], plan=a_planner(ids))).results) == 1


@pytest.mark.parametrize(("table", "steps"), [("photos", 0), ("meta", 0), ("dossier", 3), ("photos", 99)])
async def test_a_database_of_something_else_is_named_and_left_as_it_is(
    tmp_path: Path, clock: FakeClock, ids: FakeIds, table: str, steps: int
) -> None:
    """Our tables among another program's would be lost with its next change, and that program's with ours."""
    path = tmp_path / "gateway.db"
    with closing(sqlite3.connect(path)) as other:
        other.executescript(f"CREATE TABLE {table} (made INT); PRAGMA user_version = {steps}")
    before = path.read_bytes()
    with pytest.raises(Unusable, match=r"none of a gateway's.*choose another --data"):
        await SqliteStore(path, clock=clock, ids=ids).open()
    assert path.read_bytes() == before
    assert names(tmp_path) == {path.name, "gateway.lock"}


@pytest.mark.parametrize("what", ["link", "folder"])
async def test_a_database_is_a_file_of_its_own(tmp_path: Path, clock: FakeClock, ids: FakeIds, what: str) -> None:
    """G2: the lock and the room that is watched lie beside the name, a link's file and its log elsewhere."""
    path, elsewhere = tmp_path / "data" / "gateway.db", tmp_path / "disk" / "gateway.db"
    for folder in (path.parent, elsewhere.parent):
        folder.mkdir()
    path.symlink_to(elsewhere) if what == "link" else path.mkdir()
    with pytest.raises(Unusable, match="let the data folder be the link"):
        await SqliteStore(path, clock=clock, ids=ids).open()
    assert not names(elsewhere.parent)
    path.unlink() if what == "link" else path.rmdir()
    path.parent.rename(tmp_path / "disk" / "data")
    path.parent.symlink_to(tmp_path / "disk" / "data")
    async with SqliteStore(path, clock=clock, ids=ids) as store:  # which so has its lock and its log beside it
        assert len((await store.accept([a_draft()], plan=a_planner(ids))).results) == 1
    assert (tmp_path / "disk" / "data" / path.name).is_file()


@contextmanager
def not_as_root() -> Iterator[None]:
    """Work as somebody for whom permissions count."""
    mine = os.geteuid()
    if mine:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(mine)


@pytest.fixture
def anybodys() -> Iterator[Path]:
    """Return a database in a folder that everybody reaches, and may write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "gateway.lock").touch()
        for path in (folder, new_file(folder / "gateway.db"), folder / "gateway.lock"):
            path.chmod(0o777)
        yield folder / "gateway.db"


@pytest.mark.parametrize("of_the_folder", [False, True])
async def test_what_may_not_be_written_is_named_and_nothing_is_left_beside_it(
    anybodys: Path, clock: FakeClock, ids: FakeIds, *, of_the_folder: bool
) -> None:
    """A copy that root has put back, or a folder of another user: it would look open, and each commit fail."""
    part = anybodys.parent if of_the_folder else anybodys

    def allow(mode: int) -> list[str]:
        part.chmod(mode)
        return [file.name for file in anybodys.parent.glob("gateway.db*")]

    allow(0o555)
    with not_as_root(), pytest.raises(Unusable) as told:
        await SqliteStore(anybodys, clock=clock, ids=ids).open()
    assert str(told.value).startswith(f"{part} cannot be written by the user")
    assert allow(0o777) == ["gateway.db"]
    with not_as_root():
        async with SqliteStore(anybodys, clock=clock, ids=ids) as store:
            await store.accept([a_draft()], plan=a_planner(ids))


async def test_what_is_leased_at_once_after_a_restart_has_all_of_its_dossier(
    path: Path, clock: FakeClock, ids: FakeIds
) -> None:
    """What a dossier of before is called, by whom, and what states it, is not at hand any more: it is looked up."""
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.join(NODE, config="config-1")
        (first,) = (await store.accept([a_draft("A")], plan=plan, slots=slots())).leased
        await store.settle(a_settlement(first, codes={"unit": "U-9"}, facts={"id": "77"}), plan=plan)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        note = a_draft("A", text="note", kind="supplement.submitted", document=None)
        (found,) = (await store.accept([note], plan=plan, slots=slots())).leased
    assert found.codes == {"province": "A", "unit": "U-9"}
    assert found.dossier.facts == {"id": "77"}
    assert (found.dossier.revision, found.dossier.document) == (1, first.dossier.document)


async def test_a_restart_reclaims_what_was_on_its_way(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G11: the new incarnation takes over at once, without waiting for the lease."""
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.join(NODE, config="config-1")
        await store.accept([a_draft()], plan=a_planner(ids))
        (lost,) = await store.claim(slots())
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        other = type(NODE)("node-2")
        await store.join(other, config="config-1")
        (taken,) = await store.reclaim(slots(node=other), limit=10)
        assert (taken.id, taken.reclaims) == (lost.id, 1)


async def test_cursors_outlive_a_restart(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """The epoch belongs to the file."""
    plan = a_planner(ids, a_book(routes=[a_route(TAX)]))
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft("A"), a_draft("B")], plan=plan)
        page = await store.read(TAX, "", limit=1)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        assert await store.acknowledge(TAX, page.next, plan=plan) == 1
        assert len((await store.read(TAX, page.next, limit=10)).items) == 1


async def test_who_acknowledges_much_keeps_nobody_waiting(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G6: whoever writes has a turn in between; a reader may page through days and acknowledge them at once."""
    plan = a_planner(ids, a_book(routes=[a_route(TAX)]))
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft(str(number)) for number in range(150)], plan=plan)
        end = (await store.read(TAX, "", limit=200)).next
        reader = asyncio.create_task(store.acknowledge(TAX, end, plan=plan))
        await asyncio.sleep(0)
        await store.fetches(limit=1)
        assert not reader.done()
        assert await reader == 150
        assert not (await store.read(TAX, end, limit=10)).items


async def test_who_hands_much_back_keeps_nobody_waiting(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G6: whoever writes has a turn between two parts."""
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        plan = a_planner(ids)
        await store.accept([a_draft(f"{number:03}") for number in range(101)], plan=plan)
        handing = asyncio.create_task(hand_back(store, clock, plan))
        between: list[str] = []
        while not handing.done():
            accepted = await store.accept([a_draft(f"new-{len(between)}")], plan=plan)
            between += [result.message_id for result in accepted.results if isinstance(result, Receipt)]
        assert (await handing).is_done
        parts = [act.id for act in await store.acts()]
        assert [message for message in between if parts[-1] < message < parts[0]]


async def test_a_hand_back_that_breaks_off_says_how_much_is_done_and_goes_on(
    path: Path, clock: FakeClock, ids: FakeIds
) -> None:
    """G2, G10: what is handed back stays so, and the same again does the rest and names all."""
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        plan = a_planner(ids)
        await store.accept([a_draft(f"{number:03}") for number in range(101)], plan=plan)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            faulty = "(SELECT count(*) FROM delivery WHERE state = 'cancelled') = 100"
            other.execute(
                f"CREATE TRIGGER fault BEFORE UPDATE ON delivery WHEN {faulty} BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
            with pytest.raises(DoneInPart) as caught:
                await hand_back(store, clock, plan)
            other.execute("DROP TRIGGER fault")
        assert (caught.value.done, caught.value.of) == (100, 101)
        found = await hand_back(store, clock, plan)
        assert (found.is_done, [item.codes[0].value for item in found.items]) == (True, [f"{n:03}" for n in range(101)])
        assert [act.facts["whole"] for act in await store.acts()] == ["1", "100"]


async def test_a_settlement_by_list_that_breaks_off_goes_on_where_it_is_approved_again(
    path: Path, clock: FakeClock, ids: FakeIds
) -> None:
    """G6, Four eyes: the second person agrees to the whole before the first part, and nobody to more than that."""
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        accepted = await store.accept(
            [a_draft(f"{number:03}") for number in range(101)], plan=plan, slots=slots(free=101)
        )
        doubtful = (a_settlement(item, State.HELD, doubt=DoubtMark.SET) for item in accepted.leased)
        await asyncio.gather(*(store.settle(item, plan=plan) for item in doubtful))
        found = await store.doubtful(CIVIL_STATUS, limit=1000)
        partner = PartnerList(
            system=CIVIL_STATUS, codes=frozenset(item.id for item in found), as_of=clock.now(), file_sha256="f" * 64
        )
        asked = await store.propose(wish(settlement(found, partner, lambda _kind: timedelta()), partner), by=by())
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            faulty = "(SELECT count(*) FROM delivery WHERE state = 'delivered') = 100"
            other.execute(
                f"CREATE TRIGGER fault BEFORE UPDATE ON delivery WHEN {faulty} BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
            with pytest.raises(DoneInPart) as caught:
                await store.approve(asked.id, by=by(BINH), plan=plan)
            other.execute("DROP TRIGGER fault")
        assert (caught.value.done, caught.value.of) == (100, 101)
        half = await store.proposal(asked.id)
        assert half is not None
        assert (half.state, half.outcome[LEFT], half.outcome["delivered"]) == (ProposalState.APPROVED, "1", "100")
        with pytest.raises(Unapprovable, match=Objection.OWN):
            await store.approve(asked.id, by=by(), plan=plan)
        with pytest.raises(Unapprovable, match=Objection.CLOSED):
            await store.reject(asked.id, by=by(BINH))
        done = await store.approve(asked.id, by=by(BINH), plan=plan)
        assert done.outcome == {"absent": "0", "delivered": "101", "skipped": "0"}
        with pytest.raises(Unapprovable, match=Objection.CLOSED):
            await store.approve(asked.id, by=by(BINH), plan=plan)
        assert [act.facts["delivered"] for act in await store.acts(Target.system(CIVIL_STATUS))] == ["1", "100"]


async def hand_back(store: SqliteStore, clock: FakeClock, plan: Planning) -> HandedBack:
    """Hand back what ``civil_status`` was never sent in the last hour."""
    wanted = Wanted(system=CIVIL_STATUS, since=clock.now() - timedelta(hours=1))
    return await store.hand_back(wanted, rehearsed=lambda _system, _route: True, by=by(), plan=plan)


async def test_what_goes_on_is_not_erased_though_a_gateway_of_before_kept_it_as_ended(
    path: Path, clock: FakeClock, ids: FakeIds
) -> None:
    """G2: what cannot be brought back is judged by what was said and given, not only by what was kept of that."""
    plan, rule = a_planner(ids), Rule(term=timedelta(days=365))
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft("A"), a_status("A", 3)], plan=plan)
        clock.advance(60)
        await store.accept([a_draft("A", text="again", kind="dossier.amended")], plan=plan)
        (dossier,) = await store.dossiers("A")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE dossier SET closed_at = created_at")
        database.execute("UPDATE delivery SET state = 'delivered'")
    clock.advance(730 * 86_400)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        assert (await store.survey(rule, after=None, limit=10)).kept == {Kept.GOES_ON: 1}
        assert await store.erase([dossier.id], rule=rule) == ()


async def test_a_second_process_is_told_who_has_the_file(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """One node, one writer."""
    async with SqliteStore(path, clock=clock, ids=ids):
        with pytest.raises(StoreUnavailable, match=r"in use by process \d+"):
            await SqliteStore(path, clock=clock, ids=ids).open()
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        assert await store.find() == ()


async def test_callers_at_once_share_a_commit(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G7: each has its own answer, whatever its neighbours did."""
    plan = a_planner(ids)

    def broken(draft: object, known: object) -> None:
        raise RuntimeError(f"no plan for {draft} and {known}")

    async with SqliteStore(path, clock=clock, ids=ids) as store:
        good = [store.accept([a_draft(f"H{n}")], plan=plan) for n in range(40)]
        bad = [store.accept([a_draft(f"X{n}")], plan=broken) for n in range(3)]  # type: ignore[arg-type]
        answers = await asyncio.gather(*good, *bad, return_exceptions=True)
        assert sum(isinstance(answer, Accepted) for answer in answers) == 40
        assert sum(isinstance(answer, RuntimeError) for answer in answers) == 3
        assert len(await store.find(limit=100)) == 40


async def test_a_caller_that_goes_away_disturbs_nobody(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """Cancelled while it waits: its neighbours are answered."""
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        tasks = [asyncio.create_task(store.accept([a_draft(f"H{n}")], plan=plan)) for n in range(10)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(answers[3], asyncio.CancelledError)
        assert sum(isinstance(answer, Accepted) for answer in answers) == 9


async def test_a_failed_transaction_presumes_nothing(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G1: callers hear StoreUnavailable, and the next one finds a sound store."""
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft("A")], plan=plan)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("CREATE TRIGGER refuse BEFORE INSERT ON message BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
        with pytest.raises(StoreUnavailable):
            await store.accept([a_draft("B")], plan=plan)
        other.execute("DROP TRIGGER refuse")
        other.close()
        await store.accept([a_draft("B")], plan=plan)
        assert len(await store.find()) == 2
        assert store.is_alive


async def test_of_a_transaction_that_the_database_undid_by_itself_nothing_is_kept(
    path: Path, clock: FakeClock, ids: FakeIds
) -> None:
    """G1, G2, G10: as a disk's fault makes it do, over what follows from a reply; what is done after it is no piece."""
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft("A")], plan=plan)
        (head,) = await store.claim(slots())
        settlement = replace(a_settlement(head), then=(a_status("A", 3),))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            faulty = "BEFORE INSERT ON delivery WHEN new.destination <> 'operators'"
            other.execute(f"CREATE TRIGGER fault {faulty} BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
            with pytest.raises(StoreUnavailable):
                await store.settle(settlement, plan=plan)
            assert other.execute("SELECT count(*) FROM message").fetchone() == (1,)
            other.execute("DROP TRIGGER fault")
        assert await store.settle(settlement, plan=plan) is Settled.DONE
        assert [view.kind for view in await store.find(destination=PORTAL)] == ["status.changed"]
        assert (await proof_of(store)).report.bad is None


async def test_below_the_reserve_only_settlements_pass(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G2: what is accepted can always be ended."""
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        accepted = await store.accept([a_draft("A")], plan=plan, slots=slots())
    async with SqliteStore(path, clock=clock, ids=ids, reserve=1 << 62) as store:
        with pytest.raises(StoreFull):
            await store.accept([a_draft("B")], plan=plan)
        assert await store.settle(a_settlement(accepted.leased[0]), plan=plan) is Settled.DONE
        assert len(await store.find(state=State.DELIVERED)) == 1


async def test_below_a_quarter_of_the_reserve_nothing_is_sent(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G2: accepts are refused first, then claims; what is under way ends all the same."""
    plan = a_planner(ids)
    free = shutil.disk_usage(path.parents[1]).free
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft("A"), a_draft("B")], plan=plan)
    async with SqliteStore(path, clock=clock, ids=ids, reserve=free * 3) as store:
        with pytest.raises(StoreFull):
            await store.accept([a_draft("C")], plan=plan)
        (claimed,) = await store.claim(slots(free=1))
    async with SqliteStore(path, clock=clock, ids=ids, reserve=free * 8) as store:
        with pytest.raises(StoreFull):
            await store.claim(slots())
        assert await store.settle(a_settlement(claimed), plan=plan) is Settled.DONE


def _pages(path: Path) -> int:
    with sqlite3.connect(path) as database:
        count = database.execute("PRAGMA page_count").fetchone()[0]
    database.close()
    return int(count)


async def test_a_commit_that_finds_the_disk_full_says_so_and_the_next_one_is_sound(
    path: Path, clock: FakeClock, ids: FakeIds
) -> None:
    """G1, G11: SQLite itself runs out of pages in the middle of a batch; callers hear StoreFull, nothing is kept."""
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft("first")], plan=plan)
    tuning = Tuning(most_pages=_pages(path) + 8)
    async with SqliteStore(path, clock=clock, ids=ids, tuning=tuning) as store:
        drafts = [[a_draft(f"{number}", text="x" * 4000)] for number in range(60)]
        done = await asyncio.gather(*(store.accept(draft, plan=plan) for draft in drafts), return_exceptions=True)
        refused = [one for one in done if isinstance(one, BaseException)]
        assert {type(one) for one in refused} == {StoreFull}
        assert len(await store.find(limit=100)) == 1 + len(done) - len(refused)
        assert store.is_alive
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft("last")], plan=plan)
        assert (await proof_of(store)).report.bad is None


async def test_a_disk_that_is_full_within_a_step_is_called_full(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """SQLite undoes the whole transaction then: what comes of that tells nobody why."""
    plan, birth = a_planner(ids, a_chain_book()), a_birth()
    filled = replace(birth.payload, body=birth.payload.body.replace(b"{", b"{" + b" " * 30_000, 1))
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([replace(birth, payload=filled)], plan=plan)
    async with SqliteStore(path, clock=clock, ids=ids, tuning=Tuning(most_pages=_pages(path))) as store:
        with capture_logs() as lines, pytest.raises(StoreFull):
            await store.accept([a_result()], plan=plan)
    assert [(line["event"], line["error"]) for line in lines] == [("database_failed", "SQLITE_FULL")]


@contextmanager
def no_byte_more() -> Iterator[None]:
    """Let no file grow, as on a disk that fails or has become read-only."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_disk_that_fails_is_told_once_though_what_writes_nothing_is_answered(
    path: Path, clock: FakeClock, ids: FakeIds
) -> None:
    """Each look for work would end the alert, and each call begin it anew; `attention` had nothing to say."""
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.join(NODE, config="config-1")
        assert not await store.find(limit=1)  # somebody reads: what is shared with them stays when the writer lets go
        with capture_logs() as logs:
            with no_byte_more():
                for _ in range(3):
                    with pytest.raises(StoreUnavailable):
                        await store.accept([a_draft("A")], plan=plan)
                    assert not await store.claim(slots())
                    assert (store.works, store.trouble) == (False, Trouble.READ_ONLY)
            await store.accept([a_draft("A")], plan=plan)
            assert (store.works, store.trouble) == (True, None)
    assert [(line["event"], line.get("error")) for line in logs] == [
        ("database_failed", "SQLITE_IOERR_WRITE"),
        ("database_works_again", None),
    ]


async def test_the_log_is_begun_anew_though_there_is_always_somebody_who_reads(
    path: Path, clock: FakeClock, ids: FakeIds
) -> None:
    """G2: by itself SQLite waits for a moment without any; where they relieve each other it would fill the disk."""
    plan, ended = a_planner(ids), threading.Event()

    def relieve_each_other() -> None:
        with closing(connect_to_read(path, Tuning())) as one, closing(connect_to_read(path, Tuning())) as two:
            for begins, ends in itertools.cycle([(one, two), (two, one)]):
                begins.execute("BEGIN").execute("SELECT count(*) FROM message").fetchone()
                if ends.in_transaction:
                    ends.execute("COMMIT")
                if ended.wait(0.002):
                    return

    tuning = Tuning(synchronous="OFF", longest_log=1024 * 1024)
    async with SqliteStore(path, clock=clock, ids=ids, tuning=tuning) as store:
        reading = asyncio.create_task(asyncio.to_thread(relieve_each_other))
        for number in range(200):
            await store.accept([a_draft(str(number), text="x" * 2000)], plan=plan)
        ended.set()
        await reading
        assert path.with_name("gateway.db-wal").stat().st_size < 16 * 1024 * 1024


async def test_nothing_of_what_is_erased_stays_on_disk(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """A log that is begun anew has the old behind the new, and stays when the gateway stops."""
    plan, name, year = a_planner(ids), b"NguyenVanBiaDat", Rule(term=timedelta(days=365))

    def files() -> bytes:
        return b"".join(file.read_bytes() for file in path.parent.iterdir() if file.name.startswith(path.name))

    async def come_and_go(store: SqliteStore, code: str) -> None:
        await store.accept([a_draft(code, text=name.decode() * 2000)], plan=plan)
        for system, said in ((CIVIL_STATUS, [a_status(code, 9)]), (PORTAL, [])):
            (delivery,) = await store.claim(slots(system))
            await store.settle(a_settlement(delivery), plan=plan)
            await store.accept(said, plan=plan)
        clock.advance(730 * 86_400)
        assert name in files()
        (root,) = (await store.survey(year, after=None, limit=9)).ripe
        assert await store.erase([root.root], rule=year)

    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await come_and_go(store, "A")
        for _ in range(64):
            await store.follow((), calm=timedelta(0))
        assert name not in files()
        await come_and_go(store, "B")
    assert name not in files()


async def test_other_users_of_the_machine_cannot_read_it(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G9: in a folder that somebody else made, as systemd does; also a file that an earlier version left so."""

    def readable() -> list[str]:
        found = [file.name for file in path.parent.glob("gateway.db*") if file.stat().st_mode & 0o007]
        path.chmod(0o644)
        return found

    for code in ("new", "left"):
        async with SqliteStore(path, clock=clock, ids=ids) as store:
            await store.accept([a_draft(code)], plan=a_planner(ids))
            assert readable() == []


async def test_who_has_something_new_is_woken(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """On the loop's thread, after the commit."""
    woken: list[frozenset[str]] = []
    async with SqliteStore(path, clock=clock, ids=ids, notify=woken.append) as store:
        await store.accept([a_draft()], plan=a_planner(ids))
        assert woken == [{CIVIL_STATUS}]
        await store.claim(slots())
        assert len(woken) == 1


async def test_a_closed_store_says_so(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """Nobody waits for a thread that is gone."""
    store = SqliteStore(path, clock=clock, ids=ids)
    await store.open()
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.accept([a_draft()], plan=a_planner(ids))
    with pytest.raises(StoreUnavailable):
        await store.find()


async def test_the_file_is_written_durably(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G1: write-ahead log; every commit synced (the writer's connection asks for FULL)."""
    async with SqliteStore(path, clock=clock, ids=ids):
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA page_size").fetchone() == (8192,)
        connection.close()


async def test_a_claim_reads_from_an_index_however_long_the_backlog(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G6: no claim sorts or scans."""
    async with SqliteStore(path, clock=clock, ids=ids):
        connection = sqlite3.connect(path)
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM delivery WHERE state = 'ready' AND feed = 0"
            " AND destination = 'x' AND is_retry = 0 ORDER BY priority_at, seq LIMIT 8"
        ).fetchall()
        connection.close()
    (step,) = plan
    assert "delivery_ready" in step[3]


async def test_the_writer_s_death_leaves_nobody_waiting(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G1: who waits hears StoreUnavailable, and the process can see that it must end."""

    def deadly(draft: object, known: object) -> None:
        raise SystemExit(f"{draft} {known}")

    async with SqliteStore(path, clock=clock, ids=ids) as store:
        calls = [store.accept([a_draft("A")], plan=deadly) for _ in range(3)]  # type: ignore[arg-type]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [StoreUnavailable] * 3
        assert not store.is_alive
        assert isinstance(store.failure, SystemExit)
        with pytest.raises(StoreUnavailable):
            await store.claim(slots())


class _SpentIds(FakeIds):
    """Has no id left, and says so as an iterator does."""

    def new(self) -> str:
        raise StopIteration


async def test_an_error_that_no_future_takes_keeps_nobody_waiting(path: Path, clock: FakeClock) -> None:
    """G6: asyncio refuses to hand a StopIteration on; who caused it hears of it, and the next batch goes."""
    async with SqliteStore(path, clock=clock, ids=_SpentIds()) as store, asyncio.timeout(5):
        spent = store.record_act(Verb.PAUSE, Target.system(CIVIL_STATUS), by=by())
        answers = await asyncio.gather(spent, store.fetches(limit=1), return_exceptions=True)
        assert [type(answer) for answer in answers] == [RuntimeError, list]
        assert not await store.fetches(limit=1)


class _SpentClock(FakeClock):
    """Has no time left, likewise."""

    def now(self) -> datetime:
        raise StopIteration


async def test_a_reader_hears_of_its_own_error_whatever_it_is(path: Path, ids: FakeIds) -> None:
    """G6: also where asyncio would not hand it on; and not that the store is closed."""
    async with SqliteStore(path, clock=_SpentClock(), ids=ids) as store, asyncio.timeout(5):
        with pytest.raises(RuntimeError, match="StopIteration"):
            await store.find()


@pytest.mark.parametrize("text", ['{"kind":"dossier.submitted","data":DOCUMENT}', '{"data":"written otherwise"}'])
async def test_a_document_that_its_event_repeats_is_kept_once(
    path: Path, clock: FakeClock, ids: FakeIds, text: str
) -> None:
    """What is read after a restart is what was accepted, wherever it stands in the file."""
    document = Payload(body=b'{"summary":"%s"}' % (b"x" * 4000), media_type="application/json")
    event = Payload(body=text.encode().replace(b"DOCUMENT", document.body), media_type="application/json")
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([replace(a_draft("A"), payload=event, document=document)], plan=a_planner(ids))
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        (delivery,) = await store.claim(slots())
    assert (delivery.message.payload, delivery.dossier.document) == (event, document)
    connection = sqlite3.connect(path)
    kept = connection.execute("SELECT document IS NULL FROM message").fetchone()
    connection.close()
    assert kept == ("DOCUMENT" in text,)


async def test_what_is_claimed_at_once_is_what_a_restart_finds(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G8: a delivery is the same whether its message is still at hand or read from the file."""
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft("A", dedup_key="1")], plan=plan)
        (at_hand,) = await store.claim(slots())
        await store.release([at_hand.lease] if at_hand.lease else [])
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        (read,) = await store.claim(slots())
    assert replace(at_hand, lease=None) == replace(read, lease=None)


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        *((step, ("held", "x", "y")[: step.count("?")], "delivery_stopped") for step in attention.STOPPED_WALK),
        (attention.STOPPED, ("held", "x", "y"), "delivery_stopped"),
        *((step, ("x", "y")[: step.count("?")], "delivery_failing") for step in attention.FAILING_WALK),
        (attention.FAILING, ("x", "y", 5), "delivery_failing"),
        (attention.SERVED, ("x",), "delivery_open"),
        (attention.UNSENT_FIRST, ("x", "ready"), "delivery_open"),
        (attention.SILENT, ("x", 1), "silence_since"),
        (dossiers.DUE, (1, 0, ""), "dossier_due"),
        (dossiers.DUE_PAUSED, (1, 0, ""), "dossier_paused"),
    ],
)
async def test_what_needs_a_person_is_read_from_an_index_however_long_the_backlog(
    path: Path, clock: FakeClock, ids: FakeIds, statement: str, values: tuple[object, ...], index: str
) -> None:
    """G6: the attention list neither sorts nor scans."""
    async with SqliteStore(path, clock=clock, ids=ids):
        connection = sqlite3.connect(path)
        limit = (8,) if "LIMIT ?" in statement else ()
        steps = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", (*values, *limit))]
        connection.close()
    assert len(steps) == 1, steps
    assert steps[0].startswith("SEARCH")
    assert index in steps[0]


async def test_what_one_person_has_begun_is_read_from_indexes(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G6: the second person is asked for at the same price however many replays there were."""
    async with SqliteStore(path, clock=clock, ids=ids):
        connection = sqlite3.connect(path)
        steps = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {replays.ALONE_SINCE}", {"since": 1})]
        singly = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {acts.ALONE_SINCE}", (1,))]
        connection.close()
    runs = [step.removeprefix("SEARCH run USING INDEX ") for step in steps if " run " in step]
    assert runs == ["replay_run_alone (ended_at=?)", "replay_run_alone (ended_at>?)"]
    assert steps.count("SEARCH replay_item USING PRIMARY KEY (run_id=?)") == len(runs)
    assert singly[0] == "SEARCH act USING INDEX act_alone (at>?)"


async def test_what_its_dossier_did_not_take_has_no_code_looked_for(path: Path, clock: FakeClock, ids: FakeIds) -> None:
    """G6: one message that nobody takes does not have every later dossier's codes asked for."""
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        found = []
        for draft in (a_status("H01-1", source=TAX), a_draft("H01-1"), a_status("H01-2")):
            await store.accept([draft], plan=a_planner(ids))
            with closing(sqlite3.connect(path)) as connection:
                found.append(connection.execute(messages.ANY_PARKED).fetchone()[0])
    assert found == [1, 0, 1]
