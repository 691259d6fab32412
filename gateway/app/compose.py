"""The gateway: every part built and introduced to the others, in one place; opened in order, closed in reverse."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.app import local_key
from gateway.app.attachments import attachments, prove
from gateway.app.beside import beside
from gateway.app.changing import Changer, Past, keep, set_out
from gateway.app.doors import Closing, Hall, make_doors
from gateway.app.entering import passwords
from gateway.app.fetch import FetchRules, HttpFetches
from gateway.app.fleet import Fleet
from gateway.app.following import Follower
from gateway.app.layout import Layout
from gateway.app.listening import Listening, affordable, listen
from gateway.app.machine import Machine
from gateway.app.marking import Marker, check, expect_written, home, tell_clock, tell_new
from gateway.app.partners import partners_of
from gateway.app.parts import Course, Parts
from gateway.app.reminders import Reminders
from gateway.app.secrets import LocalSecrets
from gateway.app.stores import open_store, tell
from gateway.app.uses import LateUses
from gateway.app.versions import Versions
from gateway.config.settings import Configuration, StoreSettings
from gateway.core.acts import Act, By, Target, Verb
from gateway.core.errors import name_of
from gateway.core.ids import GATEWAY, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.pressure import Limits, ballast
from gateway.ingress.app import make_app
from gateway.ingress.doors import STANDING
from gateway.ingress.room import Room
from gateway.intake.gauge import Gauge
from gateway.model.texts import text
from gateway.ops.configuring import Configurer
from gateway.ports.acts import Acts, Overtaken
from gateway.ports.fetch import Fetches
from gateway.ports.secrets import Secrets
from gateway.relay.gear import Gear
from gateway.relay.relay import Relay
from gateway.security.failures import Failures
from gateway.security.keys import Authenticator
from gateway.stores.lock import held
from gateway.stores.space import LocalSpace
from gateway.stores.sql.store import SqlStore
from gateway.stores.watched import WatchedBlobs

_log: FilteringBoundLogger = structlog.get_logger()

_PATIENCE = 3.0  #: seconds for an earlier process to let go of the store
_PULSE = 0.25  #: seconds between two looks at the store's writer


class StoreDied(Exception):
    """The store's writer has ended: nothing can be accepted any more, and the process must end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A gateway that serves."""

    url: str  #: where it listens
    life: asyncio.Task[None] = field(repr=False)  #: ends, with an error, where the gateway cannot go on


@asynccontextmanager
async def serving(
    configuration: Configuration,
    layout: Layout,
    *,
    secrets: Secrets | None = None,
    machine: Machine | None = None,
    resumes: bool = False,
) -> AsyncGenerator[Serving]:
    """Serve while the context lasts: recovered, listening, relaying; then stop in order.

    What is in flight finishes or is released. Where it ``resumes``, the configuration is a kept version that was in
    force before: its documents are read where they are kept, and it is nobody's change. Raises ConfigError before a
    port is opened, StoreUnavailable where the store cannot be had (PutBack: is not what it was), OSError where the port
    cannot.
    """
    machine = machine or Machine()
    known = secrets or LocalSecrets(Path(configuration.directory))
    kept = attachments(configuration.settings.store, layout, machine, known)
    versions = Versions(layout.configurations)
    passwords(configuration, known)
    partners_of(configuration, known)
    await prove(kept, configuration.settings.store.s3)
    blobs = WatchedBlobs(kept, machine.clock)
    uses = LateUses()
    async with AsyncExitStack() as stack:
        fleet = await stack.enter_async_context(Fleet(machine, blobs, known, versions, uses))
        documents = versions.place(configuration.version) if resumes else Path(configuration.directory)
        crew = await fleet.make(configuration, documents)
        settings = configuration.settings.store
        store = await _take(stack, settings, layout, machine, known)
        mark = await check(store, layout, shared=bool(settings.postgres))
        await tell_new(mark, store, store.place, shared=bool(settings.postgres))
        tell_clock(mark, machine.clock)
        uses.store = store
        await local_key.ensure(store, layout, machine, shared=bool(settings.postgres))
        parts = Parts(
            layout=layout,
            machine=machine,
            secrets=known,
            store=store,
            blobs=blobs,
            fleet=fleet,
            versions=versions,
            authenticator=Authenticator(store, machine.clock),
            failures=Failures(machine.clock, most=configuration.settings.plug_in.failures),
            predecessor=mark.node if mark is not None and mark.home == home(layout, machine.clock) else None,
        )
        course, _ = await set_out(parts, configuration, crew)
        marker = Marker(book=store, layout=layout, clock=machine.clock, node=course.relay.node, lost=lambda: store.lost)
        if mark is None:
            await marker.keep()  # before it can be seen in the database that it was served
        await _begun(parts, course, resumes=resumes)
        async with _served(parts, course, marker) as serves:
            yield serves


async def _begun(parts: Parts, course: Course, *, resumes: bool) -> None:
    """Keep the version, and that it holds since this start, where another one held before."""
    parts.fleet.take_on(course.crew, linger=timedelta(0))
    try:
        await keep(parts, course)
        parts.versions.mark(course.configuration.version)
    except OSError as error:  # what is in doubt waits for a person then, should the files change later
        _log.error("configuration_not_kept", version=course.configuration.version, error=name_of(error))
    if not resumes:
        await _note(parts.store, course.configuration.version)


