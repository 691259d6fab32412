"""The HTTP server: one port, bounded in time at every step."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import cast

import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger
from msgspec.structs import replace
from structlog.typing import FilteringBoundLogger

from gateway.config.durations import as_timedelta
from gateway.config.settings import Server

_log: FilteringBoundLogger = structlog.get_logger()

_BACKLOG = 1024
_AWAY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_NAME = "gateway"  #: what answers call their server: aiohttp would tell strangers which version of it, and of Python
_MILLISECOND = timedelta(milliseconds=1)
_LONGEST = (1 << 31) - 1  #: milliseconds: the system takes no more
_LINGER = 2.0  #: seconds for what a refused caller still sends, so that it can read the refusal
_OTHER_FILES = 128  #: that may be open beside those of callers: the database, the log, partners' connections
_FEWEST = 8
_SAY_AGAIN = 600.0  #: seconds between two lines that callers are turned away
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the operator may listen everywhere; we say where to call


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """An open port."""

    url: str  #: to be reached at from this machine
    port: int


def affordable(server: Server) -> Server:
    """Return the settings with no more connections than this process may open files for.

    Each may need one more, of an upload. Where none is left the system drops who calls, and tells nobody.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(_FEWEST, (files - _OTHER_FILES) // 2)
    if files == resource.RLIM_INFINITY or most >= server.connections:
        return server
    _log.warning("connections_limited", most=most, connections=server.connections, files=files)
    return replace(server, connections=most)


@asynccontextmanager
async def listen(app: web.Application, server: Server, on_closing: Callable[[], None]) -> AsyncGenerator[Listening]:
    """Listen while the context lasts; at its end requests in flight may finish. Raises OSError.

    ``on_closing`` is called before they are waited for: long polls should end then.
    """
    server_logger.addFilter(_is_ours)
    app.on_response_prepare.append(_sign)
    runner = web.AppRunner(
        app,
        handle_signals=False,
        handler_cancellation=True,
        shutdown_timeout=as_timedelta(server.shutdown).total_seconds(),
    )
    await runner.setup()
    try:
        listener = await asyncio.get_running_loop().create_server(
            _bounded(runner, server),
            server.host,
            server.port,
            backlog=_BACKLOG,
            reuse_port=server.reuse_port or None,
        )
        _cut_who_takes_nothing(listener.sockets, as_timedelta(server.keepalive))
        try:
            port = int(listener.sockets[0].getsockname()[1])
            yield Listening(url=_url(server.host, port), port=port)
        finally:
            listener.close()
    finally:
        on_closing()
        await runner.cleanup()


async def _sign(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers[hdrs.SERVER] = _NAME


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether the server tells of a fault of its own; what a caller sends that is no HTTP is told here, as no error."""
    error = record.exc_info[1] if record.exc_info else None
    if not isinstance(error, HttpProcessingError):
        return True
    _log.info("request_unreadable", error=type(error).__name__)
    return False


def _cut_who_takes_nothing(sockets: Iterable[socket.socket], after: timedelta) -> None:
    """Have the system end connections whose caller asks, and then reads nothing of the answer: they would never end.

    What is accepted has its listener's options (tcp(7)). Only Linux has one for this.
    """
    if sys.platform == "linux":
        for one in sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, min(round(after / _MILLISECOND), _LONGEST))


def _bounded(runner: web.AppRunner, server: Server) -> Callable[[], asyncio.Protocol]:
    """Return what serves a new connection, or turns it away where as many are open as may be."""
    serve = partial(
        _Connection,
        loop=asyncio.get_running_loop(),
        access_log=None,  # type: ignore[arg-type]  # aiohttp's own runner hands None on, too
        keepalive_timeout=as_timedelta(server.keepalive).total_seconds(),
        lingering_time=_LINGER,
        auto_decompress=False,  # no door takes what is compressed: nothing of it is worth undoing
    )
    full = _Full(server.connections)

    def make() -> asyncio.Protocol:
        served = runner.server
        if served is None or len(served.connections) >= server.connections:
            full.tell(asyncio.get_running_loop().time())
            return _Away()
        return serve(served)

    return make


@dataclass(slots=True)
class _Full:
    """Tells of callers who are turned away, and how many, but not of each."""

    most: int
    _refused: int = field(default=0, init=False)
    _next: float = field(default=0.0, init=False)

    def tell(self, now: float) -> None:
        """Count one, and say so where nothing was said for long."""
        self._refused += 1
        if now >= self._next:
            _log.warning("connections_full", most=self.most, refused=self._refused, alert=True)
            self._refused, self._next = 0, now + _SAY_AGAIN


class _Connection(web.RequestHandler):
    """One caller."""

    __slots__ = ()

    def data_received(self, data: bytes) -> None:
        """Read some bytes, and let go of them where they are no HTTP; what comes behind such is not looked at.

        aiohttp keeps the error in the very frame that its traceback keeps: a circle, and the bytes in it. Strangers
        could fill the memory with them before anybody looks for circles.
        """
        if self._unread() is not None:
            return
        super().data_received(data)
        if self._message_tail:  # behind who asks for another protocol, before it hears that nobody speaks it here
            self._message_tail = b""
            self.close()
        error = self._unread()
        if error is not None:
            error.__traceback__ = None

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what came to no application, as aiohttp does."""
        response = super().handle_error(request, status, exc, message)
        response.headers[hdrs.SERVER] = _NAME
        return response

    def _unread(self) -> HttpProcessingError | None:
        """Return what is wrong with the last that came, until it is answered."""
        error = getattr(self._messages[-1][0], "exc", None) if self._messages else None
        return error if isinstance(error, HttpProcessingError) else None


class _Away(asyncio.Protocol):
    """One connection too many: told so before a byte of it is read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer at once, and close."""
        cast("asyncio.WriteTransport", transport).write(_AWAY)  # which uvloop's is not by its class
        transport.close()


def _url(host: str, port: int) -> str:
    near = _ANYWHERE.get(host, host)
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"
