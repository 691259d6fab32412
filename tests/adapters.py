"""Adapters by configuration as the gateway builds and opens them, over memory and on loopback."""

import tomllib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from gateway.config.settings import SystemConfig
from gateway.ports.blobs import Blobs
from gateway.ports.clock import Clock
from gateway.sdk import Context, build
from gateway.testing import adapter_contract
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.secrets import FakeSecrets

NOWHERE = Path("/nowhere")
NONE: Mapping[str, str] = {}


def system_of(text: str, address: str = "http://127.0.0.1:9", **options: Any) -> SystemConfig:
    """Return a system's file, its address, and options beside those that it has."""
    table = tomllib.loads(text)
    table["endpoint"] = {"sandbox": address}
    table.setdefault("options", {}).update(options)
    return msgspec.convert(table, SystemConfig)


def context_of(
    *,
    clock: Clock | None = None,
    secrets: Mapping[str, str] = NONE,
    blobs: Blobs | None = None,
    mappings: Mapping[str, str] = NONE,
    **more: Any,
) -> Context:
    """Return what an adapter is built from: secrets by reference, mapping tables by name, as texts."""
    return Context(
        clock=clock or FakeClock(),
        secrets=FakeSecrets(secrets),
        blobs=blobs or MemoryBlobs(),
        mappings={name: tomllib.loads(text) for name, text in mappings.items()},
        **{"directory": NOWHERE, **more},
    )


@asynccontextmanager
async def opened(config: SystemConfig, context: Context) -> AsyncGenerator[Any]:
    """Build and open an adapter while the context lasts."""
    async with adapter_contract.opened(build(config, context)) as adapter:
        yield adapter
