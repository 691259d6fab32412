"""The adapters in use: those of the configuration in force, and those by which something of before still goes."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.app.adapters import build_adapter, close_adapter, open_adapter
from gateway.app.links import links_of
from gateway.app.machine import Machine
from gateway.app.recipes import NotedMappings, Recipe, recipe
from gateway.app.versions import Versions
from gateway.config.settings import Configuration, SystemConfig
from gateway.core.errors import ConfigError, Problem
from gateway.core.ids import SystemId
from gateway.exchange.gate import Gate
from gateway.exchange.pipeline import Pipeline
from gateway.ports.adapter import Adapter
from gateway.ports.blobs import Blobs
from gateway.ports.secrets import Secrets
from gateway.ports.uses import Uses

_log: FilteringBoundLogger = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Member:
    """One system's adapter, open."""

    system: SystemId
    adapter: Adapter
    mappings: frozenset[str]  #: that it was made with
    recipe: Recipe
    pipeline: Pipeline | None = field(default=None, repr=False)
    used_at: float = 0.0  #: monotonic seconds: when something last began by it, of one that was replaced

    def way(self, gate: Gate, machine: Machine, *, at_once: int) -> Pipeline:
        """Return the only way to the system by this adapter: made once, so that its limits hold for all."""
        if self.pipeline is None:
            self.pipeline = Pipeline.for_system(
                self.adapter, gate=gate, clock=machine.clock, metrics=machine.metrics, at_once=at_once
            )
        return self.pipeline


Crew = Mapping[SystemId, Member]


class Fleet:
    """Makes adapters, keeps what has not changed, and closes what nothing goes by any more, all of it at the end."""

    def __init__(self, machine: Machine, blobs: Blobs, secrets: Secrets, versions: Versions, uses: Uses) -> None:
        self._machine = machine
        self._blobs = blobs
        self._secrets = secrets
        self._versions = versions
        self._uses = uses
        self._open: list[Member] = []
        self._present: Crew = {}
        self._former: dict[tuple[SystemId, str], Member] = {}  #: by system and recipe
        self._closing: set[asyncio.Task[None]] = set()
        self._recalling = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._closing:
            task.cancel()
        if self._closing:
            await asyncio.wait(self._closing)
        await _close_all(reversed(self._open))

    @property
    def systems(self) -> Collection[SystemId]:
        """Return the systems that are connected now."""
        return self._present.keys()

    async def make(self, configuration: Configuration, directory: Path) -> Crew:
        """Return an open adapter for each system: those in use of which nothing has changed, and new ones.

        Documents are read below ``directory``. Raises ConfigError with the problems of all systems; nothing has changed
        then.
        """
        _, problems = links_of(configuration, self._secrets)
        crew: dict[SystemId, Member] = {}
        fresh: list[Member] = []
        try:
            for name, system in configuration.systems.items():
                member = self._kept(configuration, system)
                if member is None:
                    member, faults = await self._made(configuration, system, directory)
                    problems += faults
                    fresh += [member] if member else []
                if member is not None:
                    crew[SystemId(name)] = member
        except BaseException:
            await _close_all(fresh)
            raise
        if problems:
            await _close_all(fresh)
            raise ConfigError(*dict.fromkeys(problems))
        self._open += fresh
        return crew

    def take_on(self, crew: Crew, *, linger: timedelta) -> None:
        """Use these from now on; what they replace stays open until nothing has begun by it for so long."""
        replaced = [member for name, member in self._present.items() if crew.get(name) is not member]
        self._present = dict(crew)
        for member in replaced:
            self._retire(member, linger.total_seconds())

    async def discard(self, crew: Crew) -> None:
        """Close what was made and is not used after all."""
        kept = {id(member) for member in (*self._present.values(), *self._former.values())}
        for member in [member for member in crew.values() if id(member) not in kept]:
            self._open.remove(member)
            await _close(member)

    async def recall(self, version: str, system: SystemId, *, linger: timedelta) -> Member | None:
        """Return a system's adapter as it was in a version; None where that cannot be had any more."""
        manifest = await asyncio.to_thread(self._versions.manifest, version)
        public = manifest.systems.get(system) if manifest else None
        if public is None:
            return None
        async with self._recalling:
            present = self._present.get(system)
            if present is not None and present.recipe.public == public:
                return present
            member = self._former.get((system, public)) or await self._remade(version, system)
            if member is not None:
                member.used_at = self._machine.clock.monotonic()
                if (system, public) not in self._former:
                    self._open.append(member)
                    self._retire(member, linger.total_seconds())
            return member

    def _kept(self, configuration: Configuration, system: SystemConfig) -> Member | None:
        """Return the adapter in use where a new one would be like it."""
        member = self._present.get(SystemId(system.id))
        if member is None or not member.mappings <= configuration.mappings.keys():
            return None
        return member if recipe(configuration, system, member.mappings, self._secrets) == member.recipe else None

    async def _made(
        self, configuration: Configuration, system: SystemConfig, directory: Path
    ) -> tuple[Member | None, tuple[Problem, ...]]:
        mappings = NotedMappings(configuration.mappings)
        try:
            adapter = build_adapter(
                configuration,
                system,
                self._machine,
                secrets=self._secrets,
                blobs=self._blobs,
                mappings=mappings,
                directory=directory,
                uses=self._uses,
            )
        except ConfigError as error:
            return None, error.problems
        asked = frozenset(mappings.asked)
        member = Member(
            system=SystemId(system.id),
            adapter=adapter,
            mappings=asked,
            recipe=recipe(configuration, system, asked, self._secrets),
        )
        try:
            await open_adapter(system, adapter)
        except ConfigError as error:
            await _close(member)
            return None, error.problems
        except BaseException:
            await _close(member)
            raise
        return member, ()

    async def _remade(self, version: str, system: SystemId) -> Member | None:
        """Make an adapter from a kept version."""
        configuration = await asyncio.to_thread(self._versions.configuration, version)
        config = configuration.systems.get(system) if configuration else None
        if configuration is None or config is None:
            return None
        try:
            made, problems = await self._made(configuration, config, self._versions.place(version))
        except Exception as error:  # noqa: BLE001 - an old version that fails in any way is one that cannot be had
            _log.error("version_not_had", version=version, system=system, error=type(error).__name__)
            return None
        for problem in problems:
            _log.error("version_not_had", version=version, system=system, setting=problem.key, problem=problem.text)
        return made

    def _retire(self, member: Member, linger: float) -> None:
        member.used_at = self._machine.clock.monotonic()
        self._former[member.system, member.recipe.public] = member
        task = asyncio.create_task(self._close_later(member, linger), name=f"close {member.system}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_later(self, member: Member, linger: float) -> None:
        while (left := member.used_at + linger - self._machine.clock.monotonic()) > 0:
            await self._machine.clock.sleep(left)
        if self._former.get((member.system, member.recipe.public)) is member:
            del self._former[member.system, member.recipe.public]
        self._open.remove(member)
        await _close(member)


async def _close_all(members: Iterable[Member]) -> None:
    for member in members:
        await _close(member)


async def _close(member: Member) -> None:
    await close_adapter(member.system, member.adapter)
