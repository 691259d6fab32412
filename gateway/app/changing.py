"""Changing the configuration while the gateway serves: built whole beside the one in force, then swapped at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.app.entering import make_entry, passwords, seal_of
from gateway.app.fleet import Crew
from gateway.app.linking import Before, Linked, linked
from gateway.app.links import links_of
from gateway.app.noticing import NoticingPlanning
from gateway.app.partners import partners_of
from gateway.app.parts import Course, Parts
from gateway.app.vouching import vouching
from gateway.config.book import route_book
from gateway.config.difference import edits, unified
from gateway.config.fixed import fixed
from gateway.config.loader import beyond, examine
from gateway.config.settings import Configuration
from gateway.core.errors import ConfigError, Problem, StoreFull, name_of
from gateway.core.ids import SystemId
from gateway.exchange.pipeline import Pipeline
from gateway.ports.configurations import Change, ConfigurationMoved
from gateway.ports.secrets import Secrets
from gateway.relay.link import Link
from gateway.relay.relay import Relay

_log: FilteringBoundLogger = structlog.get_logger()

_MARGIN = timedelta(minutes=1)  #: beside what an exchange may take: waits for a turn, and for the store


async def set_out(
    parts: Parts, configuration: Configuration, crew: Crew, before: Course | None = None
) -> tuple[Course, Linked]:
    """Return what a configuration makes of the parts, and what must be turned where it takes another one's place.

    Raises ConfigError.
    """
    machine = parts.machine
    links, problems = links_of(configuration, parts.secrets)
    if problems:
        raise ConfigError(*problems)
    then = Before(configuration=before.configuration, relay=before.relay) if before else None
    way = linked(configuration, crew, machine, then)
    course = Course(
        configuration=configuration,
        crew=crew,
        planning=NoticingPlanning(book=route_book(configuration), new_id=machine.ids.new, metrics=machine.metrics),
        links=links,
        entry=make_entry(
            configuration,
            parts.authenticator,
            passwords(configuration, parts.secrets),
            clock=machine.clock,
            seal=await seal_of(links, parts.layout.session_key),
            failures=parts.failures,
        ),
        partners=partners_of(configuration, parts.secrets),
        vouching=vouching(configuration, parts.secrets),
        relay=way.relay,
    )
    return course, way


async def keep(parts: Parts, course: Course) -> None:
    """Keep the version durably. Raises OSError."""
    systems = {name: member.recipe.public for name, member in course.crew.items()}
    await asyncio.to_thread(parts.versions.keep, course.configuration, systems)


class Past:
    """``relay.gear.Past``: the ways to systems as they were."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, version: str, link: Link) -> Pipeline | None:
        """Return the way of a version; None where it cannot be had any more."""
        member = await self._parts.fleet.recall(version, link.id, linger=link.timeout + _MARGIN)
        if member is None:
            _log.error("version_lost", version=version, system=link.id)
            return None
        return member.way(link.gate, self._parts.machine, at_once=link.gate.terms.concurrency)


