"""Attachments in a local folder: obstore writes and renames, we sync file and folders before anybody is told."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore

from gateway.core.errors import StoreFull, StoreUnavailable
from gateway.core.message import Blob
from gateway.ports.blobs import PAGE, Kept
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.stores.folders import DurableFolders, fsync
from gateway.stores.metered import Metered

_CHUNK = 1 << 20
_READ_CHUNK = 1 << 18
_PATIENCE = 5.0  #: seconds for the disk to end a write that nobody wants any more
_FULL = {errno.ENOSPC, errno.EDQUOT}


class LocalBlobs:
    """``ports.blobs.Blobs`` in a folder; a key is ``yyyy/mm/dd/<id>``, so no folder grows without end.

    Where less than ``reserve`` bytes of the disk are free, nothing is kept.
    """

    def __init__(self, root: Path, *, clock: Clock, ids: Ids, reserve: int = 0) -> None:
        self._root = root
        self._folders = DurableFolders(root)
        self._number = root.stat().st_ino  # not the disk's: one that is mounted again over a network may get another
        self._clock = clock
        self._ids = ids
        self._store = LocalStore(root)
        self._reserve = reserve

    async def begin(self) -> None:
        """Let obstore begin what it runs on: where that once fails, for want of a file, it fails for ever."""
        with suppress(BaseError, OSError):
            await obstore.head_async(self._store, "none")

    async def put(self, source: AsyncIterable[bytes], *, name: str, content_type: str, limit: int) -> Blob:
        key = f"{self._clock.now():%Y/%m/%d}/{self._ids.new()}"
        metered = Metered(source, limit)
        await asyncio.to_thread(self._begin, key)
        try:
            await self._write(key, metered)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(self._remove, key))
            raise
        return metered.blob(key, name=name, content_type=content_type)

    def _begin(self, key: str) -> None:
        """Make the folder of a new file. Raises StoreFull and StoreUnavailable."""
        try:
            if self._reserve and shutil.disk_usage(self._root).free < self._reserve:
                raise StoreFull("the disk's reserve is reached: no file is kept until space is freed")
            self._expect_root()
            self._folders.make((self._root / key).parent)
        except OSError as error:
            raise _as_store_error(error) from error

    def _expect_root(self) -> None:
        """Raise StoreUnavailable where the name leads to another folder than at the start, OSError where to none.

        What is kept there would be hidden, from the next start at the latest, by the disk that is mounted again.
        """
        if self._root.stat().st_ino != self._number:
            raise StoreUnavailable(
                f"{self._root} is another folder than when the gateway was started, as if its disk were not mounted:"
                " no file is kept; put the folder back, or start the gateway again where this one is to stay"
            )

    async def _write(self, key: str, metered: Metered) -> None:
        """Write a stream and sync it; raise what the source raised rather than obstore's wrapping of it."""
        small = await metered.whole(_CHUNK)
        try:
            await metered.stored(self._durably(key, metered if small is None else small), patience=_PATIENCE)
        except (BaseError, OSError) as error:
            raise metered.failure or _as_store_error(error) from error
        if metered.failure is not None:
            raise metered.failure

    async def _durably(self, key: str, content: Metered | bytes) -> None:
        in_pieces = isinstance(content, Metered)
        await obstore.put_async(
            self._store, key, content, use_multipart=in_pieces, chunk_size=_CHUNK, max_concurrency=1
        )
        await asyncio.to_thread(self._sync, key)

    def _sync(self, key: str) -> None:
        """Make the bytes durable, and the way to them."""
        path = self._root / key
        now = self._clock.now().timestamp()
        os.utime(path, (now, now))  # sweeping compares with the same clock
        fsync(path)
        self._folders.sync(path.parent)
        self._expect_root()  # at the end: what is found here now stays here

    def _remove(self, key: str) -> None:
        """Remove an object and what an interrupted upload left beside it; what stays is swept."""
        path = self._root / key
        with suppress(OSError):
            for left in path.parent.glob(f"{path.name}*"):
                left.unlink(missing_ok=True)

    @asynccontextmanager
    async def open(self, blob: Blob) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Read a stored file in chunks."""
        try:
            found = await obstore.get_async(self._store, blob.key)
        except BaseError as error:
            raise StoreUnavailable(f"the file {blob.key} cannot be read") from error
        yield _chunks(found)

    async def sweep(self, *, older_than: timedelta, kept: Kept) -> int:
        """Remove old objects that nobody keeps, and what interrupted uploads left."""
        old, removed = self._older((self._clock.now() - older_than).timestamp()), 0
        while page := await asyncio.to_thread(lambda: list(islice(old, PAGE))):
            unkept = set(page).difference(await kept(page))
            await asyncio.to_thread(self._remove_all, unkept)
            removed += len(unkept)
        return removed

    def _older(self, before: float) -> Iterator[str]:
        old = (path for path in self._root.rglob("*") if _is_older(path, before))
        return (str(path.relative_to(self._root)) for path in old)

    def _remove_all(self, keys: Iterable[str]) -> None:
        for key in keys:
            (self._root / key).unlink(missing_ok=True)


def _is_older(path: Path, before: float) -> bool:
    """Whether it is a file from before; one that another sweep, or its upload, removed meanwhile is none."""
    try:
        return path.is_file() and path.stat().st_mtime < before
    except FileNotFoundError:
        return False


async def _chunks(found: obstore.GetResult) -> AsyncIterator[bytes]:
    try:
        async for chunk in found.stream(min_chunk_size=_READ_CHUNK):
            yield bytes(chunk)
    except BaseError as error:
        raise StoreUnavailable("the file cannot be read to its end") from error


def _as_store_error(error: Exception) -> StoreFull | StoreUnavailable:
    words = str(error)
    if (isinstance(error, OSError) and error.errno in _FULL) or "No space left" in words or "StorageFull" in words:
        return StoreFull("the disk is full: the file was not kept")
    said = (isinstance(error, OSError) and error.strerror) or type(error).__name__
    return StoreUnavailable(f"the file could not be written: {said}")
