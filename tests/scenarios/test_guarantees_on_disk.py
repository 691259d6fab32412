"""The guarantees where they meet the disk: commits that fail, files to be synced, what a restart finds."""

import os
import resource
import shutil
import threading
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest

from gateway.config.loader import load
from gateway.core.delivery import DoubtMark, State
from gateway.core.errors import StoreUnavailable
from gateway.core.ids import NodeId
from gateway.stores.blobs import LocalBlobs
from gateway.stores.sqlite.connection import Tuning, connect
from gateway.stores.sqlite.store import SqliteStore
from gateway.testing.books import a_draft, a_planner, a_settlement
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract.world import slots

ROOT = Path(__file__).resolve().parents[2]
_FULL = 2  # SQLite's number


@contextmanager
def no_file_grows_beyond(size: int) -> Generator[None]:
    """Let every write past this size fail, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_commit_that_cannot_be_written_promised_nothing(tmp_path: Path):
    """G1: nobody is answered between the work and its commit."""
    path, clock, ids = tmp_path / "gateway.db", FakeClock(), FakeIds()
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft("A")], plan=plan)
        with no_file_grows_beyond(path.with_name("gateway.db-wal").stat().st_size), pytest.raises(StoreUnavailable):
            await store.accept([a_draft("B")], plan=plan)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        assert await store.dossiers("B") == ()
        assert len(await store.dossiers("A")) == 1


def test_every_commit_is_synced_unless_somebody_asks_otherwise(tmp_path: Path):
    """G1: FULL is the default of the store and of the settings."""
    connection = connect(tmp_path / "gateway.db", Tuning())
    assert connection.execute("PRAGMA synchronous").fetchone() == (_FULL,)
    connection.close()
    assert load(ROOT / "config").settings.store.synchronous == "FULL"


@contextmanager
def watched_syncs() -> Generator[list[Path]]:
    """List what the threads that begin now pass to ``fsync``, in order; nothing is replaced."""
    synced: list[Path] = []

    def watch(frame: FrameType, event: str, called: object) -> None:
        if event == "c_call" and called is os.fsync:
            synced.append(Path(f"/proc/self/fd/{frame.f_locals['file']}").resolve())

    threading.setprofile(watch)
    try:
        yield synced
    finally:
        threading.setprofile(None)


async def test_a_file_and_every_folder_above_it_are_synced_before_its_receipt(tmp_path: Path):
    """G1: bytes and names survive a power cut."""

    async def content() -> AsyncIterator[bytes]:
        yield b"%PDF-1.7"

    root, clock, ids = tmp_path / "blobs", FakeClock(), FakeIds()

    async def put(blobs: LocalBlobs) -> list[Path]:
        """Store a file; return what was synced after the file itself."""
        before = len(synced)
        blob = await blobs.put(content(), name="don.pdf", content_type="application/pdf", limit=100)
        path, *folders = synced[before:]
        assert path == root / blob.key
        return folders

    with watched_syncs() as synced:
        blobs, march = LocalBlobs(root, clock=clock, ids=ids), root / "2026" / "03"
        assert await put(blobs) == [march / "02", march, root / "2026", root]
        assert await put(blobs) == [march / "02"]
        clock.advance(86400)
        assert await put(blobs) == [march / "03", march]
        shutil.rmtree(march / "03")  # by somebody's hand: made again, it is a new name in its folder
        assert await put(blobs) == [march / "03", march]
        another = LocalBlobs(root, clock=clock, ids=ids)  # it cannot know how far the first has come
        assert await put(another) == [march / "03", march, root / "2026", root]


async def test_what_was_begun_is_there_after_a_crash_and_taken_over_in_doubt(tmp_path: Path):
    """G4, G11: a claimed delivery never comes back as if nothing had been sent; one not begun does."""
    path, clock, ids = tmp_path / "gateway.db", FakeClock(), FakeIds()
    plan = a_planner(ids)
    hold = {"civil_status": {"dossier.amended"}}
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.join(NodeId("node-1"), config="config-1")
        await store.accept([a_draft("A"), a_draft("B")], plan=plan)
        for leased in await store.claim(slots()):
            if leased.codes["province"] == "B":
                await store.settle(a_settlement(leased), plan=plan)
        await store.accept([a_draft("B", text="2", kind="dossier.amended")], plan=plan)
        (waiting,) = await store.claim(slots(hold_kinds=hold))
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        node = NodeId("node-2")
        await store.join(node, config="config-1")
        (taken,) = await store.reclaim(slots(node=node, hold_kinds=hold), limit=10)
        assert taken.codes["province"] == "A"
        (again,) = await store.claim(slots(node=node, hold_kinds=hold))
        assert (again.id, again.reclaims) == (waiting.id, 0)


async def test_what_is_in_doubt_keeps_the_configuration_that_it_was_sent_by(tmp_path: Path):
    """G8: a new configuration changes nothing of what the partner may have; what surely was not taken goes by it."""
    path, clock, ids = tmp_path / "gateway.db", FakeClock(), FakeIds()
    plan = a_planner(ids)
    async with SqliteStore(path, clock=clock, ids=ids) as store:
        await store.accept([a_draft("A")], plan=plan)
        pins: list[str | None] = []
        for number, doubt in enumerate(
            (DoubtMark.KEEP, DoubtMark.SET, DoubtMark.KEEP, DoubtMark.CLEAR, DoubtMark.KEEP)
        ):
            (claimed,) = await store.claim(replace(slots(), config=f"config-{number}"))
            pins.append(claimed.pinned)
            await store.settle(a_settlement(claimed, State.DELAYED, doubt=doubt), plan=plan)
    assert pins == ["config-0", "config-1", "config-1", "config-1", "config-4"]
