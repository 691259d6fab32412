"""Files that a sender named by address, fetched from where they are into the store of attachments.

An address comes from outside: only http and https are followed, never a redirect, and never to an address inside this
network, unless it is the host of a configured system.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import socket
from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.config.settings import Configuration
from gateway.core.errors import StoreFull, StoreUnavailable
from gateway.core.message import Blob, PendingFile
from gateway.core.reason import Reason, Why
from gateway.ports.blobs import Blobs, BlobTooLarge
from gateway.ports.clock import Clock
from gateway.wire.http import DEFAULT_SETTINGS
from gateway.wire.http_failures import words_of
from gateway.wire.unasked import bounded

_OK = 200
_NOT_THERE = frozenset({404, 410})
_CHUNK = 256 * 1024
_CONNECT = 10.0  #: seconds
_SILENCE = 30.0  #: seconds without a byte
_DEFAULT_TYPE = "application/octet-stream"
_WITH_IPV4 = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")))


class _Differs(Exception):
    """The file is not the one that its sender named."""


class _Forbidden(OSError):
    """The address lies inside this network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRules:
    """What may be fetched."""

    hosts: frozenset[str]  #: reached wherever they are: those of configured systems
    limit: int  #: bytes of one file

    @classmethod
    def of(cls, configuration: Configuration) -> FetchRules:
        """Return the rules of a configuration."""
        systems = configuration.systems.values()
        addresses = [address for system in systems for address in (system.endpoint.live, system.endpoint.sandbox)]
        hosts = frozenset(host for address in addresses if (host := urlsplit(address).hostname))
        return cls(hosts=hosts, limit=configuration.settings.server.file_limit)

    def allow(self, url: str) -> bool:
        """Whether anything is ever fetched from an address, as far as it says itself.

        Literal addresses are judged here, names by the resolver; ``①27.0.0.1`` would become one afterwards.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.scheme not in {"http", "https"} or parts.username or port == 0 or not host or not host.isascii():
            return False
        return host in self.hosts or not _is_literal(host) or _is_public(host)


class HttpFetches:
    """``ports.fetch.Fetches`` over HTTP; an async context manager that owns its connections."""

    def __init__(self, rules: FetchRules, blobs: Blobs, clock: Clock) -> None:
        self._rules = rules
        self._blobs = blobs
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # How many at once is for the caller to say: a limit here would let one host keep others waiting.
        resolver = _PublicResolver(lambda: self._rules.hosts)
        connector = bounded(aiohttp.TCPConnector(resolver=resolver, limit=0, force_close=True))
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_SILENCE)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            headers={"User-Agent": DEFAULT_SETTINGS.user_agent, "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def turn(self, rules: FetchRules) -> None:
        """Fetch by other rules from now on."""
        self._rules = rules

    async def fetch(self, pending: PendingFile, *, deadline: float) -> Blob | Reason:
        """Return the stored file, or why it cannot be had now."""
        if self._session is None:
            raise RuntimeError("enter it with `async with` first")
        if not self._rules.allow(pending.url):
            return Reason(Why.UNFETCHABLE)
        try:
            async with asyncio.timeout(deadline - self._clock.monotonic()):
                return await self._get(self._session, pending)
        except (BlobTooLarge, StoreFull, StoreUnavailable, _Differs, aiohttp.ClientError, OSError, ValueError) as error:
            return _reason(error)

    async def _get(self, session: aiohttp.ClientSession, pending: PendingFile) -> Blob | Reason:
        async with session.get(pending.url, allow_redirects=False) as reply:
            if reply.status != _OK:
                why = Why.FILE_NOT_THERE if reply.status in _NOT_THERE else Why.FILE_MISSING
                return Reason(why, f"HTTP {reply.status}")
            return await self._blobs.put(
                _proved(reply, pending.sha256),
                name=pending.name or urlsplit(pending.url).path.rpartition("/")[2] or "file",
                content_type=reply.content_type or _DEFAULT_TYPE,
                limit=self._rules.limit,
            )


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


async def _proved(reply: aiohttp.ClientResponse, sha256: str | None) -> AsyncGenerator[bytes, None]:
    """Pass the bytes on; fail at the end where they are not the announced ones, so that nothing is kept."""
    digest = hashlib.sha256()
    async for chunk in reply.content.iter_chunked(_CHUNK):
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

    def __init__(self, hosts: Callable[[], Collection[str]]) -> None:
        self._hosts = hosts
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses that may be called."""
        found = await self._inner.resolve(host, port, family)
        kept = found if host in self._hosts() else [item for item in found if _is_public(item["host"])]
        if not kept:
            raise _Forbidden("the name leads into this network")
        return kept

    async def close(self) -> None:
        """Let go of nothing."""
        await self._inner.close()
