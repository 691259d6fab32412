"""What the doors need, and how a request carries what is known of its caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Protocol

from aiohttp import web

from gateway.config.settings import PlugIn, Server, ServiceConfig, SystemConfig
from gateway.core.ids import SystemId
from gateway.core.pressure import Strain, calm
from gateway.core.routing import RouteBook
from gateway.ingress.room import Hold, Room
from gateway.intake.intake import Intake
from gateway.ops.adopting import Adopter
from gateway.ops.configuring import Configurer
from gateway.ops.decisions import Decider
from gateway.ops.lookout import Lookout
from gateway.ops.proposing import Proposer
from gateway.ops.reconciling import Auditor
from gateway.ops.replaying import ReplayDesk
from gateway.ops.weather import Keeper
from gateway.ops.whatif import WhatIf
from gateway.ports.adapter import Receives
from gateway.ports.blobs import Blobs
from gateway.ports.clock import Clock
from gateway.ports.evidence import Evidence
from gateway.ports.feed import Feed
from gateway.ports.ids import Ids
from gateway.ports.keys import Keys
from gateway.ports.retention import Retention
from gateway.ports.store import Files, Ledger
from gateway.ports.uses import Uses
from gateway.ports.wakeups import Wakeups
from gateway.query.asker import Asker
from gateway.security.entry import Entry
from gateway.security.failures import Failures
from gateway.security.keys import Authenticator, Caller
from gateway.security.links import NO_LINKS, FileLinks
from gateway.security.wsse.partners import Partners


class Ready(Protocol):
    """Asks every part that must work."""

    async def __call__(self) -> tuple[str, ...]:
        """Return the names of the parts that do not work; empty where all do."""
        ...


async def always_ready() -> tuple[str, ...]:
    """Return that nothing is missing."""
    return ()


def nobody(_system: SystemId) -> None:
    """Tell nobody."""


def no_metrics() -> str:
    """Return no metrics."""
    return ""


def never() -> bool:
    """Return that the doors stay open."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlugInDoor:
    """What the door for portals that speak the national portal's protocol needs."""

    entry: Entry
    settings: PlugIn
    services: tuple[ServiceConfig, ...]  #: the catalogue


SMALL = 64 * 1024  #: bytes of an envelope below which a thread costs more than it saves
_ENVELOPES = 2  #: large ones that are trees at once while nobody knows who sends them


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Everything behind the doors; built once by the application."""

    intake: Intake
    ledger: Ledger
    files: Files
    feed: Feed
    keys: Keys
    evidence: Evidence
    decider: Decider
    proposer: Proposer
    lookout: Lookout
    retention: Retention
    replays: ReplayDesk
    keeper: Keeper
    auditor: Auditor
    adopter: Adopter
    asker: Asker
    configurer: Configurer | None = None  #: None where the files cannot be changed meanwhile
    what_if: WhatIf | None = None  #: None where no other version can be put to work
    authenticator: Authenticator
    blobs: Blobs
    wakeups: Wakeups
    clock: Clock
    ids: Ids
    server: Server
    room: Room
    book: RouteBook
    plug_in: PlugInDoor
    partners: Partners = field(default_factory=Partners)  #: what systems prove in their SOAP messages
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_ENVELOPES))  #: to read a large envelope
    uses: Uses
    failures: Failures  #: of passwords
    random: Callable[[int], bytes] = token_bytes
    systems: Mapping[SystemId, SystemConfig]
    receivers: Mapping[SystemId, Receives] = field(default_factory=dict[SystemId, Receives])
    links: FileLinks = NO_LINKS  #: to files, for partners without a key
    heard: Callable[[SystemId], None] = nobody  #: a system called us: it is there
    ready: Ready = always_ready
    strain: Callable[[], Strain] = calm  #: how hard the gateway is pressed
    metrics: Callable[[], str] = no_metrics  #: Prometheus text
    is_closing: Callable[[], bool] = never  #: the gateway is about to end: nobody waits for news any more

    def turn(self, envelope: bytes) -> AbstractAsyncContextManager[None]:
        """Return what is to be held while an envelope is a tree and nobody knows who sends it.

        A tree may take seventy times the bytes.
        """
        return self.turns if len(envelope) > SMALL else nullcontext()


@dataclass(slots=True, kw_only=True)
class Visit:
    """One request: who calls, in which language, and what the access line will say of it."""

    language: str  #: ``vi`` or ``en``
    trace_id: str = ""  #: 32 hex digits, the caller's where it names one
    caller: Caller | None = None
    #: The key that let it in, as its two headers say it.
    shown: tuple[str | None, str | None] | None = field(default=None, repr=False)
    dossier: str = ""
    messages: tuple[str, ...] = ()
    anomalies: tuple[str, ...] = ()  #: of these messages
    received: int = 0  #: bytes
    refusal: str = ""  #: code of what it is refused with, of a batch the first
    begun: web.StreamResponse | None = None  #: the answer that is sent piece by piece
    hold: Hold | None = None  #: what it has taken of the room for bodies

    @property
    def known(self) -> Caller:
        """Return the caller; behind an open door there is none."""
        if self.caller is None:
            raise LookupError("this door asks nobody for a key")
        return self.caller

    def mark(self, response: web.StreamResponse) -> None:
        """Name the request in its answer, which no browser may take for anything but what it says it is."""
        response.headers["X-Request-Id"] = self.trace_id
        response.headers["X-Content-Type-Options"] = "nosniff"


class Standing:
    """The doors as they stand; a new configuration replaces them as a whole, between two requests."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors


STANDING = web.AppKey("standing", Standing)
DOORS = web.RequestKey("doors", Doors)
VISIT = web.RequestKey("visit", Visit)


def doors_of(request: web.Request) -> Doors:
    """Return what is behind the doors: for one request the same from its beginning to its end."""
    return request[DOORS]


def visit_of(request: web.Request) -> Visit:
    """Return what is known of this request."""
    return request[VISIT]


def caller_of(request: web.Request) -> Caller:
    """Return who calls."""
    return request[VISIT].known


async def prove_live(request: web.Request) -> None:
    """Raise Unauthenticated where the key that let a request in was revoked while it was under way."""
    shown = request[VISIT].shown
    if shown is not None:
        await request[DOORS].authenticator.caller(*shown)
