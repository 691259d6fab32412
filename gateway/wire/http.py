"""One HTTP exchange with one system, and what became of it.

The relay must know whether a request can have reached the peer. ``NotSent`` says that no byte of it left; ``Broken``
says that bytes may have left and no whole reply came. The line is drawn where aiohttp hands the request's head to the
connection: a connection that fails before is ``NotSent``, whatever fails after is ``Broken``.
Nothing here repeats a request, follows a redirect, keeps a cookie or reads the environment.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, lru_cache
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from types import SimpleNamespace, TracebackType
from typing import Self, TypeAlias

import aiohttp

from gateway.core.hot_value import hot_value
from gateway.core.message import Blob
from gateway.wire.direct import LONGEST_BODY, Direct, Progress, Short, target_of
from gateway.wire.http_failures import REMOTE, Broken, BrokenCause, Lost, NotSent, NotSentCause, failure_of
from gateway.wire.packed import ACCEPTED
from gateway.wire.reply_body import Body, ReplyFiles, read_reply
from gateway.wire.request_body import RequestBody, StreamBody
from gateway.wire.unasked import bounded

_FRAMING = frozenset({"content-length", "transfer-encoding", "expect", "connection"})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_AUTOMATIC = ("User-Agent", "Content-Type")  # what aiohttp would add without being asked


@hot_value
class HttpRequest:
    """What to send. Content-Length is ours to compute; Host is taken from the URL."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | StreamBody = field(default=b"", repr=False)
    files: ReplyFiles | None = None  #: what becomes of those beside the reply; None: a package is a body like any other


@hot_value
class HttpReply:
    """A whole reply, whatever its status."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)  #: the first of a repeated header
    body: bytes = field(default=b"", repr=False)
    early: bool = False  #: it came before the whole request was written, so it cannot speak of the whole
    document_type: str = ""  #: of the body, where it is the root of a package
    parts: Mapping[str, Blob | None] = field(default_factory=dict[str, "Blob | None"])  #: its files; None: dropped

    @property
    def content_type(self) -> str:
        """The type of the body, empty where none is declared; ``?`` for bytes that are no UTF-8."""
        declared = self.document_type or self.header("Content-Type") or ""
        return declared if declared.isascii() else declared.encode("utf-8", "replace").decode()

    def header(self, name: str) -> str | None:
        """Return a header, whatever the case of its name: aiohttp's headers are so."""
        return self.headers.get(name)


HttpResult: TypeAlias = HttpReply | NotSent | Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """How to speak to one system."""

    connections: int = 20  #: at most so many at once, and as many fresh ones again
    max_reply: int = 8 * 1024 * 1024  #: bytes of a reply's body, unpacked
    connect_timeout: timedelta = timedelta(seconds=10)  #: name, connection and TLS together
    keepalive: timedelta = timedelta(seconds=15)  #: how long an idle connection is kept
    user_agent: str = "provincial-gateway"
    tls: SSLContext | None = None  #: None: the machine's trusted authorities


DEFAULT_SETTINGS = HttpSettings()


