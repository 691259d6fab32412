"""Opening the desk straight on the file: the store is taken, and whoever has a key of their own is known by it."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.app.secrets import LocalSecrets
from gateway.app.stores import open_store
from gateway.cli.failures import Failed, no_gateway
from gateway.cli.on_file import FileDesk
from gateway.cli.places import OPERATOR_KEY
from gateway.config.loader import load
from gateway.core.errors import PutBack, StoreUnavailable
from gateway.core.message import Actor
from gateway.ports.store import Keys
from gateway.security.keys import Authenticator, Unauthenticated
from gateway.stores.sqlite.copying import check_whole

_PATIENCE = 3.0  #: seconds for another command to let go of the store


@asynccontextmanager
async def on_file(config: Path, data: Path, *, make: bool = False) -> AsyncGenerator[FileDesk]:
    """Open the desk; ``make`` begins a new data folder where there is none. Raises ConfigError, Failed."""
    _log_beside()
    layout = Layout(data)
    configuration = load(config)
    settings = configuration.settings.store
    if not make and not settings.postgres:
        expect_database(layout)
    machine = Machine()
    try:
        store = await open_store(settings, layout, machine, LocalSecrets(config), patience=_PATIENCE)
    except PutBack as error:
        raise Failed(str(error), status=2) from None
    except StoreUnavailable as error:
        raise Failed(str(error)) from None
    try:
        person = await _person(store, machine)
        yield FileDesk(store, configuration, machine, person, layout)
    except StoreUnavailable as error:
        place = "the database" if settings.postgres else layout.database
        raise Failed(f"{place} cannot be used: {error}") from None
    finally:
        await store.close()


def expect_database(layout: Layout) -> None:
    """Raise Failed where there is no embedded database, or where putting one back broke off."""
    try:
        check_whole(layout.database)
    except PutBack as error:
        raise Failed(str(error), status=2) from None
    if not layout.database.exists():
        raise no_gateway(layout.root)


def _log_beside() -> None:
    """Let what the store logs stand beside the answer: standard output is read by programs."""
    if not structlog.is_configured():
        structlog.configure(logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr))


async def _person(keys: Keys, machine: Machine) -> Actor | None:
    """Return the operator whose own key is given; None where none is."""
    key = os.environ.get(OPERATOR_KEY)
    if not key:
        return None
    try:
        caller = await Authenticator(keys, machine.clock).caller(f"Bearer {key}")
    except Unauthenticated:
        raise Failed(f"{OPERATOR_KEY} holds no live key (./run_gateway.py keys list)") from None
    if not caller.is_operator:
        raise Failed(f"{OPERATOR_KEY} holds the key of a system: make one with keys new --operator NAME")
    return caller.actor
