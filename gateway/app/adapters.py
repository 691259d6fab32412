"""The adapters of one configuration: built, and open while they are needed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from gateway.app.links import file_links
from gateway.app.machine import Machine
from gateway.config.settings import Configuration
from gateway.core.errors import ConfigError, Problem
from gateway.core.ids import SystemId
from gateway.ports.adapter import Adapter, Opens
from gateway.ports.blobs import Blobs
from gateway.ports.secrets import Secret, Secrets
from gateway.sdk.link import Context
from gateway.sdk.registry import build_all
from gateway.security.links import FileLinks

_PLACEHOLDER = "whsec_" + "A" * 43 + "="


class UnknownSecrets:
    """Stands in for every secret where nothing is sent: on a machine that must not know them."""

    def get(self, reference: str) -> Secret:
        """Return a value of the right shape for a signing key, too."""
        del reference
        return Secret(_PLACEHOLDER)


def build_adapters(
    configuration: Configuration, machine: Machine, secrets: Secrets, blobs: Blobs
) -> dict[str, Adapter]:
    """Return every system's adapter; raises ConfigError with all problems of all systems."""
    server = configuration.settings.server
    links, problems = _links(configuration, secrets)
    context = Context(
        clock=machine.clock,
        secrets=secrets,
        blobs=blobs,
        mappings=configuration.mappings,
        directory=Path(configuration.directory),
        public_url=server.public_url or f"http://{server.host}:{server.port}",
        links=links,
        connect=machine.connect,
    )
    try:
        adapters = build_all(configuration.systems, context)
    except ConfigError as error:
        raise ConfigError(*problems, *error.problems) from error
    if problems:
        raise ConfigError(*problems)
    return adapters


def _links(configuration: Configuration, secrets: Secrets) -> tuple[FileLinks, tuple[Problem, ...]]:
    """Return the links to files, and what is wrong with their keys: then such as look as if they had one."""
    try:
        return file_links(configuration.settings.links, secrets), ()
    except ConfigError as error:
        return file_links(configuration.settings.links, UnknownSecrets()), error.problems


@asynccontextmanager
async def opened(adapters: Mapping[str, Adapter]) -> AsyncGenerator[Mapping[SystemId, Adapter]]:
    """Open what must be opened (connections, WSDLs), and close it at the end; raises ConfigError with all problems."""
    async with AsyncExitStack() as stack:
        problems: list[Problem] = []
        for adapter in adapters.values():
            if isinstance(adapter, Opens):
                problems += await _open(adapter, stack)
        if problems:
            raise ConfigError(*problems)
        yield {SystemId(name): adapter for name, adapter in adapters.items()}


async def _open(adapter: Opens, stack: AsyncExitStack) -> tuple[Problem, ...]:
    stack.push_async_callback(adapter.close)
    try:
        await adapter.open()
    except ConfigError as error:
        return error.problems
    return ()
