"""Building the adapters of a configuration."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.app.attachments import bucket_of
from gateway.app.links import links_of
from gateway.app.machine import Machine
from gateway.app.partners import partners_of
from gateway.config.settings import Configuration, StoreSettings, SystemConfig
from gateway.config.sources import file_of
from gateway.core.errors import ConfigError, Problem
from gateway.exchange.guard import class_of, contained, place_of
from gateway.ports.adapter import Adapter, Opens, Queries, QueryForm
from gateway.ports.blobs import Blobs
from gateway.ports.secrets import Secrets
from gateway.ports.uses import Uses
from gateway.query.listing import CURSOR, can_list
from gateway.sdk.link import Context
from gateway.sdk.registry import build, written_code
from gateway.stores.blobs import LocalBlobs

_log: FilteringBoundLogger = structlog.get_logger()

_OPENING = 60.0  #: seconds that an adapter may take to load what it needs: a start waits for it
_CLOSING = 5.0  #: seconds that it may take to let go of it


def build_adapter(  # noqa: PLR0913 - each is a thing of its own that an adapter is made of
    configuration: Configuration,
    system: SystemConfig,
    machine: Machine,
    *,
    secrets: Secrets,
    blobs: Blobs,
    mappings: Mapping[str, object],
    directory: Path,
    uses: Uses | None = None,
    proves: bool = True,
) -> Adapter:
    """Return one system's adapter; raises ConfigError with every problem of its files."""
    server = configuration.settings.server
    context = Context(
        clock=machine.clock,
        secrets=secrets,
        blobs=blobs,
        mappings=mappings,
        directory=directory,
        public_url=server.public_url or f"http://{server.host}:{server.port}",
        links=links_of(configuration, secrets)[0],
        connect=machine.connect,
        uses=uses,
        proves=proves,
    )
    adapter = build(system, context)
    for problem in _unlisted(system, adapter):
        raise ConfigError(problem)
    return adapter


def _unlisted(system: SystemConfig, adapter: Adapter) -> Iterator[Problem]:
    """Yield what is wrong with the question that is to say what the system has."""
    name = system.reconcile.list
    with written_code(system, "asked what it answers"):
        forms: Mapping[str, QueryForm] = dict(adapter.queries()) if isinstance(adapter, Queries) else {}
    if name and (name not in forms or not can_list(forms[name])):
        yield Problem(
            file=file_of(system.id),
            key="reconcile.list",
            text=f"`{name}` is no question that can be put with `{CURSOR}` alone",
            remedy=f"add options.queries.{name}.request.{CURSOR}, and require nothing else; or take the key out",
        )


async def faults(configuration: Configuration, secrets: Secrets) -> tuple[Problem, ...]:
    """Build every adapter and load its documents, as serving does, each by itself; return what is wrong."""
    _, problems = links_of(configuration, secrets)
    problems += _of_partners(configuration, secrets)
    problems += _of_store(configuration.settings.store, secrets)
    for system in configuration.systems.values():
        try:
            async with loaded(configuration, system, secrets):
                pass
        except ConfigError as error:
            problems += error.problems
    return problems


def _of_partners(configuration: Configuration, secrets: Secrets) -> tuple[Problem, ...]:
    try:
        partners_of(configuration, secrets)
    except ConfigError as error:
        return error.problems
    return ()


def _of_store(settings: StoreSettings, secrets: Secrets) -> tuple[Problem, ...]:
    """Return which secrets of the database and the bucket are not to be had, else what is wrong with the bucket's."""
    problems: tuple[Problem, ...] = ()
    for reference in (settings.postgres, settings.s3.access_key, settings.s3.secret_key):
        try:
            if reference:
                secrets.get(reference)
        except ConfigError as error:
            problems += error.problems
    try:
        if settings.s3.bucket and not problems:
            bucket_of(settings.s3, secrets)
    except ConfigError as error:
        return error.problems
    return problems


@asynccontextmanager
async def loaded(configuration: Configuration, system: SystemConfig, secrets: Secrets) -> AsyncGenerator[Adapter]:
    """Build one system's adapter by itself, with no files, and load its documents; raises ConfigError."""
    machine = Machine()
    with TemporaryDirectory() as folder:
        adapter = build_adapter(
            configuration,
            system,
            machine,
            secrets=secrets,
            blobs=LocalBlobs(Path(folder), clock=machine.clock, ids=machine.ids),
            mappings=configuration.mappings,
            directory=Path(configuration.directory),
        )
        async with opened(system, adapter):
            yield adapter


@asynccontextmanager
async def opened(system: SystemConfig, adapter: Adapter) -> AsyncGenerator[None]:
    """Have an adapter load its documents, and close what it has opened; raises ConfigError."""
    try:
        await open_adapter(system, adapter)
        yield
    except BaseException:
        await close_adapter(system.id, adapter)
        raise
    if isinstance(adapter, Opens):
        with written_code(system, "closed"):
            await _closed(adapter)


async def open_adapter(system: SystemConfig, adapter: Adapter) -> None:
    """Have an adapter load what it needs, within a minute; raises ConfigError."""
    if isinstance(adapter, Opens):
        with written_code(system, "opened"):
            async with asyncio.timeout(_OPENING):
                await adapter.open()


async def close_adapter(system: str, adapter: Adapter) -> None:
    """Have an adapter let go of everything; one that fails, or hangs, is told in the log and keeps no other open."""
    if isinstance(adapter, Opens):
        try:
            with contained():
                await _closed(adapter)
        except Exception as bug:  # noqa: BLE001 - nothing goes by it any more
            _log.error("adapter_bug", system=system, error=class_of(bug), where=place_of(bug))


async def _closed(adapter: Opens) -> None:
    async with asyncio.timeout(_CLOSING):
        await adapter.close()