class Changer:
    """``ports.configurations.Configurations``: one per gateway that serves."""

    def __init__(self, parts: Parts, course: Course) -> None:
        self._parts = parts
        self._course = course
        self._relay: Relay | None = None
        self._turn: Callable[[Course], None] | None = None
        self._busy = asyncio.Lock()

    def follow(self, relay: Relay, turn: Callable[[Course], None]) -> None:
        """Say who goes by the configuration: the relay, and what else is told the course in the same step."""
        self._relay, self._turn = relay, turn

    @property
    def version(self) -> str:
        """Return the version in force."""
        return self._course.configuration.version

    @asynccontextmanager
    async def prepared(self, version: str | None = None) -> AsyncGenerator[Ready]:
        """Read and build what the directory holds; what is not committed is taken apart at the end."""
        async with self._busy:
            configuration = await self._read(version)
            crew = await self._parts.fleet.make(configuration, Path(configuration.directory))
            try:
                await self._unmoved(configuration)
                yield await self._ready(configuration, crew)
            finally:
                await self._parts.fleet.discard(crew)

    async def _read(self, version: str | None) -> Configuration:
        """Return what the directory holds; raises ConfigError with every fault, those of adapters too."""
        old = self._course.configuration
        configuration, problems = await self._examine()
        if version is not None and configuration.version != version:
            raise ConfigurationMoved(configuration.version)
        problems += (*fixed(old, configuration), *_of_secrets(configuration, self._parts.secrets))
        if problems:
            raise ConfigError(*dict.fromkeys((*problems, *await self._faults(configuration, problems))))
        return configuration

    async def _examine(self) -> tuple[Configuration, tuple[Problem, ...]]:
        old = self._course.configuration
        return await asyncio.to_thread(examine, Path(old.directory), overrides=old.overrides)

    async def _faults(self, configuration: Configuration, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        """Return what else is wrong."""
        try:
            crew = await self._parts.fleet.make(configuration, Path(configuration.directory))
        except ConfigError as error:
            return beyond(problems, error.problems)
        await self._parts.fleet.discard(crew)
        return ()

    async def _unmoved(self, configuration: Configuration) -> None:
        """Raise ConfigurationMoved where the documents that adapters have read may be others than those looked at."""
        again, _ = await self._examine()
        if again.version != configuration.version:
            raise ConfigurationMoved(again.version)

    async def _ready(self, configuration: Configuration, crew: Crew) -> Ready:
        course, way = await set_out(self._parts, configuration, crew, self._course)
        if self._relay is not None:
            await self._relay.meet(course.relay)
        change = await asyncio.to_thread(changed, self._course, course)
        return Ready(change=change, course=course, way=way, parts=self._parts, swap=self._swap)

    def _swap(self, course: Course, way: Linked) -> None:
        """Let it hold. Nothing here waits, so that no part of the gateway sees half of it."""
        old, self._course = self._course, course
        for turn in way.turns:
            turn.make()
        gone = {name: member for name, member in old.crew.items() if name not in course.crew}
        self._parts.fleet.take_on({**gone, **course.crew}, linger=_longest(old))
        self._parts.failures.turn(course.configuration.settings.plug_in.failures)
        if self._relay is not None and self._turn is not None:
            self._relay.turn(course.relay, course.planning)
            self._turn(course)
        _log.warning("configuration_changed", before=old.configuration.version, after=self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """``ports.configurations.Prepared``."""

    change: Change
    course: Course
    way: Linked
    parts: Parts
    swap: Callable[[Course, Linked], None]

    async def keep(self) -> None:
        """Keep its files durably. Raises StoreFull."""
        try:
            await keep(self.parts, self.course)
        except OSError as error:
            raise StoreFull(f"the configuration could not be kept: {error.strerror}") from error

    def commit(self) -> None:
        """Let it hold."""
        self.swap(self.course, self.way)
        version = self.course.configuration.version
        try:
            self.parts.versions.mark(version)
        except OSError as error:  # a worker that comes back would go by the one before, until it has followed
            _log.error("configuration_not_marked", version=version, error=name_of(error))


def changed(before: Course, after: Course) -> Change:
    """Return how two courses differ."""
    old, new = before.configuration, after.configuration
    both = before.crew.keys() & after.crew.keys()
    return Change(
        before=old.version,
        after=new.version,
        edits=edits(old.files, new.files),
        diff=unified(old.files, new.files),
        added=_sorted(after.crew.keys() - before.crew.keys()),
        changed=_sorted({name for name in both if before.crew[name] is not after.crew[name]}),
        removed=_sorted(before.crew.keys() - after.crew.keys()),
        kept=_sorted({name for name in both if before.crew[name] is after.crew[name]}),
    )


def _of_secrets(configuration: Configuration, secrets: Secrets) -> tuple[Problem, ...]:
    """Return what is wrong with what callers show at our doors."""
    found: tuple[Problem, ...] = ()
    for look in (passwords, partners_of):
        try:
            look(configuration, secrets)
        except ConfigError as error:
            found += error.problems
    return found


def _sorted(names: set[SystemId]) -> tuple[SystemId, ...]:
    return tuple(sorted(names))


def _longest(course: Course) -> timedelta:
    """Return the longest that anything which has begun by a course may still take."""
    timeouts = [link.timeout for link in course.relay.links.values()]
    return max(timeouts, default=timedelta(0)) + 2 * course.relay.lease + _MARGIN
