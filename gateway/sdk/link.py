"""The connections to one system, and what the gateway lends to its adapter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from secrets import token_bytes
from ssl import SSLContext

from structlog.contextvars import get_contextvars

from gateway.config.durations import as_timedelta
from gateway.config.settings import SystemConfig, Tls
from gateway.core.doubt import Doubt
from gateway.core.errors import ConfigError
from gateway.core.routing import Mode
from gateway.ports.adapter import Health
from gateway.ports.blobs import Blobs
from gateway.ports.clock import Clock
from gateway.ports.secrets import Secret, Secrets, Withheld
from gateway.ports.uses import Uses
from gateway.sdk.reading import Reader
from gateway.sdk.request import Outgoing
from gateway.sdk.transport import DIRECT, Transport
from gateway.security.links import NO_LINKS, FileLinks
from gateway.security.tls import TlsUnfit, client_context, show, trust
from gateway.wire.http import HttpClient, HttpReply, HttpRequest, HttpResult, HttpSettings

_PROXYS_WORDS = frozenset({502, 503, 504})  #: that there is nobody behind it
_SPAN = 8  #: bytes of a span's id


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an adapter is built from beside its own file."""

    clock: Clock
    secrets: Secrets = field(repr=False)
    blobs: Blobs
    mappings: Mapping[str, object]  #: ``mappings/<name>.toml`` by name, as read from TOML
    directory: Path  #: where the configuration is: WSDLs are found below it
    public_url: str = ""  #: where partners reach this gateway: ``https://gateway.example``
    links: FileLinks = NO_LINKS  #: to files, for partners that download from us without a key
    connect: Callable[[HttpSettings], HttpClient] = HttpClient
    uses: Uses | None = None  #: what counts once; None where nothing is sent
    proves: bool = True  #: whether messages are signed and sealed; else they are as they are meant, and never sent
    random: Callable[[int], bytes] = field(default=token_bytes, repr=False)


class Link:
    """One system's HTTP connections, with time limits on the injected clock."""

    def __init__(
        self,
        config: SystemConfig,
        context: Context,
        *,
        transport: Transport = DIRECT,
        tls: SSLContext | None = None,
    ) -> None:
        self.clock = context.clock
        self.random = context.random
        self.transport = transport
        self._connect = context.connect
        self.address = config.address().rstrip("/")
        self._total = as_timedelta(config.timeouts.total).total_seconds()
        self._declared = config.declarations()
        self._settings = HttpSettings(
            connections=config.limits.concurrency + 1,  # one for a login
            max_reply=config.limits.reply,
            connect_timeout=as_timedelta(config.timeouts.connect),
            tls=tls,
        )
        self._probe = config.probe
        self._client: HttpClient | None = None

    async def open(self) -> None:
        """Be ready to connect."""
        self._client = await self._connect(self._settings).__aenter__()

    async def close(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.__aexit__(None, None, None)

    def until(self, deadline: float) -> float:
        """Return a deadline of the injected clock, cut to the system's own time limit, on the running loop's clock."""
        left = min(deadline - self.clock.monotonic(), self._total)
        return asyncio.get_running_loop().time() + left

    def is_fresh(self, kind: str) -> bool:
        """Whether this kind needs a connection that was never used: where doubt is for a person to decide."""
        return self._declared.of(kind).doubt is Doubt.HOLD

    def carried(self, outgoing: Outgoing, about: str = "") -> Outgoing:
        """Return a request as it travels the way to the system; ``about`` is the id of what it is about."""
        return self.transport.carry(outgoing, self.address, about)

    async def exchange(self, request: HttpRequest, *, until: float, fresh: bool = False) -> HttpResult:
        """Make one exchange; it is told which trace it belongs to, so that both sides' logs can be put side by side."""
        if self._client is None:
            raise RuntimeError("the adapter is closed: await its open() first")
        return await self._client.exchange(self._traced(request), deadline=until, fresh=fresh)

    async def probe(self, *, deadline: float) -> Health:
        """Ask for nothing in particular: whatever is answered, unless by a proxy in the system's place, is a yes."""
        asked = Outgoing(method=self._probe.method, url=self.address + self._probe.path)
        request = self.carried(asked).encode()
        result = await self.exchange(request, until=self.until(deadline))
        if isinstance(result, HttpReply):
            return Health(reachable=result.status not in _PROXYS_WORDS, text=f"HTTP {result.status}")
        return Health(reachable=False, text=str(result.cause))

    def _traced(self, request: HttpRequest) -> HttpRequest:
        """Return a request with the ``traceparent`` of what it is made for, a span of its own (W3C Trace Context)."""
        trace_id = str(get_contextvars().get("trace_id", ""))
        if not trace_id:
            return request
        traceparent = f"00-{trace_id}-{self.random(_SPAN).hex()}-01"
        return replace(request, headers={**request.headers, "traceparent": traceparent})


def link_to(config: SystemConfig, context: Context, reader: Reader, transport: Transport = DIRECT) -> Link:
    """Return the link to a system; a missing or useless endpoint of one that is really called is noted, too."""
    if config.mode in (Mode.LIVE, Mode.SANDBOX):
        key = f"endpoint.{'live' if config.mode is Mode.LIVE else 'sandbox'}"
        _check_address(config, key, reader)
    return Link(config, context, transport=transport, tls=_trust(config.tls, context.secrets, reader))


def _check_address(config: SystemConfig, key: str, reader: Reader) -> None:
    address = config.address()
    if not address.startswith(("http://", "https://")):
        reader.wrong(key, "no http:// or https:// address", f'set {key}, or mode = "off"')
    elif config.tls != Tls() and not address.startswith("https://"):
        reader.wrong(key, "[tls] is written for an address without TLS", "write https://, or take [tls] out")


def _trust(tls: Tls, secrets: Secrets, reader: Reader) -> SSLContext | None:
    """Return what ``[tls]`` asks for; None where it asks for nothing. Problems are noted."""
    if tls == Tls():
        return None
    identity = _pem(tls.identity, "identity", secrets, reader)
    authorities = _pem(tls.authorities, "authorities", secrets, reader)
    context = client_context()
    steps = [partial(trust, context, authorities)] + ([partial(show, context, identity)] if identity else [])
    for step in steps:
        try:
            step()
        except TlsUnfit as error:
            reader.wrong(f"tls.{error.part}", error.problem, error.remedy)
    return context


def _pem(reference: str | None, part: str, secrets: Secrets, reader: Reader) -> Secret | None:
    if reference is None:
        return None
    try:
        secret = secrets.get(reference)
    except ConfigError as error:
        for problem in error.problems:
            reader.wrong(f"tls.{part}", problem.text, problem.remedy)
        return None
    return None if isinstance(secret, Withheld) else secret
