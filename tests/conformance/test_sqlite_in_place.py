"""What happens to the name of a database that is served: nothing is promised that the next start would not find."""

import shutil
from pathlib import Path

import pytest

from gateway.core.errors import StoreUnavailable, Unusable
from gateway.core.message import Draft, Known, Receipt
from gateway.core.planning import Planned
from gateway.core.pressure import Trouble
from gateway.stores.sqlite import SqliteStore
from gateway.testing.books import a_draft, a_planner
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.new_files import new_file
from gateway.testing.store_contract.world import NODE, slots


def move_away(file: Path) -> None:
    file.parent.rename(file.parent.with_name("elsewhere"))


def move_back(file: Path) -> None:
    file.parent.with_name("elsewhere").rename(file.parent)


def move_and_leave_a_folder(file: Path) -> None:
    """What a file system that is not mounted any more leaves: its mount point."""
    move_away(file)
    file.parent.mkdir()


def remount(file: Path) -> None:
    shutil.rmtree(file.parent)
    move_back(file)


def replace(file: Path) -> None:
    """What putting a copy there does that is first written beside it."""
    copy = file.with_name("copy")
    shutil.copy(file, copy)
    file.rename(file.with_name("kept"))
    copy.rename(file)


def put_back(file: Path) -> None:
    file.with_name("kept").replace(file)


def content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def lead_nowhere(file: Path) -> None:
    move_away(file)
    file.parent.symlink_to(file.parent)


def lead_back(file: Path) -> None:
    file.parent.unlink()
    move_back(file)


@pytest.mark.parametrize(
    ("away", "why", "back"),
    [
        (move_away, "No such file", move_back),
        (move_and_leave_a_folder, "No such file", remount),
        (replace, "another file", put_back),
        (lead_nowhere, "Too many levels", lead_back),
    ],
)
async def test_nothing_is_accepted_into_a_file_that_nobody_will_find(away, why, back, tmp_path: Path):
    """G1, G2: SQLite writes on and reports no error; the next start would know nothing of it."""
    ids, path = FakeIds(), tmp_path / "data" / "gateway.db"
    path.parent.mkdir()
    plan = a_planner(ids)
    async with SqliteStore(new_file(path), clock=FakeClock(), ids=ids) as store:
        await store.join(NODE, config="config-1")
        await store.accept([a_draft("A", dedup_key="1")], plan=plan)
        away(path)
        there = content(path)
        for _ in range(2):  # by the connection that was open, and by one that would be opened now
            with pytest.raises(Unusable, match=rf"the file that this gateway has opened \({why}"):
                await store.accept([a_draft("B", dedup_key="2")], plan=plan)
        with pytest.raises(Unusable):
            await store.claim(slots())
        assert (store.works, store.trouble) == (False, Trouble.READ_ONLY)
        assert content(path) == there, "nothing is made or changed in its place"
        back(path)
        (receipt,) = (await store.accept([a_draft("B", dedup_key="2")], plan=plan)).results
        assert isinstance(receipt, Receipt)
        assert not receipt.duplicate, "nothing of what was refused was kept"
        assert store.works
    async with SqliteStore(path, clock=FakeClock(), ids=ids) as store:
        again = (await store.accept([a_draft("A", dedup_key="1"), a_draft("B", dedup_key="2")], plan=plan)).results
        assert [isinstance(one, Receipt) and one.duplicate for one in again] == [True, True]


async def test_what_goes_while_it_is_written_is_no_yes_either(tmp_path: Path):
    """G1: it was there when the transaction began; the commit is in a file that has no name any more."""
    ids, path = FakeIds(), tmp_path / "data" / "gateway.db"
    path.parent.mkdir()
    plan = a_planner(ids)

    def plan_slowly(draft: Draft, known: Known) -> Planned:
        move_away(path)
        return plan(draft, known)

    async with SqliteStore(new_file(path), clock=FakeClock(), ids=ids) as store:
        with pytest.raises(Unusable):
            await store.accept([a_draft("A")], plan=plan_slowly)
        move_back(path)
        assert isinstance((await store.accept([a_draft("A")], plan=plan)).results[0], Receipt)


