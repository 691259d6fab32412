"""Attachments, and whether what keeps them has failed of late: what people are told while files are refused."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta

from gateway.core.errors import FilesUnavailable, StoreError, StoreUnavailable
from gateway.core.message import Blob
from gateway.ports.blobs import Blobs, Kept
from gateway.ports.clock import Clock

_OF_LATE = 300.0  #: seconds: what waits for its file is tried again within them


class WatchedBlobs:
    """``ports.blobs.Blobs`` by others of them."""

    def __init__(self, blobs: Blobs, clock: Clock) -> None:
        self._blobs = blobs
        self._clock = clock
        self._failed_until = 0.0
        self._failure = ""

    @property
    def failure(self) -> str:
        """Why a file could not be stored or read within the last minutes; empty where one could be since."""
        return self._failure if self._clock.monotonic() < self._failed_until else ""

    async def put(self, source: AsyncIterable[bytes], *, name: str, content_type: str, limit: int) -> Blob:
        with self._noticed():
            return await self._blobs.put(source, name=name, content_type=content_type, limit=limit)

    @asynccontextmanager
    async def open(self, blob: Blob) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Read a stored file in chunks; noticed is whether it can be begun."""
        async with AsyncExitStack() as stack:
            with self._noticed():
                chunks = await stack.enter_async_context(self._blobs.open(blob))
            yield chunks

    async def sweep(self, *, older_than: timedelta, kept: Kept) -> int:
        return await self._blobs.sweep(older_than=older_than, kept=kept)

    @contextmanager
    def _noticed(self) -> Generator[None]:
        """Keep what becomes of a file; whatever is wrong with the file alone says nothing."""
        try:
            yield
        except StoreError as error:
            self._failed_until = self._clock.monotonic() + _OF_LATE
            self._failure = str(error) or type(error).__name__
            if isinstance(error, StoreUnavailable):
                raise FilesUnavailable(str(error)) from error
            raise
        self._failure = ""
