"""Attachments in a local folder: whole and synced, or not there at all."""

import asyncio
import hashlib
import resource
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.errors import StoreFull
from gateway.core.message import Blob
from gateway.ports.blobs import BlobTooLarge
from gateway.stores.blobs import LocalBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds

_MB = 1 << 20


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def blobs(tmp_path: Path, clock: FakeClock) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs", clock=clock, ids=FakeIds())


async def _stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def _put(blobs: LocalBlobs, source: AsyncIterator[bytes], limit: int = 200 * _MB) -> Blob:
    return await blobs.put(source, name="đơn.pdf", content_type="application/pdf", limit=limit)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_is_put_is_read_back(blobs: LocalBlobs) -> None:
    """G1: bytes, length and digest."""
    blob = await _put(blobs, _stream(b"one ", b"two"))
    assert (blob.size, blob.sha256) == (7, hashlib.sha256(b"one two").hexdigest())
    async with blobs.open(blob) as chunks:
        assert b"".join([chunk async for chunk in chunks]) == b"one two"


async def test_an_empty_file_is_a_file(blobs: LocalBlobs) -> None:
    """Nothing is still something to prove."""
    blob = await _put(blobs, _stream())
    async with blobs.open(blob) as chunks:
        assert [chunk async for chunk in chunks] == []


async def test_nothing_is_kept_where_the_reserve_is_reached(tmp_path: Path, clock: FakeClock) -> None:
    """G1: refused before the first byte is written; the folder stays as it was."""
    blobs = LocalBlobs(tmp_path / "blobs", clock=clock, ids=FakeIds(), reserve=1 << 62)
    with pytest.raises(StoreFull):
        await _put(blobs, _stream(b"x"))
    assert list((tmp_path / "blobs").iterdir()) == []


async def test_two_uploads_never_share_a_key(blobs: LocalBlobs) -> None:
    """Also of the same bytes."""
    assert (await _put(blobs, _stream(b"x"))).key != (await _put(blobs, _stream(b"x"))).key


async def test_too_large_a_file_leaves_nothing(blobs: LocalBlobs, tmp_path: Path) -> None:
    """A hostile sender fills no disk."""
    with pytest.raises(BlobTooLarge) as caught:
        await _put(blobs, _stream(*[b"x" * _MB] * 5), limit=3 * _MB)
    assert caught.value.limit == 3 * _MB
    assert _files(tmp_path) == []


async def test_a_source_that_fails_leaves_nothing(blobs: LocalBlobs, tmp_path: Path) -> None:
    """What the source raises passes."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 2 * _MB
        raise ConnectionResetError("the sender went away")

    with pytest.raises(ConnectionResetError):
        await _put(blobs, broken())
    assert _files(tmp_path) == []


async def test_an_upload_that_is_cancelled_leaves_nothing(blobs: LocalBlobs, tmp_path: Path) -> None:
    """A shutdown in the middle of a file."""
    begun = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 2 * _MB
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(_put(blobs, slow()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _files(tmp_path) == []


async def test_a_missing_file_is_said_before_the_first_chunk(blobs: LocalBlobs) -> None:
    """A door can still answer 404."""
    gone = Blob(key="2026/03/02/gone", sha256="", size=0, content_type="", name="")
    with pytest.raises(FileNotFoundError):
        async with blobs.open(gone):
            pass


async def test_sweeping_removes_only_what_is_old_and_unkept(blobs: LocalBlobs, clock: FakeClock) -> None:
    """What a row refers to stays, and so does what is still on its way to a row."""
    kept, orphan = await _put(blobs, _stream(b"1")), await _put(blobs, _stream(b"2"))
    clock.advance(25 * 3600)
    fresh = await _put(blobs, _stream(b"3"))
    assert await blobs.sweep(older_than=timedelta(hours=24), is_kept=lambda key: key == kept.key) == 1
    for blob in (kept, fresh):
        async with blobs.open(blob):
            pass
    with pytest.raises(FileNotFoundError):
        async with blobs.open(orphan):
            pass


@pytest.mark.slow
async def test_a_large_file_passes_in_little_memory(blobs: LocalBlobs) -> None:
    """100 MB in and out grow the process by less than 16 MB."""
    chunk = b"x" * 65536

    async def large() -> AsyncIterator[bytes]:
        for _ in range(1600):
            yield chunk

    await _put(blobs, _stream(chunk * 32))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    blob = await _put(blobs, large())
    size = 0
    async with blobs.open(blob) as chunks:
        async for piece in chunks:
            size += len(piece)
    assert size == blob.size == 1600 * 65536
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024
