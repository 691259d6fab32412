"""A request's body: as bytes or as a stream, sent once and never more or less of it than was announced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from aiohttp import payload
from aiohttp.abc import AbstractStreamWriter

from gateway.wire.direct import Progress

_SLICE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamBody:
    """A body too large to hold: exactly ``size`` bytes, in chunks.

    ``chunks`` is called once per exchange; the generator it returns is closed whatever happens.
    """

    size: int
    chunks: Callable[[], AsyncGenerator[bytes, None]]
    digest: str = ""  #: what its maker knows the bytes by, for the attempt's record
    outline: Callable[[], bytes] = bytes  #: the same with each file's digest in its place, to be compared


class SourceFailed(Exception):
    """The request's own body could not be read, or is not as long as announced."""


class RequestBody(payload.Payload):
    """A request's body, which notes how far it came and never sends more or less than it announced."""

    _autoclose = True  # the source is closed by `write` and `ended`

    def __init__(self, chunks: AsyncGenerator[bytes, None], size: int, first: bytes, progress: Progress) -> None:
        super().__init__(None)
        self._size = self._announced = size
        self._chunks = chunks
        self._first = first
        self._progress = progress
        self._done: asyncio.Event | None = None

    @classmethod
    async def open(cls, body: bytes | StreamBody, progress: Progress) -> RequestBody | None:
        """Read the first chunk, so that a body that cannot be opened fails before a connection is made."""
        if not (body if isinstance(body, bytes) else body.size):
            progress.written = True
            return None
        chunks = _slices(body) if isinstance(body, bytes) else body.chunks()
        outgoing = cls(chunks, len(body) if isinstance(body, bytes) else body.size, b"", progress)
        try:
            outgoing._first = await outgoing._next()
        except BaseException:
            await chunks.aclose()
            raise
        return outgoing

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Refuse: aiohttp would only ask in order to send the body again."""
        raise TypeError(f"a body is sent once, as bytes, not as text in {encoding} ({errors})")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the body, once."""
        self._done = asyncio.Event()
        try:
            async with aclosing(self._chunks):
                await self._write_all(writer)
        finally:
            self._done.set()

    async def _write_all(self, writer: AbstractStreamWriter) -> None:
        left, chunk = self._announced, self._first
        while chunk:
            left -= len(chunk)
            if left < 0:
                raise self._failed("the body is longer than announced")
            await writer.write(chunk)
            chunk = await self._next()
        if left:
            raise self._failed("the body is shorter than announced")
        await writer.drain()
        self._progress.written, self._progress.transport = True, writer.transport

    async def _next(self) -> bytes:
        try:
            async for chunk in self._chunks:
                if chunk:
                    return chunk
        except Exception as error:
            raise self._failed(type(error).__name__) from error
        return b""

    def _failed(self, problem: str) -> SourceFailed:
        self._progress.source_failed = True
        return SourceFailed(problem)

    async def ended(self) -> None:
        """Wait until nobody reads the source any more; close it where nobody ever did."""
        if self._done is None:
            await self._chunks.aclose()
        else:
            await self._done.wait()


async def _slices(data: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(data), _SLICE):
        yield data[start : start + _SLICE]
