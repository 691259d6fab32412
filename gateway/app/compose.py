"""The gateway: every part built and introduced to the others, in one place; opened in order, closed in reverse."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.app import local_key
from gateway.app.adapters import build_adapters, opened
from gateway.app.entering import make_entry, passwords
from gateway.app.fetch import FetchRules, HttpFetches
from gateway.app.layout import Layout
from gateway.app.linking import called, registers, relay_config
from gateway.app.links import file_links
from gateway.app.listening import Listening, listen
from gateway.app.machine import Machine
from gateway.app.noticing import NoticingPlanning
from gateway.app.secrets import LocalSecrets
from gateway.app.stores import open_store
from gateway.config.book import route_book
from gateway.config.calendar import warnings
from gateway.config.settings import Configuration
from gateway.core.ids import SystemId
from gateway.core.planning import Planning
from gateway.core.pressure import Limits, Urgency, ballast, mark
from gateway.core.routing import day_in_vietnam
from gateway.ingress.app import make_app
from gateway.ingress.doors import Doors, PlugInDoor
from gateway.ingress.room import Room
from gateway.intake.gauge import Gauge
from gateway.intake.intake import Desk, Intake
from gateway.ops.adopting import Adopter
from gateway.ops.decisions import Decider
from gateway.ops.lookout import Lookout
from gateway.ops.proposing import Proposer
from gateway.ops.reconciling import Auditor
from gateway.ops.replaying import ReplayDesk
from gateway.ops.weather import Keeper
from gateway.ports.adapter import Adapter, Receives
from gateway.ports.fetch import Fetches
from gateway.ports.secrets import Secrets
from gateway.ports.store import Accepted, Slots
from gateway.query.asker import Asker
from gateway.relay.gear import Gear
from gateway.relay.relay import Relay
from gateway.security.entry import Entry
from gateway.security.keys import Authenticator
from gateway.security.links import FileLinks
from gateway.stores.blobs import LocalBlobs
from gateway.stores.space import LocalSpace
from gateway.stores.sqlite import SqliteStore

_log: FilteringBoundLogger = structlog.get_logger()

_PATIENCE = 3.0  #: seconds for an earlier process to let go of the store
_PULSE = 0.25  #: seconds between two looks at the store's writer


class StoreDied(Exception):
    """The store's writer has ended: nothing can be accepted any more, and the process must end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the gateway is made of, before it relays and listens."""

    configuration: Configuration
    machine: Machine
    store: SqliteStore
    blobs: LocalBlobs
    adapters: Mapping[SystemId, Adapter]
    planning: Planning
    links: FileLinks
    authenticator: Authenticator
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A gateway that serves."""

    url: str  #: where it listens
    life: asyncio.Task[None] = field(repr=False)  #: ends, with an error, where the gateway cannot go on


@asynccontextmanager
async def serving(
    configuration: Configuration, layout: Layout, *, secrets: Secrets | None = None, machine: Machine | None = None
) -> AsyncGenerator[Serving]:
    """Serve while the context lasts: recovered, listening, relaying; then stop in order.

    What is in flight finishes or is released. Raises ConfigError before a port is opened, StoreUnavailable where the
    store cannot be had, OSError where the port cannot.
    """
    machine = machine or Machine()
    reserve = configuration.settings.store.reserve
    blobs = LocalBlobs(layout.blobs, clock=machine.clock, ids=machine.ids, reserve=mark(reserve, Urgency.BACK))
    known = secrets or LocalSecrets(Path(configuration.directory))
    adapters = build_adapters(configuration, machine, known, blobs)
    logins = passwords(configuration, known)
    async with AsyncExitStack() as stack:
        store = await open_store(configuration.settings.store, layout, machine, patience=_PATIENCE)
        stack.push_async_callback(store.close)
        await local_key.ensure(store, layout.operator_key, machine)
        authenticator = Authenticator(store, machine.clock)
        parts = Parts(
            configuration=configuration,
            machine=machine,
            store=store,
            blobs=blobs,
            adapters=await stack.enter_async_context(opened(adapters)),
            planning=NoticingPlanning(book=route_book(configuration), new_id=machine.ids.new, metrics=machine.metrics),
            links=file_links(configuration.settings.links, known),
            authenticator=authenticator,
            entry=await make_entry(configuration, authenticator, logins, clock=machine.clock, key=layout.session_key),
        )
        gauge = await stack.enter_async_context(_watched(parts, layout))
        fetches = await stack.enter_async_context(HttpFetches(FetchRules.of(configuration), blobs, machine.clock))
        gear = _gear(parts, fetches)
        relay = Relay(gear)
        life = await stack.enter_async_context(_living(relay, store))
        closing = _Closing(parts)
        app = make_app(_doors(parts, relay, gauge, closing, _asker(parts, gear)))
        door = await stack.enter_async_context(listen(app, configuration.settings.server, closing.begin))
        await stack.enter_async_context(_announced(layout, door, parts, relay))
        yield Serving(url=door.url, life=life)


@asynccontextmanager
async def _watched(parts: Parts, layout: Layout) -> AsyncGenerator[Gauge]:
    """Look at disk and backlogs while the context lasts, for the first time before anything is let in."""
    configuration, machine = parts.configuration, parts.machine
    reserve = configuration.settings.store.reserve
    backlogs = {SystemId(name): system.limits.backlog for name, system in configuration.systems.items()}
    gauge = Gauge(
        store=parts.store,
        space=LocalSpace(layout.ballast, ballast=ballast(reserve)),
        limits=Limits(reserve=reserve, backlogs=backlogs),
        clock=machine.clock,
        metrics=machine.metrics,
    )
    await gauge.look()
    watching = asyncio.create_task(gauge.run(), name="gauge")
    try:
        yield gauge
    finally:
        watching.cancel()
        await asyncio.wait((watching,))


def _gear(parts: Parts, fetches: Fetches) -> Gear:
    machine = parts.machine
    return Gear(
        config=relay_config(parts.configuration, parts.adapters, machine),
        store=parts.store,
        blobs=parts.blobs,
        fetches=fetches,
        plan=parts.planning,
        clock=machine.clock,
        ids=machine.ids,
        metrics=machine.metrics,
        wakeups=machine.wakeups,
    )


@asynccontextmanager
async def _living(relay: Relay, store: SqliteStore) -> AsyncGenerator[asyncio.Task[None]]:
    """Run the relay, and watch the store under it; at the end the relay stops in order."""
    life = asyncio.create_task(_live(relay, store), name="gateway")
    try:
        ready = asyncio.create_task(relay.ready.wait())
        await asyncio.wait((life, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if life.done():
            life.result()
        yield life
    finally:
        relay.stop()
        with contextlib.suppress(Exception):  # who waits for `life` has it already; the rest must still be closed
            await life


async def _live(relay: Relay, store: SqliteStore) -> None:
    """Relay until stopped; raise where the relay or the store has ended by itself."""
    running = asyncio.create_task(relay.run(), name="relay")
    try:
        while not running.done():
            await asyncio.wait((running,), timeout=_PULSE)
            if not store.is_alive and not running.done():
                raise StoreDied("the store's writer has ended")
        await running
    finally:
        running.cancel()
        await asyncio.wait((running,))


def _asker(parts: Parts, gear: Gear) -> Asker:
    """Return what asks registers: through the same links as the relay."""
    known = registers(parts.configuration, gear.config.links, parts.adapters)
    systems = frozenset(SystemId(name) for name in parts.configuration.systems)
    return Asker(known, systems, parts.store, parts.machine.clock)


def _doors(parts: Parts, relay: Relay, gauge: Gauge, closing: _Closing, asker: Asker) -> Doors:
    """Return what stands behind the doors."""
    configuration, machine, store = parts.configuration, parts.machine, parts.store

    async def on_accepted(accepted: Accepted, slots: Slots | None) -> None:
        if slots is not None:
            await relay.take(accepted.leased, slots)
        relay.wake()

    planning = replace(parts.planning, strain=gauge.now)
    declarations = {SystemId(name): item.declarations() for name, item in configuration.systems.items()}
    desk = Desk(inbox=store, files=store, planning=planning, slots=relay.slots, on_accepted=on_accepted)
    return Doors(
        intake=Intake(desk),
        ledger=store,
        files=store,
        feed=store,
        keys=store,
        evidence=store,
        decider=Decider(store=store, plan=parts.planning),
        proposer=Proposer(store=store, plan=parts.planning, declarations=declarations),
        lookout=Lookout(store=store, patience=configuration.patience(), clock=machine.clock),
        replays=ReplayDesk(store=store),
        keeper=Keeper(
            store=store,
            clock=machine.clock,
            terms=called(configuration),
            live=relay.weather,
        ),
        links=parts.links,
        heard=relay.weather.heard,
        adopter=Adopter(store=store, plan=parts.planning, book=parts.planning.book),
        auditor=Auditor(store=store, clock=machine.clock, declarations=declarations),
        asker=asker,
        authenticator=parts.authenticator,
        plug_in=PlugInDoor(entry=parts.entry, settings=configuration.settings.plug_in, services=configuration.services),
        blobs=parts.blobs,
        wakeups=machine.wakeups,
        clock=machine.clock,
        ids=machine.ids,
        server=configuration.settings.server,
        room=Room.of(configuration.settings.server),
        book=parts.planning.book,
        systems={SystemId(name): system for name, system in configuration.systems.items()},
        receivers={name: adapter for name, adapter in parts.adapters.items() if isinstance(adapter, Receives)},
        ready=_Ready(relay, store),
        strain=gauge.now,
        metrics=machine.metrics.render,
        is_closing=closing.is_begun,
    )


class _Closing:
    """The end of a gateway: who waits for news is woken, and does not wait again."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._begun = False

    def begin(self) -> None:
        """Wake everybody for the last time."""
        self._begun = True
        self._parts.machine.wakeups.wake(self._parts.adapters)

    def is_begun(self) -> bool:
        """Whether the gateway is about to end."""
        return self._begun


class _Ready:
    """Answers ``/readyz``."""

    def __init__(self, relay: Relay, store: SqliteStore) -> None:
        self._relay = relay
        self._store = store

    async def __call__(self) -> tuple[str, ...]:
        """Return the parts that do not work."""
        store = () if self._store.is_alive else ("store",)
        relay = () if self._relay.ready.is_set() else ("relay",)
        return (*store, *relay)


@asynccontextmanager
async def _announced(layout: Layout, door: Listening, parts: Parts, relay: Relay) -> AsyncGenerator[None]:
    """Leave the address where the command line finds it."""
    layout.announce(door.url)
    _log.info("started", listening=door.url, config=parts.configuration.version, systems=len(parts.adapters))
    for missing in warnings(parts.configuration.calendar, day_in_vietnam(parts.machine.clock.now())):
        _log.warning("calendar_incomplete", missing=missing.key, remedy=missing.remedy)
    try:
        yield
    finally:
        layout.address.unlink(missing_ok=True)
        _log.info("stopping", in_flight=relay.in_flight)
