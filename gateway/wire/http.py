"""One HTTP exchange with one system, and what became of it.

The relay must know whether a request can have reached the peer. ``NotSent`` says that no byte of it left; ``Broken``
says that bytes may have left and no whole reply came. The line is drawn where aiohttp hands the request's head to the
connection: a connection that fails before is ``NotSent``, whatever fails after is ``Broken``.
Nothing here repeats a request, follows a redirect, keeps a cookie or reads the environment.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cache, lru_cache
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from types import SimpleNamespace, TracebackType
from typing import Self, TypeAlias

import aiohttp
from aiohttp import payload
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import ContentLengthError, HttpProcessingError

from gateway.core.hot_value import hot_value
from gateway.core.message import Blob
from gateway.wire.direct import LONGEST_BODY, Direct, Progress, Short, target_of
from gateway.wire.mime import MimeError
from gateway.wire.packed import ACCEPTED
from gateway.wire.reply_body import Body, NotKept, ReplyFiles, read_reply
from gateway.wire.tls_alerts import refuses_our_certificate, words_of_tls
from gateway.wire.unasked import bounded

_SLICE = 64 * 1024
_FRAMING = frozenset({"content-length", "transfer-encoding", "expect", "connection"})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_AUTOMATIC = ("User-Agent", "Content-Type")  # what aiohttp would add without being asked


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamBody:
    """A body too large to hold: exactly ``size`` bytes, in chunks.

    ``chunks`` is called once per exchange; the generator it returns is closed whatever happens.
    """

    size: int
    chunks: Callable[[], AsyncGenerator[bytes, None]]
    digest: str = ""  #: what its maker knows the bytes by, for the attempt's record
    outline: Callable[[], bytes] = bytes  #: the same with each file's digest in its place, to be compared


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
        """Return a header, whatever the case of its name."""
        if (value := self.headers.get(name)) is not None:
            return value
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)


class NotSentCause(StrEnum):
    """Why no byte of the request left."""

    DNS = "dns"  #: the host's name was not resolved
    REFUSED = "refused"  #: nobody listens
    UNREACHABLE = "unreachable"  #: no route, or the connection was lost before the request
    TLS = "tls"  #: no trusted connection
    TIMEOUT_CONNECT = "timeout_connect"  #: no connection in time
    BODY = "body"  #: our own body could not be read
    INVALID = "invalid"  #: the URL cannot be used
    HEADER = "header"  #: HTTP forbids a header's name, or a character in its value


class BrokenCause(StrEnum):
    """Why there is no whole reply although bytes may have left."""

    TIMEOUT = "timeout"  #: the deadline passed
    RESET = "reset"  #: the connection was lost
    TOO_LARGE = "too_large"  #: the reply is larger than we read
    UNREADABLE = "unreadable"  #: the reply is not HTTP, or not the package that it says it is
    NOT_KEPT = "not_kept"  #: a file in the reply could not be put on disk
    BODY = "body"  #: our own body ended early or could not be read to its end


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """It surely never left."""

    cause: NotSentCause
    detail: str = ""  #: the kind of error, for the operator; never an address or a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Bytes may have left; there is no whole reply."""

    cause: BrokenCause
    detail: str = ""  #: the kind of error, for the operator; never an address or a value
    status: int | None = None  #: where at least the reply's head came


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
        except _REMOTE as error:
            return _not_sent(error) if _surely_unsent(error, progress) else _broken(error, progress)

    async def _ask(self, direct: Direct, request: Short, progress: Progress) -> HttpResult:
        received = await direct.exchange(request, progress, limit=self._settings.max_reply)
        if received.body is None:
            return Broken(cause=BrokenCause.TOO_LARGE, status=received.status)
        return _whole(received.status, received.headers, received.body, early=received.early)

    async def _converse(self, session: aiohttp.ClientSession, request: HttpRequest, progress: Progress) -> HttpResult:
        body = await _Outgoing.open(request.body, progress)
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


class _SourceFailed(Exception):
    """The request's own body could not be read, or is not as long as announced."""


class _Lost(aiohttp.ClientError):
    """The connection broke. aiohttp repeats some requests on its own errors of that meaning, but not on this one."""


class _Outgoing(payload.Payload):
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
    async def open(cls, body: bytes | StreamBody, progress: Progress) -> _Outgoing | None:
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

    def _failed(self, problem: str) -> _SourceFailed:
        self._progress.source_failed = True
        return _SourceFailed(problem)

    async def ended(self) -> None:
        """Wait until nobody reads the source any more; close it where nobody ever did."""
        if self._done is None:
            await self._chunks.aclose()
        else:
            await self._done.wait()


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


async def _slices(data: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(data), _SLICE):
        yield data[start : start + _SLICE]


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
        raise _Lost(type(error).__name__) from error


_REMOTE = (OSError, aiohttp.ClientError, HttpProcessingError, ValueError, MimeError, NotKept, _SourceFailed)


def _surely_unsent(error: Exception, progress: Progress) -> bool:
    if not progress.begun:
        return True
    # What our own store of files met, and what came behind a status, is no word of the peer's about its handshake.
    return progress.status is None and not progress.source_failed and refuses_our_certificate(error)


def _not_sent(error: Exception) -> NotSent:
    return NotSent(cause=_not_sent_cause(error), detail=words_of(error))


def words_of(error: Exception) -> str:
    """Return what stops a connection in OpenSSL's or the machine's words (``No route to host``), else its class.

    A name that nobody knows has no number among the machine's errors.
    """
    number = error.os_error.errno if isinstance(error, aiohttp.ClientConnectorError) else None
    of_the_network = os.strerror(number) if number is not None and number in errno.errorcode else ""
    return words_of_tls(error) or of_the_network or type(error).__name__


_NOT_SENT: tuple[tuple[tuple[type[Exception], ...], NotSentCause], ...] = (
    ((_SourceFailed,), NotSentCause.BODY),
    ((aiohttp.ClientConnectorDNSError,), NotSentCause.DNS),
    (
        (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch),
        NotSentCause.TLS,
    ),
    ((TimeoutError,), NotSentCause.TIMEOUT_CONNECT),
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), NotSentCause.INVALID),
)


def _not_sent_cause(error: Exception) -> NotSentCause:
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError):
        return NotSentCause.REFUSED
    if refuses_our_certificate(error):
        return NotSentCause.TLS
    known = next((cause for kinds, cause in _NOT_SENT if isinstance(error, kinds)), None)
    if known is not None:
        return known
    return NotSentCause.UNREACHABLE if isinstance(error, aiohttp.ClientError | OSError) else NotSentCause.INVALID


def _broken(error: Exception, progress: Progress) -> Broken:
    detail = type(error.__cause__ if isinstance(error, _Lost) and error.__cause__ else error).__name__
    return Broken(cause=_broken_cause(error, progress), detail=detail, status=progress.status)


def _broken_cause(error: Exception, progress: Progress) -> BrokenCause:
    if progress.source_failed:
        return BrokenCause.BODY
    if isinstance(error, TimeoutError):
        return BrokenCause.TIMEOUT
    if isinstance(error, NotKept):
        return BrokenCause.NOT_KEPT
    if isinstance(error, aiohttp.ClientResponseError | HttpProcessingError | ValueError | MimeError):
        return BrokenCause.UNREADABLE
    reason = error.__cause__ if isinstance(error, aiohttp.ClientPayloadError) else None
    unreadable = isinstance(reason, HttpProcessingError) and not isinstance(reason, ContentLengthError)
    return BrokenCause.UNREADABLE if unreadable else BrokenCause.RESET
