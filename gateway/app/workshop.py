"""Versions of the configuration put to work beside the one in force, to see what they would send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.app.adapters import build_adapter, opened
from gateway.app.machine import Machine
from gateway.app.secrets import UnknownSecrets
from gateway.app.versions import Versions
from gateway.config.loader import load
from gateway.config.nearest import suggestion
from gateway.config.settings import Configuration
from gateway.core.delivery import Delivery
from gateway.core.errors import ConfigError, Problem
from gateway.core.ids import SystemId
from gateway.core.reason import Reason, Why
from gateway.core.whatif import Outline
from gateway.exchange.guard import class_of, contained
from gateway.ports.adapter import Adapter, Outlines
from gateway.ports.blobs import Blobs
from gateway.ports.whatif import FILES, CannotOutline, Edition, UnknownVersion
from gateway.sdk.mapping import Direction
from gateway.sdk.mapping_check import UsesMappings

_log: FilteringBoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bench:
    """``ports.whatif.Writing``."""

    adapter: Outlines

    async def outline(self, delivery: Delivery) -> Outline:
        """Return the calls that would send a delivery; what the adapter trips over is its own fault."""
        try:
            with contained():
                return await self.adapter.outline(delivery)
        except Exception as error:  # noqa: BLE001 - one message that cannot be shown hides no other
            _log.exception("outline_failed", delivery=delivery.id)
            return Reason(Why.ADAPTER_BUG, class_of(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalWorkshop:
    """``ports.whatif.Workshop``: no secret is read, nothing is signed, and no link that is shown can be followed."""

    configuration: Configuration = field(repr=False)  #: in force
    versions: Versions
    machine: Machine
    blobs: Blobs

    @asynccontextmanager
    async def writing(self, system: SystemId, edition: Edition) -> AsyncGenerator[Bench]:
        """Put an edition to work. Raises ConfigError, UnknownVersion, CannotOutline."""
        configuration = await asyncio.to_thread(self._configuration, edition.version)
        if system not in configuration.systems:
            raise UnknownVersion(f"{edition.version} has no {system}")
        adapter = await asyncio.to_thread(self._adapter, configuration, system, edition)
        if not isinstance(adapter, Outlines):
            raise CannotOutline(system)
        async with opened(configuration.systems[system], adapter):
            _refuse_unused(system, adapter, edition)
            yield Bench(adapter)

    def _configuration(self, version: str) -> Configuration:
        """Return a version; the documents of the one in force are those that it was read with."""
        if version == FILES:
            return load(Path(self.configuration.directory), overrides=self.configuration.overrides)
        kept = self.versions.configuration(version or self.configuration.version)
        if kept is None and version not in ("", self.configuration.version):
            raise UnknownVersion(version)
        return kept or self.configuration

    def _adapter(self, configuration: Configuration, system: SystemId, edition: Edition) -> Adapter:
        return build_adapter(
            configuration,
            configuration.systems[system],
            self.machine,
            secrets=UnknownSecrets(),
            blobs=self.blobs,
            mappings={**configuration.mappings, **edition.mappings},
            directory=Path(configuration.directory),
            proves=False,
        )


def _refuse_unused(system: SystemId, adapter: object, edition: Edition) -> None:
    """Refuse a table that is tried where it changes nothing."""
    uses = adapter.uses() if isinstance(adapter, UsesMappings) else ()
    used = {one.mapping.name for one in uses if one.direction is Direction.OUT}
    for name in edition.mappings:
        if name not in used:
            text, remedy = f"{system} sends by no table of this name", suggestion(name, sorted(used))
            raise ConfigError(Problem(file=f"mappings/{name}.toml", key="", text=text, remedy=remedy))
