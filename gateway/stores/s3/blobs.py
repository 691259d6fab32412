"""``ports.blobs.Blobs`` in a bucket: small files in one request, large ones in parts, each proved by its SHA-256."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Collection
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

import obstore

from gateway.core.errors import StoreUnavailable
from gateway.core.message import Blob
from gateway.ports.blobs import PAGE, Kept
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.stores.metered import Metered
from gateway.stores.s3.answers import FAULTS, code_of, failed, is_unfit, told
from gateway.stores.s3.bucket import Bucket, BucketUnfit, Patience, open_bucket
from gateway.stores.s3.unfinished import UnfinishedUploads

_SMALL = 1 << 20  #: bytes that are held and sent in one request
_PART = 5 << 20  #: bytes of one part: the least that S3 takes
_LARGE_AT_ONCE = 12  #: files in parts on their way: each holds two parts in memory
_PIECE = 1 << 20  #: bytes that are read at once
_DAY = timedelta(days=1)
_KEY = re.compile(r"(\d{4}/\d\d/\d\d)/[0-9a-f-]{36}")
_REMOVED_AT_ONCE = 100
_PATIENCE = Patience()

T = TypeVar("T")


class S3Blobs:
    """A key is ``yyyy/mm/dd/<id>`` after the prefix; nothing else below it is ever touched.

    An upload is complete, for whoever looks, when the object store has acknowledged it, and not there at all before.
    """

    def __init__(self, bucket: Bucket, *, clock: Clock, ids: Ids, patience: Patience = _PATIENCE) -> None:
        self._clock = clock
        self._ids = ids
        self._patience = patience
        self._store = open_bucket(bucket, patience)
        self._unfinished = UnfinishedUploads(bucket, patience, clock)
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)

    async def prove(self) -> None:
        """Do once what the gateway will do: list, write, read, remove.

        Raises BucketUnfit where repeating is in vain, StoreUnavailable where nobody answers.
        """
        try:
            async with asyncio.timeout(self._patience.proof.total_seconds()):
                await self._try_all()
        except TimeoutError as error:
            raise StoreUnavailable("the object store answers nothing, or slowly") from error
        except StoreUnavailable as error:
            if is_unfit(error.__cause__):
                raise BucketUnfit(str(error), code_of(error.__cause__)) from error
            raise

    async def _try_all(self) -> None:
        async with aclosing(self._old(self._clock.now())) as pages:
            await anext(pages, None)
        blob = await self.put(_sample(), name="", content_type="", limit=_SMALL)
        async with self.open(blob) as chunks:
            _ = [chunk async for chunk in chunks]
        await self._remove_all([blob.key])

    async def put(self, source: AsyncIterable[bytes], *, name: str, content_type: str, limit: int) -> Blob:
        key = f"{self._clock.now():%Y/%m/%d}/{self._ids.new()}"
        metered = Metered(source, limit)
        small = await metered.whole(_SMALL)
        try:
            await (self._put_large(key, metered) if small is None else self._put_small(key, small, metered))
        except BaseException:
            if metered.failure is None:  # nobody has said whether the last request was carried out
                await asyncio.shield(self._remove(key))
            raise
        return metered.blob(key, name=name, content_type=content_type)

    async def _put_small(self, key: str, data: bytes, metered: Metered) -> None:
        with told("store a file"):
            await metered.stored(self._whole(key, data), patience=self._patience.cleaning.total_seconds())

    async def _whole(self, key: str, data: bytes) -> None:
        await self._in_time(obstore.put_async(self._store, key, data, use_multipart=False))

    async def _put_large(self, key: str, metered: Metered) -> None:
        """Send a stream in parts; where it cannot be ended, the client gives up what it has begun."""
        async with self._place():
            try:
                await metered.stored(self._parts(key, metered), patience=self._patience.cleaning.total_seconds())
            except Exception as error:
                raise metered.failure or failed("store a file", error) from error

    async def _parts(self, key: str, metered: Metered) -> None:
        await obstore.put_async(self._store, key, metered, use_multipart=True, chunk_size=_PART, max_concurrency=1)
        if metered.failure is not None:
            raise metered.failure

    @asynccontextmanager
    async def _place(self) -> AsyncGenerator[None]:
        """Take one of the places for large files: each has its memory."""
        try:
            async with asyncio.timeout(self._patience.room.total_seconds()):
                await self._large.acquire()
        except TimeoutError:
            raise StoreUnavailable("too many large files are on their way at once") from None
        try:
            yield
        finally:
            self._large.release()

    async def _remove(self, key: str) -> None:
        """Remove what may be there; the sweep does what fails here."""
        with suppress(*FAULTS):
            async with asyncio.timeout(self._patience.cleaning.total_seconds()):
                await obstore.delete_async(self._store, key)

    @asynccontextmanager
    async def open(self, blob: Blob) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Read a stored file piece by piece, each by a request of its own: no slow reader holds a connection."""
        yield self._pieces(blob, await self._piece(blob, 0))

    async def _pieces(self, blob: Blob, first: bytes) -> AsyncIterator[bytes]:
        piece, read = first, 0
        while piece:
            yield piece
            read += len(piece)
            piece = await self._piece(blob, read) if read < blob.size else b""

    async def _piece(self, blob: Blob, start: int) -> bytes:
        """Return the bytes from there on. Raises FileNotFoundError and StoreUnavailable."""
        length = min(blob.size - start, _PIECE)
        with told("read a file", reads=True):
            if length <= 0:  # no range begins there
                await self._in_time(obstore.get_async(self._store, blob.key))
                return b""
            found = obstore.get_range_async(self._store, blob.key, start=start, length=length)
            return bytes(await self._in_time(found))

    async def sweep(self, *, older_than: timedelta, kept: Kept) -> int:
        """Remove old objects that nobody keeps, and give up what was begun long ago and never ended.

        Old is what is so by its key, of our clock, and by what the object store says of it.
        """
        before, removed = self._clock.now() - older_than, 0
        async for page in self._old(before):
            unkept = set(page).difference(await kept(page))
            await self._remove_all(unkept)
            removed += len(unkept)
        lost = [one for one in await self._unfinished.listed() if one.begun_at < before and _is_old(one.key, before)]
        await self._unfinished.give_up(lost)
        return removed + len(lost)

    async def _old(self, before: datetime) -> AsyncGenerator[list[str]]:
        """Yield the keys of old objects, ``PAGE`` at most at once."""
        pages = obstore.list(self._store, chunk_size=PAGE)  # pyright: ignore[reportUnknownMemberType] # Arrow's form
        while True:
            with told("list files"):
                page = await self._in_time(anext(pages, None))
            if page is None:
                return
            keys = [one["path"] for one in page if one["last_modified"] < before and _is_old(one["path"], before)]
            if keys:
                yield keys

    async def _remove_all(self, keys: Collection[str]) -> None:
        left = iter(keys)
        while some := list(islice(left, _REMOVED_AT_ONCE)):
            with told("remove files"):
                await self._in_time(obstore.delete_async(self._store, some))

    async def _in_time(self, answer: Awaitable[T]) -> T:
        async with asyncio.timeout(self._patience.whole.total_seconds()):
            return await answer


def _is_old(key: str, before: datetime) -> bool:
    """Whether a key is one of ours, and its day was over by then."""
    if not (found := _KEY.fullmatch(key)):
        return False
    try:
        return datetime.fromisoformat(f"{found[1].replace('/', '-')}T00:00Z") + _DAY <= before
    except ValueError:
        return False


async def _sample() -> AsyncIterator[bytes]:
    yield b"gateway"
