"""Attachments whose keeper is watched: the contract, and when it is said to fail."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.core.errors import FilesUnavailable, StoreError, StoreFull, StoreUnavailable
from gateway.core.message import Blob
from gateway.stores.blobs import LocalBlobs
from gateway.stores.watched import WatchedBlobs
from gateway.testing.blob_contract import BlobContract, Room, stream
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds


class Fitful(MemoryBlobs):
    """Fails as long as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: StoreError | None = None

    async def put(self, source: AsyncIterable[bytes], *, name: str, content_type: str, limit: int) -> Blob:
        if self.fails:
            raise self.fails
        return await super().put(source, name=name, content_type=content_type, limit=limit)

    @asynccontextmanager
    async def open(self, blob: Blob) -> AsyncGenerator[AsyncIterator[bytes]]:
        if self.fails:
            raise self.fails
        async with super().open(blob) as chunks:
            yield chunks


class Place:
    """A keeper that fails on demand, and whoever watches it."""

    def __init__(self) -> None:
        self.clock, self.keeper = FakeClock(), Fitful()
        self.blobs = WatchedBlobs(self.keeper, self.clock)

    async def put(self) -> Blob:
        return await self.blobs.put(stream(b"x"), name="a.pdf", content_type="application/pdf", limit=10)

    async def read(self, blob: Blob) -> None:
        async with self.blobs.open(blob):
            pass


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def room(tmp_path: Path) -> Room:
    clock, folder = FakeClock(), tmp_path / "blobs"

    def files(*, begun: bool) -> list[str]:
        return [str(path) for path in folder.rglob("*") if path.is_file() and ("#" in path.name) is begun]

    return Room(
        blobs=WatchedBlobs(LocalBlobs(folder, clock=clock, ids=FakeIds()), clock),
        clock=clock,
        complete=lambda: files(begun=False),
        begun=lambda: files(begun=True),
    )


class TestWatchedBlobs(BlobContract):
    """Every behaviour of every store of files: nothing is lost by being watched."""


@pytest.mark.parametrize(
    "fault", [StoreUnavailable("away (403 InvalidAccessKeyId)"), StoreUnavailable(), StoreFull("no room")]
)
async def test_files_fail_until_one_is_stored_or_read(place: Place, fault: StoreError) -> None:
    blob = await place.put()
    for works in (place.put, lambda: place.read(blob)):
        for fails in (place.put, lambda: place.read(blob)):
            place.keeper.fails = fault
            with pytest.raises(type(fault)):
                await fails()
            assert place.blobs.failure == (str(fault) or "StoreUnavailable")
            place.keeper.fails = None
            await works()
            assert not place.blobs.failure


async def test_callers_are_told_that_it_is_not_the_database(place: Place) -> None:
    blob = await place.put()
    for fails in (place.put, lambda: place.read(blob)):
        place.keeper.fails = StoreUnavailable("away")
        with pytest.raises(FilesUnavailable, match="away"):
            await fails()


async def test_what_nobody_has_tried_for_minutes_is_not_said_to_fail(place: Place) -> None:
    """It may be back: who asks next will see."""
    place.keeper.fails = StoreUnavailable("away")
    with pytest.raises(StoreUnavailable):
        await place.put()
    place.clock.advance(299)
    assert place.blobs.failure == "away"
    place.clock.advance(1)
    assert not place.blobs.failure


async def test_a_file_that_is_lost_says_nothing_of_the_others(place: Place) -> None:
    blob = await place.put()
    place.keeper.objects.clear()
    with pytest.raises(FileNotFoundError):
        await place.read(blob)
    assert not place.blobs.failure