async def _note(acts: Acts, version: str) -> None:
    """Note since when a version holds, unless it held before or another gateway that begins has done so."""
    by = By(actor=Actor(kind=ActorKind.GATEWAY, name=GATEWAY), reason=text("configuration.begun", "vi"))
    while (before := _holds(await acts.acts(Target.configuration(), limit=1))) != version:
        facts = {"after": version} | ({"before": before} if before else {})
        with contextlib.suppress(Overtaken):
            await acts.record_act(Verb.CONFIGURE, Target.configuration(), by=by, facts=facts, upon=before)
            return


def _holds(newest: Sequence[Act]) -> str:
    """Return the version that the last change let hold; empty where none is known: what says so may be damaged."""
    return newest[0].facts.get("after", "") if newest else ""


@asynccontextmanager
async def _served(parts: Parts, course: Course, marker: Marker) -> AsyncGenerator[Serving]:
    """Relay and listen while the context lasts."""
    configuration = course.configuration
    async with AsyncExitStack() as stack:
        gauge = await stack.enter_async_context(_watched(parts, configuration))
        fetches = await stack.enter_async_context(
            HttpFetches(FetchRules.of(configuration), parts.blobs, parts.machine.clock, vouching=course.vouching)
        )
        relay = Relay(_gear(parts, course, fetches))
        server = affordable(configuration.settings.server)
        changer = Changer(parts, course)
        hall = Hall(
            relay=relay,
            gauge=gauge,
            room=Room.of(server),
            closing=Closing(parts),
            configurer=Configurer(store=parts.store, live=changer),
        )
        stack.push_async_callback(marker.keep)
        life = await stack.enter_async_context(_living(relay, parts.store))
        await stack.enter_async_context(beside(marker.run(), "marker"))
        app = make_app(make_doors(parts, course, hall))

        reminders = Reminders(configuration=configuration, secrets=parts.secrets, clock=parts.machine.clock)

        def turn(new: Course) -> None:
            """Let everything else go by another configuration."""
            gauge.limits = _limits(new.configuration)
            fetches.turn(FetchRules.of(new.configuration), new.vouching)
            app[STANDING].doors = make_doors(parts, new, hall, app[STANDING].doors)
            reminders.turn(new.configuration)  # speaks of what is in force by now

        changer.follow(relay, turn)
        door = await stack.enter_async_context(listen(app, server, hall.closing.begin))
        await stack.enter_async_context(_announced(parts, course, door, relay))
        await stack.enter_async_context(beside(reminders.run(), "reminders"))
        if configuration.settings.store.postgres:
            follower = Follower(store=parts.store, live=changer, clock=parts.machine.clock)
            await stack.enter_async_context(beside(follower.run(), "follower"))
        yield Serving(url=door.url, life=life)


@asynccontextmanager
async def _watched(parts: Parts, configuration: Configuration) -> AsyncGenerator[Gauge]:
    """Look at disk and backlogs while the context lasts, for the first time before anything is let in."""
    machine, reserve = parts.machine, configuration.settings.store.reserve
    gauge = Gauge(
        store=parts.store,
        space=LocalSpace(parts.layout.ballast, ballast=ballast(reserve)),
        files_failure=lambda: parts.blobs.failure,
        limits=_limits(configuration),
        clock=machine.clock,
        metrics=machine.metrics,
    )
    await gauge.look()
    async with beside(gauge.run(), "gauge"):
        yield gauge


def _limits(configuration: Configuration) -> Limits:
    backlogs = {SystemId(name): system.limits.backlog for name, system in configuration.systems.items()}
    return Limits(reserve=configuration.settings.store.reserve, backlogs=backlogs)


def _gear(parts: Parts, course: Course, fetches: Fetches) -> Gear:
    machine = parts.machine
    return Gear(
        config=course.relay,
        predecessor=parts.predecessor,
        store=parts.store,
        blobs=parts.blobs,
        fetches=fetches,
        plan=course.planning,
        past=Past(parts),
        clock=machine.clock,
        ids=machine.ids,
        metrics=machine.metrics,
        wakeups=machine.wakeups,
    )


async def _take(
    stack: AsyncExitStack, settings: StoreSettings, layout: Layout, machine: Machine, secrets: Secrets
) -> SqlStore:
    """Open the store, until the stack unwinds, with the data folder for this gateway alone."""
    if settings.postgres:
        stack.enter_context(held(layout.lock))  # the embedded database holds it by itself
    else:
        expect_written(layout)
    store = await open_store(settings, layout, machine, secrets, patience=_PATIENCE)
    stack.push_async_callback(store.close)
    layout.address.unlink(missing_ok=True)  # of one that was killed: nobody serves there
    tell(store)
    return store


@asynccontextmanager
async def _living(relay: Relay, store: SqlStore) -> AsyncGenerator[asyncio.Task[None]]:
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


async def _live(relay: Relay, store: SqlStore) -> None:
    """Relay until stopped; raise where the relay or the store has ended by itself."""
    running = asyncio.create_task(relay.run(), name="relay")
    try:
        while not running.done():
            await asyncio.wait((running,), timeout=_PULSE)
            if not store.is_alive and not running.done():
                _log.error("store_writer_ended", exc_info=store.failure, alert=True)
                raise StoreDied("the store's writer has ended") from store.failure
        await running
    finally:
        running.cancel()
        await asyncio.wait((running,))


@asynccontextmanager
async def _announced(parts: Parts, course: Course, door: Listening, relay: Relay) -> AsyncGenerator[None]:
    """Leave the address where the command line finds it."""
    layout, configuration = parts.layout, course.configuration
    layout.announce(door.url)
    _log.info("started", listening=door.url, config=configuration.version, systems=len(configuration.systems))
    try:
        yield
    finally:
        layout.address.unlink(missing_ok=True)
        _log.info("stopping", in_flight=relay.in_flight)
