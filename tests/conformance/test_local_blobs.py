"""Attachments in a local folder: the contract, and what only a disk can do."""

import asyncio
import os
import resource
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.errors import StoreFull, StoreUnavailable
from gateway.stores.blobs import LocalBlobs
from gateway.testing.blob_contract import BlobContract, Room, stream
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds


@pytest.fixture
def room(tmp_path: Path) -> Room:
    clock, folder = FakeClock(), tmp_path / "blobs"

    def files(*, begun: bool) -> list[str]:
        return [str(path) for path in folder.rglob("*") if path.is_file() and ("#" in path.name) is begun]

    return Room(
        blobs=LocalBlobs(folder, clock=clock, ids=FakeIds()),
        clock=clock,
        complete=lambda: files(begun=False),
        begun=lambda: files(begun=True),
    )


class TestLocalBlobs(BlobContract):
    """Every behaviour of every store of files."""


async def test_nothing_is_kept_where_the_reserve_is_reached(tmp_path: Path) -> None:
    """G1: refused before the first byte is written; the folder stays as it was."""
    blobs = LocalBlobs(tmp_path / "blobs", clock=FakeClock(), ids=FakeIds(), reserve=1 << 62)
    with pytest.raises(StoreFull):
        await blobs.put(stream(b"x"), name="a.pdf", content_type="application/pdf", limit=10)
    assert list((tmp_path / "blobs").iterdir()) == []


async def test_why_a_file_could_not_be_kept_is_told(tmp_path: Path) -> None:
    """In the machine's own words: an operator mends a disk otherwise than a folder that is another user's."""
    (tmp_path / "blobs").mkdir()
    blobs = LocalBlobs(tmp_path / "blobs", clock=FakeClock(), ids=FakeIds())
    (tmp_path / "blobs" / f"{FakeClock().now():%Y}").touch()
    with pytest.raises(StoreUnavailable, match="could not be written: Not a directory"):
        await blobs.put(stream(b"x"), name="a.pdf", content_type="application/pdf", limit=10)


async def test_no_file_is_kept_where_the_disk_is_not_mounted_any_more(tmp_path: Path) -> None:
    """G1: the empty folder that it was mounted over takes files as well, and they are gone once it is back."""
    root, away = tmp_path / "blobs", tmp_path / "away"
    blobs = LocalBlobs(root, clock=FakeClock(), ids=FakeIds())
    before = await blobs.put(stream(b"x"), name="a.pdf", content_type="application/pdf", limit=10)
    root.rename(away)
    with pytest.raises(StoreUnavailable, match="could not be written: No such file"):
        await blobs.put(stream(b"y"), name="a.pdf", content_type="application/pdf", limit=10)
    root.mkdir()
    with pytest.raises(StoreUnavailable, match="another folder than when the gateway was started"):
        await blobs.put(stream(b"y"), name="a.pdf", content_type="application/pdf", limit=10)
    root.rmdir()
    away.rename(root)
    after = await blobs.put(stream(b"y"), name="a.pdf", content_type="application/pdf", limit=10)
    assert {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()} == {before.key, after.key}


async def test_nor_where_it_goes_while_a_file_comes(tmp_path: Path) -> None:
    """G1: it was there when the upload began; nothing of it stays."""
    root = tmp_path / "blobs"
    blobs = LocalBlobs(root, clock=FakeClock(), ids=FakeIds())

    async def source() -> AsyncIterator[bytes]:
        yield b"x"
        root.rename(tmp_path / "away")
        root.mkdir()
        yield b"y"

    with pytest.raises(StoreUnavailable, match="another folder than when the gateway was started"):
        await blobs.put(source(), name="a.pdf", content_type="application/pdf", limit=10)
    assert not [path for path in root.rglob("*") if path.is_file()]


async def test_sweeps_at_once_are_no_fault_of_one_another(tmp_path: Path) -> None:
    """Gateways that share a folder: what one has removed is not there for the others, whenever they look."""
    clock, folder = FakeClock(), tmp_path / "blobs"
    stores = [LocalBlobs(folder, clock=clock, ids=FakeIds()) for _ in range(8)]
    for number in range(3000):
        (folder / f"{number}").touch()
        os.utime(folder / f"{number}", (0, 0))

    async def none(_keys: Iterable[str]) -> frozenset[str]:
        return frozenset()

    await asyncio.gather(*(blobs.sweep(older_than=timedelta(0), kept=none) for blobs in stores))
    assert list(folder.iterdir()) == []


@pytest.mark.slow
async def test_a_large_file_passes_in_little_memory(room: Room) -> None:
    """100 MB in and out grow the process by less than 16 MB."""
    chunk = b"x" * 65536

    async def large() -> AsyncIterator[bytes]:
        for _ in range(1600):
            yield chunk

    await room.put(stream(chunk * 32))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    blob = await room.put(large())
    size = 0
    async with room.blobs.open(blob) as chunks:
        async for piece in chunks:
            size += len(piece)
    assert size == blob.size == 1600 * 65536
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024