class HttpClient:
    """The connections to one system; an async context manager that owns them."""

    def __init__(self, settings: HttpSettings = DEFAULT_SETTINGS) -> None:
        self._settings = settings
        self._pooled: _Way | None = None
        self._fresh: _Way | None = None

    async def __aenter__(self) -> Self:
        self._pooled = _Way.open(self._settings, fresh=False)
        self._fresh = _Way.open(self._settings, fresh=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for way in (self._pooled, self._fresh):
            if way is not None:
                await way.session.close()
        self._pooled = self._fresh = None

    async def exchange(self, request: HttpRequest, *, deadline: float, fresh: bool = False) -> HttpResult:
        """Send one request once and read its whole reply before ``deadline`` (of the running loop's clock).

        ``fresh`` refuses a connection that was used before, so that a reset cannot come from an idle one. So does what
        is too long for the short way: aiohttp's session would take for its reply what the peer said there unasked.
        Remote failures are returned; only cancellation and misuse are raised.
        """
        if self._pooled is None or self._fresh is None:
            raise RuntimeError("the client is closed: enter it with `async with` first")
        if asyncio.get_running_loop().time() >= deadline:
            return NotSent(cause=NotSentCause.TIMEOUT_CONNECT, detail="the deadline had passed")
        if (problem := unsendable(request.headers)) is not None:
            return NotSent(cause=NotSentCause.HEADER, detail=problem)
        progress = Progress()
        try:
            async with asyncio.timeout_at(deadline):
                if (short := _short(request)) is not None:
                    way = self._fresh if fresh else self._pooled
                    return await self._ask(way.direct, short, progress)
                return await self._converse(self._fresh.session, request, progress)
        except REMOTE as error:
            return failure_of(error, progress)

    async def _ask(self, direct: Direct, request: Short, progress: Progress) -> HttpResult:
        received = await direct.exchange(request, progress, limit=self._settings.max_reply)
        if received.body is None:
            return Broken(cause=BrokenCause.TOO_LARGE, status=received.status)
        return _whole(received.status, received.headers, received.body, early=received.early)

    async def _converse(self, session: aiohttp.ClientSession, request: HttpRequest, progress: Progress) -> HttpResult:
        body = await RequestBody.open(request.body, progress)
        try:
            async with session.request(
                request.method,
                request.url,
                headers=request.headers,
                data=body,
                allow_redirects=False,
                trace_request_ctx=progress,
            ) as response:
                progress.status, early = response.status, not progress.flushed
                limit = self._settings.max_reply
                content = await read_reply(response.headers, response.content, limit, request.files)
        finally:
            if body is not None:
                await body.ended()
        if content is None:
            return Broken(cause=BrokenCause.TOO_LARGE, status=progress.status)
        return _whole(response.status, response.headers, content, early=early)


@dataclass(frozen=True, slots=True)
class _Way:
    """One pool of connections: aiohttp's session over it, and the short way."""

    session: aiohttp.ClientSession
    direct: Direct

    @classmethod
    def open(cls, settings: HttpSettings, *, fresh: bool) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=settings.connect_timeout.total_seconds())
        connector = _connector(settings, fresh=fresh)
        direct = Direct(connector, user_agent=settings.user_agent, timeout=timeout)
        return cls(_session(settings, connector, timeout), direct)


def _whole(status: int, headers: Mapping[str, str], body: Body, *, early: bool) -> HttpReply:
    return HttpReply(
        status=status,
        headers=headers,
        body=body.data,
        early=early,
        document_type=body.document_type,
        parts=body.parts,
    )


def _short(request: HttpRequest) -> Short | None:
    """Return the request where the short way can take it."""
    body = request.body
    target = target_of(request.url)
    if target is None or not isinstance(body, bytes) or len(body) > LONGEST_BODY:
        return None
    if not _HEADER_NAME.fullmatch(request.method) or _names_host(tuple(request.headers)):
        return None
    return Short(method=request.method.upper(), target=target, headers=request.headers, body=body, files=request.files)


@lru_cache(maxsize=256)
def _names_host(names: tuple[str, ...]) -> bool:
    return any(name.lower() == "host" for name in names)


def unsendable(headers: Mapping[str, str]) -> str | None:
    """Say which header cannot be sent, and why, never its value; None where all can (RFC 9110, section 5)."""
    for name in headers:
        if (problem := _unfit(name)) is not None:
            return problem
    if _CONTROL.search("".join(headers.values())) is None:
        return None
    name = next(name for name, value in headers.items() if _CONTROL.search(value))
    return f"the header {name} holds a character that HTTP forbids in a value, a line break perhaps"


@lru_cache(maxsize=256)
def _unfit(name: str) -> str | None:
    """Say why a header of this name cannot be sent; the same few names are asked for with every request."""
    if name.lower() in _FRAMING:
        return f"the header {name} is not the caller's to set"
    return None if _HEADER_NAME.fullmatch(name) else f"{name!r} is no name of a header"


@cache
def _machines() -> SSLContext:
    """Return a context that trusts whom the machine trusts, and takes the same certificates on every Python.

    The default one refuses, from Python 3.13 on, what names no key of its authority, as old certificates do.
    """
    context = SSLContext(PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _connector(settings: HttpSettings, *, fresh: bool) -> aiohttp.TCPConnector:
    tls = settings.tls or _machines()
    if fresh:
        return bounded(aiohttp.TCPConnector(limit=settings.connections, ssl=tls, force_close=True))
    keepalive = settings.keepalive.total_seconds()
    return bounded(aiohttp.TCPConnector(limit=settings.connections, ssl=tls, keepalive_timeout=keepalive))


def _session(
    settings: HttpSettings, connector: aiohttp.TCPConnector, timeout: aiohttp.ClientTimeout
) -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_note_begun)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": settings.user_agent, "Accept-Encoding": ACCEPTED},
        auto_decompress=False,
        skip_auto_headers=_AUTOMATIC,
        timeout=timeout,
        trust_env=False,
        trace_configs=[trace],
        middlewares=(_once,),
    )


async def _note_begun(
    _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceRequestHeadersSentParams
) -> None:
    context.trace_request_ctx.begun = True


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise Lost(type(error).__name__) from error
