"""The gateway: every part built and introduced to the others, in one place; opened in order, closed in reverse."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from aiohttp import web
from structlog.typing import FilteringBoundLogger

from gateway.app import local_key
from gateway.app.adapters import build_adapters, opened
from gateway.app.fetch import FetchRules, HttpFetches
from gateway.app.layout import Layout
from gateway.app.linking import relay_config
from gateway.app.listening import Listening, listen
from gateway.app.machine import Machine
from gateway.app.secrets import LocalSecrets
from gateway.app.stores import open_store
from gateway.config.book import route_book
from gateway.config.settings import Configuration
from gateway.core.ids import SystemId
from gateway.core.planning import Planning
from gateway.ingress.app import make_app
from gateway.ingress.doors import Doors
from gateway.intake.intake import Desk, Intake
from gateway.ports.adapter import Adapter, Receives
from gateway.ports.secrets import Secrets
from gateway.ports.store import Accepted
from gateway.relay.gear import Gear
from gateway.relay.relay import Relay
from gateway.security.keys import Authenticator
from gateway.stores.blobs import LocalBlobs
from gateway.stores.sqlite import SqliteStore

_log: FilteringBoundLogger = structlog.get_logger()

_PATIENCE = 3.0  #: seconds for an earlier process to let go of the store
_PULSE = 0.25  #: seconds between two looks at the store's writer


class StoreDied(Exception):
    """The store's writer has ended: nothing can be accepted any more, and the process must end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the gateway is made of, before it listens."""

    configuration: Configuration
    machine: Machine
    store: SqliteStore
    blobs: LocalBlobs
    adapters: Mapping[SystemId, Adapter]
    planning: Planning
    relay: Relay


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A gateway that serves."""

    url: str  #: where it listens
    parts: Parts
    life: asyncio.Task[None] = field(repr=False)  #: ends, with an error, where the gateway cannot go on


@asynccontextmanager
async def serving(
    configuration: Configuration, layout: Layout, *, secrets: Secrets | None = None
) -> AsyncGenerator[Serving]:
    """Serve while the context lasts: recovered, listening, relaying; then stop in order.

    What is in flight finishes or is released. Raises ConfigError before a port is opened, StoreUnavailable where the
    store cannot be had, OSError where the port cannot.
    """
    machine = Machine()
    blobs = LocalBlobs(layout.blobs, clock=machine.clock, ids=machine.ids)
    known = secrets or LocalSecrets(Path(configuration.directory))
    adapters = build_adapters(configuration, machine, known, blobs)
    async with AsyncExitStack() as stack:
        store = await open_store(configuration.settings.store, layout, machine, patience=_PATIENCE)
        stack.push_async_callback(store.close)
        await local_key.ensure(store, layout.operator_key, machine)
        fetches = await stack.enter_async_context(HttpFetches(FetchRules.of(configuration), blobs, machine.clock))
        open_adapters = await stack.enter_async_context(opened(adapters))
        planning = Planning(book=route_book(configuration), new_id=machine.ids.new)
        gear = Gear(
            config=relay_config(configuration, open_adapters, machine),
            store=store,
            blobs=blobs,
            fetches=fetches,
            plan=planning,
            clock=machine.clock,
            ids=machine.ids,
            metrics=machine.metrics,
            wakeups=machine.wakeups,
        )
        parts = Parts(
            configuration=configuration,
            machine=machine,
            store=store,
            blobs=blobs,
            adapters=open_adapters,
            planning=planning,
            relay=Relay(gear),
        )
        life = await stack.enter_async_context(_living(parts))
        door = await stack.enter_async_context(listen(_app(parts), configuration.settings.server))
        await stack.enter_async_context(_announced(layout, door, parts))
        yield Serving(url=door.url, parts=parts, life=life)


@asynccontextmanager
async def _living(parts: Parts) -> AsyncGenerator[asyncio.Task[None]]:
    """Run the relay, and watch the store under it; at the end the relay stops in order."""
    life = asyncio.create_task(_live(parts), name="gateway")
    try:
        ready = asyncio.create_task(parts.relay.ready.wait())
        await asyncio.wait((life, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if life.done():
            life.result()
        yield life
    finally:
        parts.relay.stop()
        with contextlib.suppress(Exception):  # who waits for `life` has it already; the rest must still be closed
            await life


async def _live(parts: Parts) -> None:
    """Relay until stopped; raise where the relay or the store has ended by itself."""
    relay = asyncio.create_task(parts.relay.run(), name="relay")
    try:
        while not relay.done():
            await asyncio.wait((relay,), timeout=_PULSE)
            if not parts.store.is_alive and not relay.done():
                raise StoreDied("the store's writer has ended")
        await relay
    finally:
        relay.cancel()
        await asyncio.wait((relay,))


def _app(parts: Parts) -> web.Application:
    """Build the doors."""
    configuration, machine, store, relay = parts.configuration, parts.machine, parts.store, parts.relay

    def on_accepted(accepted: Accepted) -> None:
        relay.take(accepted.leased)
        relay.wake()

    desk = Desk(inbox=store, files=store, planning=parts.planning, slots=relay.slots, on_accepted=on_accepted)
    return make_app(
        Doors(
            intake=Intake(desk),
            ledger=store,
            files=store,
            feed=store,
            keys=store,
            authenticator=Authenticator(store, machine.clock),
            blobs=parts.blobs,
            wakeups=machine.wakeups,
            clock=machine.clock,
            ids=machine.ids,
            server=configuration.settings.server,
            book=parts.planning.book,
            systems={SystemId(name): system for name, system in configuration.systems.items()},
            receivers={name: adapter for name, adapter in parts.adapters.items() if isinstance(adapter, Receives)},
            ready=_Ready(parts),
            metrics=machine.metrics.render,
        )
    )


class _Ready:
    """Answers ``/readyz``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self) -> tuple[str, ...]:
        """Return the parts that do not work."""
        store = () if self._parts.store.is_alive else ("store",)
        relay = () if self._parts.relay.ready.is_set() else ("relay",)
        return (*store, *relay)


@asynccontextmanager
async def _announced(layout: Layout, door: Listening, parts: Parts) -> AsyncGenerator[None]:
    """Leave the address where the command line finds it."""
    layout.announce(door.url)
    _log.info("started", listening=door.url, config=parts.configuration.version, systems=len(parts.adapters))
    try:
        yield
    finally:
        layout.address.unlink(missing_ok=True)
        _log.info("stopping", in_flight=parts.relay.in_flight)
