"""A stream on its way into a store of files: counted, hashed and bounded while it passes."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterable, Awaitable
from typing import Any

from gateway.core.message import Blob
from gateway.ports.blobs import BlobTooLarge


class Stopped(Exception):
    """Whoever wanted the file stored has gone: no more of it passes."""


class Metered:
    """Passes a stream on, piece by piece; ``failure`` is what it raised."""

    def __init__(self, source: AsyncIterable[bytes], limit: int) -> None:
        self._source = aiter(source)
        self._limit = limit
        self._lead: deque[bytes] = deque()
        self._reader: asyncio.Task[Any] | None = None
        self._is_stopped = False
        self.size = 0
        self.sha256 = hashlib.sha256()
        self.failure: BaseException | None = None

    async def whole(self, most: int) -> bytes | None:
        """Return the whole stream where it is no longer than this; else None, and what was read passes first."""
        while self.size <= most:
            try:
                self._lead.append(await self._read())
            except StopAsyncIteration:
                data = b"".join(self._lead)
                self._lead.clear()
                return data
        return None

    def stop(self) -> None:
        """Let whoever reads get ``Stopped`` instead of more, and end at once what waits for the source."""
        self._is_stopped = True
        if self._reader is not None:
            self._reader.cancel()

    def __aiter__(self) -> Metered:
        return self

    async def __anext__(self) -> bytes:
        if self._is_stopped:
            raise Stopped
        return self._lead.popleft() if self._lead else await self._read()

    async def _read(self) -> bytes:
        self._reader = asyncio.current_task()
        try:
            chunk = await anext(self._source)
            self._measure(chunk)
        except StopAsyncIteration:
            raise
        except BaseException as error:
            self.failure = error
            raise
        finally:
            self._reader = None
        return chunk

    def _measure(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self._limit:
            raise BlobTooLarge(self._limit)
        self.sha256.update(chunk)

    def blob(self, key: str, *, name: str, content_type: str) -> Blob:
        """Return what has passed, as it is kept under this key."""
        return Blob(key=key, sha256=self.sha256.hexdigest(), size=self.size, content_type=content_type, name=name)

    async def stored(self, upload: Awaitable[object], *, patience: float) -> None:
        """Wait for what stores this stream. Cancelled, let it find no more to store, and wait for its end that long.

        Then it has given up, or is complete and can be removed; one that is merely dropped goes on out of sight.
        """
        running = asyncio.ensure_future(upload)
        running.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            self.stop()
            await asyncio.wait((running,), timeout=patience)
            raise