async def test_nothing_is_read_from_a_file_that_has_taken_its_place(tmp_path: Path):
    """G2: who reads for the first time then would be told of the state of an earlier day."""
    ids, path = FakeIds(), new_file(tmp_path / "gateway.db")
    async with SqliteStore(path, clock=FakeClock(), ids=ids) as store:
        await store.accept([a_draft("A")], plan=a_planner(ids))
        replace(path)
        with pytest.raises(Unusable):
            await store.find(limit=1)
        put_back(path)
        assert len(await store.find(limit=2)) == 1


async def test_what_is_another_name_of_it_is_the_same_file(tmp_path: Path):
    """The data folder may be a link, and be led to the same place by another way while it is served."""
    ids, path = FakeIds(), tmp_path / "link" / "gateway.db"
    (tmp_path / "data").mkdir()
    path.parent.symlink_to(tmp_path / "data")
    async with SqliteStore(new_file(path), clock=FakeClock(), ids=ids) as store:
        await store.accept([a_draft("A")], plan=a_planner(ids))
        (tmp_path / "data").rename(tmp_path / "moved")
        path.parent.unlink()
        path.parent.symlink_to(tmp_path / "moved")
        (receipt,) = (await store.accept([a_draft("B")], plan=a_planner(ids))).results
        assert isinstance(receipt, Receipt)


async def test_what_stands_in_a_log_that_was_removed_is_kept(tmp_path: Path):
    """G1, G11: SQLite goes on writing to it; whoever opens the database after a crash finds no more than it holds."""
    ids, path = FakeIds(), new_file(tmp_path / "gateway.db")
    plan, crashed = a_planner(ids), tmp_path / "crashed" / "gateway.db"
    crashed.parent.mkdir()
    drafts = [a_draft(code, dedup_key=code) for code in "ABC"]
    async with SqliteStore(path, clock=FakeClock(), ids=ids) as store:
        await store.accept(drafts[:1], plan=plan)
        assert len(await store.find(limit=9)) == 1  # by a connection that stays
        path.with_name("gateway.db-wal").unlink()
        with pytest.raises(StoreUnavailable, match=r"gateway\.db-wal was removed while it was in use"):
            await store.accept(drafts[1:2], plan=plan)
        await store.accept(drafts[1:], plan=plan)
        assert len(await store.find(limit=9)) == 3
        for part in ("", "-wal"):
            shutil.copy(path.with_name(f"gateway.db{part}"), crashed.with_name(f"gateway.db{part}"))
    async with SqliteStore(crashed, clock=FakeClock(), ids=ids) as store:
        again = (await store.accept(drafts, plan=plan)).results
        assert [isinstance(one, Receipt) and one.duplicate for one in again] == [True, True, True]


async def test_where_the_lock_was_removed_one_at_most_writes(tmp_path: Path):
    """G3, G7: each would go by what it knows of lanes and keys, as if nobody else wrote there."""
    ids, path = FakeIds(), new_file(tmp_path / "gateway.db")
    plan = a_planner(ids)
    async with SqliteStore(path, clock=FakeClock(), ids=ids) as first:
        await first.accept([a_draft("A", dedup_key="1")], plan=plan)
        path.with_name("gateway.lock").unlink()
        async with SqliteStore(path, clock=FakeClock(), ids=ids) as second:
            with pytest.raises(Unusable, match=r"gateway\.lock was removed or replaced"):
                await first.accept([a_draft("B", dedup_key="2")], plan=plan)
            (receipt,) = (await second.accept([a_draft("B", dedup_key="2")], plan=plan)).results
            assert isinstance(receipt, Receipt)
            assert not receipt.duplicate, "nothing of what was refused was kept"
            assert not first.works
