"""A short request over one of aiohttp's connections, without aiohttp's client session round it.

The session is made for browsing: redirects, cookies, middlewares, repeated requests, bodies of every shape. A relay
needs none of that for a request of a few kilobytes, and pays for it with more processor time than for everything else
about an attempt. What is hard stays aiohttp's: names, TLS, the pool of connections, and reading HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import aiohttp
from yarl import URL

from gateway.core.hot_value import hot_value
from gateway.wire.packed import ACCEPTED
from gateway.wire.reply_body import Body, ReplyFiles, read_reply

#: Headers that go with every request.
Defaults: TypeAlias = tuple[tuple[str, str], ...]

LONGEST_BODY = 64 * 1024  #: bytes; what is longer is streamed
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ORIGINS = 64
_SWITCHING, _SUCCESS = 101, 200


@dataclass(slots=True)
class Progress:
    """How far one exchange came."""

    begun: bool = False  #: the head was handed to the connection
    written: bool = False  #: so was all of the body
    source_failed: bool = False
    transport: asyncio.WriteTransport | None = None
    status: int | None = None

    @property
    def flushed(self) -> bool:
        """Tell whether the kernel has taken the whole request."""
        return self.written and (self.transport is None or not self.transport.get_write_buffer_size())


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request goes."""

    origin: URL
    host: str
    path: str  #: with its query, percent-encoded


@hot_value
class Short:
    """A request that fits into memory many times over; its headers may be sent as they are."""

    method: str
    target: Target
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    files: ReplyFiles | None = None  #: what becomes of those that come with the reply

    def encode(self, defaults: Defaults) -> bytes:
        """Return the request's bytes; a default gives way to a header of the same name."""
        lines = [f"{self.method} {self.target.path} HTTP/1.1", f"Host: {self.target.host}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += _lines_beside(tuple(self.headers), defaults)
        if self.body or self.method not in _BODILESS:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join((*lines, "", "")).encode() + self.body


@hot_value
class Received:
    """A whole reply; ``body`` is None where it is larger than we read."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Body | None = field(repr=False)
    early: bool


@lru_cache(maxsize=256)
def _lines_beside(names: tuple[str, ...], defaults: Defaults) -> tuple[str, ...]:
    """Return the lines of the defaults that give way to none of these names: the same few go with every request."""
    given = {name.lower() for name in names}
    return tuple(f"{name}: {value}" for name, value in defaults if name.lower() not in given)


@lru_cache(maxsize=256)
def target_of(url: str) -> Target | None:
    """Return where an address leads; None where it is not a plain one, which the session knows how to refuse."""
    parsed = URL(url)
    host = parsed.host_port_subcomponent
    if parsed.scheme not in ("http", "https") or not host or parsed.raw_user or parsed.raw_password:
        return None
    return Target(origin=parsed.origin(), host=host, path=parsed.raw_path_qs)


class Direct:
    """The short way over the connections of one connector, which somebody else owns."""

    def __init__(self, connector: aiohttp.BaseConnector, *, user_agent: str, timeout: aiohttp.ClientTimeout) -> None:
        self._connector = connector
        self._timeout = timeout
        defaults = {str(name): value for name, value in aiohttp.ClientRequest.DEFAULT_HEADERS.items()}
        defaults |= {"User-Agent": user_agent, "Accept-Encoding": ACCEPTED}
        if connector.force_close:
            defaults["Connection"] = "close"
        self._defaults = tuple(defaults.items())
        self._origins: dict[URL, aiohttp.ClientRequest] = {}

    async def exchange(self, request: Short, progress: Progress, *, limit: int) -> Received:
        """Send once, and read the whole reply of at most ``limit`` bytes; ``progress`` says how far it came.

        Raises what aiohttp raises. Whatever happens, the connection is given back, or closed where anything is odd.
        """
        connection = await self._connected(request.target)
        is_clean = False
        try:
            received = await _converse(connection, request, request.encode(self._defaults), progress, limit)
            is_clean = received.body is not None and not received.early
        finally:
            if is_clean:
                connection.release()
            else:
                connection.close()
        return received

    async def _connected(self, target: Target) -> aiohttp.connector.Connection:
        """Return a connection on which nothing was said unasked: that would be taken for the reply."""
        asker = self._asker(target.origin)
        for _ in range(self._connector.limit + 1):
            connection = await self._connector.connect(asker, [], self._timeout)
            if connection.protocol is not None and not connection.protocol.should_close:
                return connection
            connection.close()
        raise aiohttp.ClientConnectionError("the peer speaks unasked")

    def _asker(self, origin: URL) -> aiohttp.ClientRequest:
        """Return what a connector wants to know of a request: only its origin matters."""
        asker = self._origins.get(origin)
        if asker is None:
            if len(self._origins) >= _ORIGINS:
                self._origins.clear()
            asker = self._origins[origin] = aiohttp.ClientRequest("GET", origin, loop=asyncio.get_running_loop())
        return asker


async def _converse(
    connection: aiohttp.connector.Connection, request: Short, data: bytes, progress: Progress, limit: int
) -> Received:
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None:
        raise aiohttp.ClientConnectionError("the connection was lost")
    protocol.set_response_params(
        skip_payload=request.method.upper() == "HEAD", read_until_eof=True, auto_decompress=False
    )
    progress.begun = True
    transport.write(data)
    progress.written, progress.transport = True, transport
    message, content = await protocol.read()
    while message.code < _SUCCESS and message.code != _SWITCHING:  # 100 and its like announce the reply
        message, content = await protocol.read()
    progress.status, early = message.code, not progress.flushed
    body = await read_reply(message.headers, content, limit, request.files)
    return Received(status=message.code, headers=message.headers, body=body, early=early)
