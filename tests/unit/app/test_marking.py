"""The mark in the data folder: whose it is, which database it tells, and what answers it."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.app.layout import Layout
from gateway.app.marking import Marker, check, home, read, tell_clock
from gateway.core.acts import By, Target, Verb
from gateway.core.chain import Head
from gateway.core.errors import PutBack
from gateway.core.ids import NodeId, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.restoring import Restoring
from gateway.stores.lock import held
from gateway.stores.memory import MemoryStore
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds

NODE = NodeId("node-1")
BY = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan"), reason="Hỏng đĩa")


async def put_back(clock: FakeClock, seed: int) -> MemoryStore:
    """Return a database that was put back at this moment, and said to be."""
    store = MemoryStore(clock=clock, ids=FakeIds(seed))
    await store.restored(Restoring(systems=()), by=BY)
    return store


async def test_only_a_later_restoration_answers_a_mark_whatever_the_machines_clock_says(tmp_path: Path):
    """G4: a copy of after the last one has that in it; the database's clock may be minutes ahead of the machine's."""
    clock, layout = FakeClock(), Layout(tmp_path)
    served, copy = await put_back(clock, 1), await put_back(clock, 2)
    await served.join(NODE, config="config-1")
    layout.lock.touch()
    await Marker(book=served, layout=layout, clock=FakeClock(clock.now() - timedelta(minutes=5)), node=NODE).keep()
    await check(served, layout, shared=False)
    with pytest.raises(PutBack, match="db restored"):
        await check(copy, layout, shared=False)
    clock.advance(1)
    await copy.restored(Restoring(systems=()), by=BY)
    await check(copy, layout, shared=False)


async def test_a_clock_that_went_back_while_the_machine_was_down_is_told_at_the_start(tmp_path: Path):
    """Partners refuse what such a machine signs, and terms are reckoned from times that are none."""
    clock, layout = FakeClock(), Layout(tmp_path)
    served = MemoryStore(clock=clock, ids=FakeIds(1))
    await served.join(NODE, config="config-1")
    layout.lock.touch()
    await Marker(book=served, layout=layout, clock=clock, node=NODE).keep()
    mark = read(layout)
    with capture_logs() as logs:
        tell_clock(None, clock)
        tell_clock(mark, FakeClock(clock.now() + timedelta(days=1)))
        tell_clock(mark, FakeClock(clock.now() - timedelta(seconds=10)))
        assert not logs
        tell_clock(mark, FakeClock(clock.now() - timedelta(minutes=5)))
    (told,) = logs
    assert (told["event"], told["behind_s"], told["alert"]) == ("clock_behind", 300, True)
    assert told["written_at"] == clock.now().isoformat()


async def test_a_mark_is_never_set_back_by_a_database_that_was_put_back_under_the_gateway(tmp_path: Path):
    """G4: it names the last that was committed, so that no restart serves what lacks that."""
    clock, layout = FakeClock(), Layout(tmp_path)
    served, copy = MemoryStore(clock=clock, ids=FakeIds(1)), MemoryStore(clock=clock, ids=FakeIds(1))
    for store in (served, copy):
        await store.join(NODE, config="config-1")
    await served.record_act(Verb.PAUSE, Target.system(SystemId("tax")), by=BY)
    (chain,) = await served.chains()
    layout.lock.touch()
    lost: list[tuple[int, Head]] = []
    marker = Marker(book=served, layout=layout, clock=clock, node=NODE, lost=lambda: next(iter(lost), None))
    await marker.keep()
    marker.book = copy
    await marker.keep()
    mark = read(layout)
    assert mark is not None
    assert (mark.number, mark.link) == (chain.head.number, chain.head.link.hex())
    lost.append((chain.place, chain.head.then(b"what the mark had not seen yet")))
    await marker.keep()
    with pytest.raises(PutBack, match="db restored"):
        await check(served, layout, shared=True)


async def test_a_mark_that_cannot_be_written_is_told_with_what_the_system_said(tmp_path: Path):
    """A full disk, one that fails and one that is read-only are mended by different people."""
    layout = Layout(tmp_path)
    layout.lock.touch()
    draft = tmp_path / f".{layout.mark.name}.{os.getpid()}"
    draft.symlink_to(draft)
    served = MemoryStore(clock=FakeClock(), ids=FakeIds(1))
    await served.join(NODE, config="config-1")
    with capture_logs() as logs:
        await Marker(book=served, layout=layout, clock=FakeClock(), node=NODE).keep()
    assert [(told["event"], told["error"]) for told in logs] == [("mark_not_kept", "OSError ELOOP")]


class Restarted(FakeClock):
    """The clock of a machine that was started anew, or of another one."""

    def boot_id(self) -> str:
        return "another-boot"


@pytest.mark.parametrize("damaged", [b"", b"\0" * 64, b'{"node": "node-\xff"}'])
def test_a_mark_that_a_failing_disk_has_damaged_is_told_and_keeps_no_gateway_from_starting(
    tmp_path: Path, damaged: bytes
):
    layout = Layout(tmp_path)
    layout.mark.write_bytes(damaged)
    with capture_logs() as told:
        assert read(layout) is None
    assert [line["event"] for line in told] == ["mark_unreadable"]


def test_who_holds_the_lock_of_a_mark_is_told_from_a_copy_of_its_folder(tmp_path: Path):
    """G4: a copy, or the same folder on another machine, may not end the gateway that serves here."""
    one = Layout(tmp_path / "one")
    one.prepare()
    with held(one.lock):
        wrote = home(one, FakeClock())
    with held(one.lock):
        assert home(one, FakeClock()) == wrote
        assert home(one, Restarted()) != wrote
    shutil.copytree(one.root, tmp_path / "two")
    assert home(Layout(tmp_path / "two"), FakeClock()) != wrote


async def test_a_mark_of_a_chain_that_is_anothers_is_nobodys_home(tmp_path: Path):
    """G4: a gateway that has not begun names the newest record; whoever wrote that may live, and is not ended by it."""
    clock, layout = FakeClock(), Layout(tmp_path)
    served = await put_back(clock, 1)
    await served.join(NODE, config="config-1")
    layout.lock.touch()
    for node, has_home in ((NodeId("node-2"), False), (NODE, True)):
        await Marker(book=served, layout=layout, clock=clock, node=node).keep()
        mark = read(layout)
        assert mark is not None
        assert (mark.node, bool(mark.home)) == (NODE, has_home)
