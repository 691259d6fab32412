"""The conformance suite of stores of files: what is not tested here is not a behaviour.

Subclass ``BlobContract`` in a test module and give a fixture ``room``; pytest does the rest.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

import pytest

from gateway.core.message import Blob
from gateway.ports.blobs import Blobs, BlobTooLarge
from gateway.testing.clock import FakeClock

_MB = 1 << 20
_DAYS_LATER = 49 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A store of files, and ways to look behind it."""

    blobs: Blobs
    clock: FakeClock  #: the store's; it agrees with the clock of where things lie
    complete: Callable[[], Collection[str]]  #: what whoever looks sees
    begun: Callable[[], Collection[str]]  #: what is hidden there of uploads that are not complete

    async def put(self, source: AsyncIterator[bytes], limit: int = 200 * _MB) -> Blob:
        """Store a stream."""
        return await self.blobs.put(source, name="đơn.pdf", content_type="application/pdf", limit=limit)

    async def read(self, blob: Blob) -> bytes:
        """Return a stored file."""
        async with self.blobs.open(blob) as chunks:
            return b"".join([chunk async for chunk in chunks])


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    """Yield these."""
    for chunk in chunks:
        yield chunk


class BlobContract:
    """The promises of ``ports.blobs.Blobs``."""

    async def test_what_is_put_is_read_back(self, room: Room) -> None:
        """G1: bytes, length and digest."""
        blob = await room.put(stream(b"one ", b"two"))
        assert (blob.size, blob.sha256) == (7, hashlib.sha256(b"one two").hexdigest())
        assert (blob.name, blob.content_type) == ("đơn.pdf", "application/pdf")
        assert await room.read(blob) == b"one two"

    async def test_a_large_file_passes_in_pieces(self, room: Room) -> None:
        """Also where its parts are none of the sender's."""
        pieces = [bytes([number]) * 700_001 for number in range(17)]
        blob = await room.put(stream(*pieces))
        assert (blob.size, blob.sha256) == (17 * 700_001, hashlib.sha256(b"".join(pieces)).hexdigest())
        async with room.blobs.open(blob) as chunks:
            read = [chunk async for chunk in chunks]
        assert b"".join(read) == b"".join(pieces)
        assert max(map(len, read)) <= 2 * _MB

    async def test_an_empty_file_is_a_file(self, room: Room) -> None:
        """Nothing is still something to prove."""
        assert await room.read(await room.put(stream())) == b""

    async def test_two_uploads_never_share_a_key(self, room: Room) -> None:
        """Also of the same bytes."""
        assert (await room.put(stream(b"x"))).key != (await room.put(stream(b"x"))).key

    @pytest.mark.parametrize("limit", [_MB // 2, 7 * _MB])
    async def test_too_large_a_file_leaves_nothing(self, room: Room, limit: int) -> None:
        """A hostile sender fills no disk."""
        with pytest.raises(BlobTooLarge) as caught:
            await room.put(stream(*[b"x" * _MB] * 8), limit=limit)
        assert caught.value.limit == limit
        assert (*room.complete(), *room.begun()) == ()

    async def test_a_source_that_fails_leaves_nothing(self, room: Room) -> None:
        """What the source raises passes."""

        async def broken() -> AsyncIterator[bytes]:
            for _ in range(12):
                yield b"x" * _MB
            raise ConnectionResetError("the sender went away")

        with pytest.raises(ConnectionResetError, match="the sender went away"):
            await room.put(broken())
        assert (*room.complete(), *room.begun()) == ()

    async def test_an_upload_that_is_cancelled_leaves_nothing(self, room: Room) -> None:
        """A shutdown in the middle of a file: nothing of it lies there, and nobody waits for the sender any more."""
        begun, ended = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            try:
                for _ in range(12):
                    yield b"x" * _MB
                begun.set()
                await asyncio.Event().wait()
            finally:
                ended.set()

        task = asyncio.create_task(room.put(slow()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (*room.complete(), *room.begun()) == ()
        await asyncio.wait_for(ended.wait(), 1)

    async def test_an_upload_that_is_cancelled_at_its_end_leaves_nothing(self, room: Room) -> None:
        """Whoever asked for it hears of no file, so there is none: also where the store had all of it in hand."""
        for size in (1, 2 * _MB):
            given = asyncio.Event()

            async def all_of_it(size: int = size, given: asyncio.Event = given) -> AsyncIterator[bytes]:
                yield b"x" * size
                given.set()

            task = asyncio.create_task(room.put(all_of_it()))
            await given.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (*room.complete(), *room.begun()) == ()

    async def test_nobody_sees_a_file_that_is_still_on_its_way(self, room: Room) -> None:
        """G1: whole, or not there at all."""
        begun, going_on = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            for _ in range(12):
                yield b"x" * _MB
            begun.set()
            await going_on.wait()
            yield b"y"

        task = asyncio.create_task(room.put(slow()))
        await begun.wait()
        assert (len(room.complete()), len(room.begun())) == (0, 1)
        going_on.set()
        assert len(await room.read(await task)) == 12 * _MB + 1
        assert (len(room.complete()), len(room.begun())) == (1, 0)

    async def test_a_missing_file_is_said_before_the_first_chunk(self, room: Room) -> None:
        """A door can still answer 404."""
        for size in (0, 5):
            gone = Blob(key="2026/03/02/gone", sha256="", size=size, content_type="", name="")
            with pytest.raises(FileNotFoundError):
                async with room.blobs.open(gone):
                    pass

    async def test_sweeping_removes_only_what_is_old_and_unkept(self, room: Room) -> None:
        """G2: what a row refers to stays, and so does what is still on its way to a row."""
        kept, orphan = await room.put(stream(b"1")), await room.put(stream(b"2"))
        room.clock.advance(_DAYS_LATER)
        fresh = await room.put(stream(b"3"))

        async def keeps(keys: Collection[str]) -> Collection[str]:
            assert set(keys) == {kept.key, orphan.key}
            return {kept.key}

        assert await room.blobs.sweep(older_than=timedelta(hours=24), kept=keeps) == 1
        assert [await room.read(blob) for blob in (kept, fresh)] == [b"1", b"3"]
        with pytest.raises(FileNotFoundError):
            await room.read(orphan)
