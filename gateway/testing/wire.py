"""A TCP connection's way that a test lays between two parts: cut, silent, or with PostgreSQL's COMMIT held or lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit, urlunsplit

LOOPBACK = "127.0.0.1"
_READ = 64 * 1024
_COMMIT = b"COMMIT\x00"  #: how the question ends, and the answer where it was done

Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]
#: Connects to the far end; raises OSError where nobody listens.
Reach: TypeAlias = Callable[[], Awaitable[Streams]]


class Wire:
    """Every connection that comes to its port is carried to the far end, as long as it is whole."""

    def __init__(self, reach: Reach) -> None:
        """Carry to what ``reach`` connects with."""
        self._reach = reach
        self._is_cut = False
        self._sounds = asyncio.Event()
        self._sounds.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._lost: asyncio.Event | None = None
        self._held: asyncio.Event | None = None
        self.port = 0

    @asynccontextmanager
    async def laid(self, port: int = 0) -> AsyncGenerator[None]:
        """Listen on loopback while the context lasts; at any free port unless one is given."""
        server = await asyncio.start_server(self._carry, LOOPBACK, port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """End every connection, and let none begin, until ``mend``."""
        self._is_cut = True
        self.break_off()

    def break_off(self) -> None:
        """End every connection; new ones may begin."""
        for writer in tuple(self._open):
            writer.transport.abort()

    def silence(self) -> None:
        """Carry nothing more and end nothing, as where packets are lost, until ``mend``."""
        self._sounds.clear()

    def mend(self) -> None:
        """Carry everything again."""
        self._is_cut = False
        self._sounds.set()

    def lose_commit(self) -> asyncio.Event:
        """Let PostgreSQL's next answer to a COMMIT be lost, with its connection; return the signal that it was."""
        self._lost = self._lost or asyncio.Event()
        return self._lost

    def hold_commit(self) -> asyncio.Event:
        """Let the next COMMIT not arrive until ``mend``; return the signal that it is on its way."""
        self._held = self._held or asyncio.Event()
        return self._held

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        self._open.add(writer)
        try:
            if not self._is_cut:
                far_reader, far = await self._reach()
                writers.append(far)
                self._open.add(far)
                await self._carry_both(self._ask(reader, far), self._answer(far_reader, writer))
        except OSError:
            pass  # nobody listens there, or one end is gone: so is the connection
        finally:
            for one in writers:
                one.transport.abort()
            self._open.difference_update(writers)

    @staticmethod
    async def _carry_both(*pumps: Awaitable[None]) -> None:
        tasks = [asyncio.ensure_future(pump) for pump in pumps]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        async for data in self._heard(source):
            if self._held is not None and _COMMIT in data:
                self._held.set()
                self._held = None
                self.silence()
                await self._sounds.wait()
            await self._say(sink, data)

    async def _answer(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        async for data in self._heard(source):
            if self._lost is not None and _COMMIT in data:
                self._lost.set()
                self._lost = None
                return
            await self._say(sink, data)

    async def _heard(self, source: asyncio.StreamReader) -> AsyncGenerator[bytes]:
        with contextlib.suppress(OSError):
            while data := await source.read(_READ):
                await self._sounds.wait()
                yield data

    @staticmethod
    async def _say(sink: asyncio.StreamWriter, data: bytes) -> None:
        sink.write(data)
        with contextlib.suppress(OSError):
            await sink.drain()


def to_server(url: Callable[[], str]) -> Reach:
    """Return the way to the PostgreSQL server whose address that is now, in libpq's form."""

    async def reach() -> Streams:
        split = urlsplit(url())
        folder = parse_qs(split.query).get("host")
        if folder:
            return await asyncio.open_unix_connection(f"{folder[0]}/.s.PGSQL.{split.port or 5432}")
        return await asyncio.open_connection(split.hostname, split.port or 5432)

    return reach


def through(wire: Wire, url: str) -> str:
    """Return the address of a database as it is reached through a wire."""
    split = urlsplit(url)
    user = split.netloc.rpartition("@")[0]
    return urlunsplit(split._replace(netloc=f"{user}@{LOOPBACK}:{wire.port}", query="sslmode=disable"))
