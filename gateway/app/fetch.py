"""Files that a sender named by address, fetched from where they are into the store of attachments.

An address comes from outside: only http and https are followed, never a redirect. A host that a system's file names is
open at the very scheme, host and port that stand there, wherever it is, and held to the authorities that stand there;
any other one is open if it is outside this network, and held to those of the machine.
A file that comes packed, though it is asked for as it is, is kept as it was before; the limit is of that.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import socket
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from ssl import SSLContext
from types import TracebackType
from typing import Literal, Self

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from structlog.typing import FilteringBoundLogger
from yarl import URL

from gateway.config.settings import Configuration, SystemConfig
from gateway.core.errors import StoreFull, StoreUnavailable
from gateway.core.message import Blob, PendingFile
from gateway.core.reason import Reason, Why
from gateway.core.routing import Mode
from gateway.ports.blobs import Blobs, BlobTooLarge
from gateway.ports.clock import Clock
from gateway.wire.content_type import safe_media_type
from gateway.wire.http import DEFAULT_SETTINGS
from gateway.wire.http_failures import words_of
from gateway.wire.packed import Read, is_known, unfolding
from gateway.wire.unasked import bounded

_log: FilteringBoundLogger = structlog.get_logger()

_OK = 200
_NOT_THERE = frozenset({404, 410})
_CHUNK = 256 * 1024
_CONNECT = 10.0  #: seconds
_SILENCE = 30.0  #: seconds without a byte
_WITH_IPV4 = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")))


class _Differs(Exception):
    """The file is not the one that its sender named."""


class _Forbidden(OSError):
    """The address lies inside this network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an address leads, but for its path."""

    scheme: str
    host: str  #: in ASCII, small letters, without the dot of the root at its end
    port: int

    @classmethod
    def of(cls, address: str) -> Origin | None:
        """Return where the HTTP client would go; None where no file is ever fetched by such an address.

        Read by the client's own reader: two readers may take two hosts from one text. To it ``①27.0.0.1`` is a number.
        """
        try:
            url = URL(address)
        except (ValueError, IndexError):  # the latter of ``http://[a]@``: yarl looks at the first letter of no host
            return None
        host = (url.raw_host or "").rstrip(".")  # the client, too, takes several for one
        if url.scheme not in {"http", "https"} or url.user or url.password or not host or not url.port:
            return None
        return cls(scheme=url.scheme, host=host, port=url.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRules:
    """What may be fetched."""

    origins: frozenset[Origin]  #: of configured systems: open wherever they are
    hosts: frozenset[str]  #: that systems' files name: nothing else of them is open
    limit: int  #: bytes of one file

    @classmethod
    def to(cls, addresses: Iterable[str], *, closed: Iterable[str] = (), limit: int) -> FetchRules:
        """Return rules by which these origins are open, and nothing else of their hosts and of the ``closed`` ones."""
        origins = _origins(addresses)
        hosts = frozenset(origin.host for origin in origins | _origins(closed))
        return cls(origins=origins, hosts=hosts, limit=limit)

    @classmethod
    def of(cls, configuration: Configuration) -> FetchRules:
        """Return the rules of a configuration; a system that is live has left its test system's address behind."""
        systems = configuration.systems.values()
        named = [text for one in systems for text in opened_addresses(one)]
        closed = [one.endpoint.sandbox for one in systems if one.mode is Mode.LIVE]
        return cls.to(named, closed=closed, limit=configuration.settings.server.file_limit)

    def allow(self, address: str) -> bool:
        """Whether anything is ever fetched from an address, as far as it says itself: numbers are judged here.

        A name that no system's file has is judged by the resolver.
        """
        origin = Origin.of(address)
        if origin is None or origin.host in self.hosts:
            return origin in self.origins
        return not _is_literal(origin.host) or _is_public(origin.host)


def opened_addresses(system: SystemConfig) -> tuple[str, ...]:
    """Return the addresses at whose origins a system's file opens what is there."""
    tests = () if system.mode is Mode.LIVE else (system.endpoint.sandbox,)
    return (system.endpoint.live, *system.endpoint.files, *tests)


def _origins(addresses: Iterable[str]) -> frozenset[Origin]:
    found = (Origin.of(address) for address in addresses)
    return frozenset(origin for origin in found if origin)


_NOBODY_ELSE: Mapping[Origin, SSLContext] = {}


