"""G2, G3: an amendment takes the place of a submission whose file is gone, wherever in that a gateway is killed."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.delivery import State
from gateway.core.ids import FileId, MessageId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import PendingFile
from gateway.core.reason import Reason, Why
from gateway.stores.sqlite import SqliteStore
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_draft, a_planner
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.new_files import new_file
from gateway.testing.store_contract.world import World
from tests.crash.boundaries import STAGES
from tests.crash.fuse import Fuse, FusedStore

_FILE = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1")


async def _miss(world: World, message: MessageId) -> None:
    gone = Reason(Why.FILE_NOT_THERE)
    await world.store.miss(message, _FILE.file_id, gone, again_in=timedelta(seconds=2), plan=world.plan)


def _die(folder: Path, boundary: str) -> None:
    asyncio.run(_miss_under_fire(folder, boundary))


async def _miss_under_fire(folder: Path, boundary: str) -> None:
    clock, ids, fuse = FakeClock(), FakeIds(), Fuse(folder / "notes.jsonl")
    async with FusedStore(new_file(folder / "gateway.db"), clock=clock, ids=ids, fuse=fuse) as store:
        world = World(store, clock, ids, a_planner(ids))
        submitted = await world.receive(a_draft(pending=(_FILE,)))
        await world.receive(a_draft(text="2", kind="dossier.amended"))
        fuse.obey(f"{boundary} 1 SIGKILL")
        await _miss(world, submitted.message_id)


@pytest.mark.parametrize("stage", STAGES)
async def test_who_is_killed_over_it_has_done_all_of_it_or_nothing(tmp_path: Path, stage: str) -> None:
    """What the next process finds out once more changes nothing that was done: one submission goes, told once."""
    killed = multiprocessing.get_context("spawn").Process(target=_die, args=(tmp_path, f"miss.{stage}"))
    killed.start()
    await asyncio.to_thread(killed.join)
    assert killed.exitcode == -signal.SIGKILL
    clock, ids = FakeClock(), FakeIds(seed=2)
    clock.advance(3600)
    async with SqliteStore(tmp_path / "gateway.db", clock=clock, ids=ids) as store:
        world = World(store, clock, ids, a_planner(ids))
        submission, amendment = reversed(await store.find(destination=CIVIL_STATUS))
        is_done = stage in {"committed", "answered"}
        assert submission.state is (State.CANCELLED if is_done else State.WAITING)
        await _miss(world, submission.message_id)
        opening = await world.claim_one()
        assert (opening.id, opening.kind) == (amendment.id, SUBMITTED)
        await world.settle(opening)
        assert await world.claim() == ()
        assert [view.kind for view in await store.find(destination=PORTAL)] == ["relay.cancelled"]