class HttpFetches:
    """``ports.fetch.Fetches`` over HTTP; an async context manager that owns its connections."""

    def __init__(
        self, rules: FetchRules, blobs: Blobs, clock: Clock, *, vouching: Mapping[Origin, SSLContext] = _NOBODY_ELSE
    ) -> None:
        self._rules = rules
        self._vouching = vouching
        self._blobs = blobs
        self._clock = clock
        self._closing = AsyncExitStack()
        self._open: aiohttp.ClientSession | None = None  #: for the configured origins
        self._public: aiohttp.ClientSession | None = None  #: for everything else

    async def __aenter__(self) -> Self:
        self._open = await self._closing.enter_async_context(_session(aiohttp.ThreadedResolver()))
        self._public = await self._closing.enter_async_context(_session(_PublicResolver()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._closing.aclose()

    def turn(self, rules: FetchRules, vouching: Mapping[Origin, SSLContext]) -> None:
        """Fetch by other rules from now on, and trust others at these origins: else whom the machine trusts."""
        self._rules = rules
        self._vouching = vouching

    async def fetch(self, pending: PendingFile, *, deadline: float) -> Blob | Reason:
        """Return the stored file, or why it cannot be had now."""
        if self._open is None or self._public is None:
            raise RuntimeError("enter it with `async with` first")
        origin = Origin.of(pending.url)
        if origin is None or not self._rules.allow(pending.url):
            return _closed(origin, Reason(Why.UNFETCHABLE))
        session = self._open if origin in self._rules.origins else self._public
        try:
            async with asyncio.timeout(deadline - self._clock.monotonic()):
                return await self._get(session, pending, self._vouching.get(origin, True))
        except (BlobTooLarge, StoreFull, StoreUnavailable, _Differs, aiohttp.ClientError, OSError, ValueError) as error:
            reason = _reason(error)
            return _closed(origin, reason) if _leads_inside(error) else reason

    async def _get(
        self, session: aiohttp.ClientSession, pending: PendingFile, tls: SSLContext | Literal[True]
    ) -> Blob | Reason:
        async with session.get(pending.url, allow_redirects=False, ssl=tls) as reply:
            if reply.status != _OK:
                why = Why.FILE_NOT_THERE if reply.status in _NOT_THERE else Why.FILE_MISSING
                return Reason(why, f"HTTP {reply.status}")
            coding = ", ".join(reply.headers.getall("Content-Encoding", ()))
            if not is_known(coding):
                return Reason(Why.FILE_MISSING, "Content-Encoding")
            read = unfolding({"Content-Encoding": coding}, partial(reply.content.read, _CHUNK))
            return await self._blobs.put(
                _proved(read, pending.sha256),
                name=pending.name or URL(pending.url).raw_name or "file",
                content_type=safe_media_type(reply.content_type),
                limit=self._rules.limit,
            )


def _session(resolver: AbstractResolver) -> aiohttp.ClientSession:
    """Return what asks for files. How many at once its caller says: a limit here would let one host stop others."""
    connector = bounded(aiohttp.TCPConnector(resolver=resolver, limit=0, force_close=True))
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_SILENCE),
        headers={"User-Agent": DEFAULT_SETTINGS.user_agent, "Accept-Encoding": "identity"},
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
    )


def _leads_inside(error: Exception) -> bool:
    return isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, _Forbidden)


def _closed(origin: Origin | None, reason: Reason) -> Reason:
    """Tell operators which origin is asked for and not open; to its sender a name inside is one that nobody knows."""
    if origin is not None:
        _log.warning("file_address_closed", scheme=origin.scheme, host=origin.host, port=origin.port)
    return reason


def _reason(error: Exception) -> Reason:
    match error:
        case StoreFull() | StoreUnavailable():
            return Reason(Why.STORE_FULL)
        case BlobTooLarge():
            return Reason(Why.FILE_TOO_LARGE)
        case _Differs():
            return Reason(Why.FILE_DIFFERS)
        case _:
            return Reason(Why.FILE_MISSING, words_of(error))


async def _proved(read: Read, sha256: str | None) -> AsyncGenerator[bytes, None]:
    """Pass the bytes on; fail at the end where they are not the announced ones, so that nothing is kept."""
    digest = hashlib.sha256()
    while chunk := await read():
        digest.update(chunk)
        yield chunk
    if sha256 is not None and digest.hexdigest() != sha256.lower():
        raise _Differs


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global and not found.is_multicast
    inner = _carried(found)
    if inner is not None:
        return inner.is_global and not inner.is_multicast
    return found.is_global and not found.is_multicast and not found.is_site_local


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to: mapped, compatible, 6to4, or by NAT64 (RFC 6052)."""
    if any(address in network for network in _WITH_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


class _PublicResolver(AbstractResolver):
    """Resolves names, and forgets every address inside this network: a name cannot lead where a number may not."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses that may be called."""
        found = await self._inner.resolve(host, port, family)
        kept = [item for item in found if _is_public(item["host"])]
        if not kept:
            raise _Forbidden("the name leads into this network")
        return kept

    async def close(self) -> None:
        """Let go of nothing."""
        await self._inner.close()
