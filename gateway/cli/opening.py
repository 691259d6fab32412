"""Opening the desk straight on the file: the store is taken, and whoever has a key of their own is known by it."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from gateway.app.attachments import attachments
from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.app.marking import BRING_BACK, Book, Marker, absence, check, expect_written
from gateway.app.resting import resting_doors
from gateway.app.secrets import LocalSecrets, UnknownSecrets
from gateway.app.stores import open_store
from gateway.app.versions import Versions
from gateway.cli.failures import Failed, no_gateway
from gateway.cli.on_file import FileDesk, Premises
from gateway.cli.places import OPERATOR_KEY, wrong_key
from gateway.cli.within import within
from gateway.config.book import route_book
from gateway.config.loader import load
from gateway.config.settings import Configuration
from gateway.core.errors import ConfigError, PutBack, StoreUnavailable, Unusable
from gateway.core.message import Actor, ActorKind
from gateway.core.planning import Planning
from gateway.ports.blobs import Blobs
from gateway.ports.keys import KeyRole, Keys
from gateway.security.keys import Authenticator, Caller, Unauthenticated

_PATIENCE = 3.0  #: seconds for another command to let go of the store


@asynccontextmanager
async def on_file(config: Path, data: Path, *, make: bool = False, marks: bool = False) -> AsyncGenerator[FileDesk]:
    """Open the desk; ``make`` begins a new data folder where there is none. Raises ConfigError, Failed.

    Who ``marks`` a database that was put back writes into one that a gateway has stopped for it; everybody else is told
    first that it was.
    """
    _log_beside()
    layout = Layout(data)
    configuration = load(config)
    settings = configuration.settings.store
    if not settings.postgres:
        expect_database(layout, make=make)
    machine = Machine()
    try:
        store = await open_store(settings, layout, machine, LocalSecrets(config), patience=_PATIENCE, marks=marks)
    except Unusable as error:
        raise Failed(str(error), status=2) from None
    except StoreUnavailable as error:
        raise Failed(str(error)) from None
    try:
        if not marks:
            await _expect_same(store, layout, shared=bool(settings.postgres))
        caller = await _person(store, machine) or _whoever()
        versions = Versions(layout.configurations)
        premises = Premises(
            configuration=configuration,
            versions=versions,
            store=store,
            marker=Marker(book=store, layout=layout, clock=machine.clock),
            actor=caller.actor,
        )
        doors = resting_doors(
            configuration,
            Planning(book=route_book(configuration), new_id=machine.ids.new),
            machine=machine,
            store=store,
            blobs=_attachments(configuration, layout, machine),
            versions=versions,
        )
        async with within(doors, caller, f"the gateway in {data}") as api:
            yield FileDesk(api, premises)
    except StoreUnavailable as error:
        place = "the database" if settings.postgres else layout.database
        raise Failed(f"{place} cannot be used: {error}") from None
    finally:
        await store.close()


def expect_database(layout: Layout, *, make: bool = False) -> None:
    """Raise Failed where there is no embedded database, nothing in it, or where putting one back broke off.

    Who would ``make`` one is stopped only where one was lost.
    """
    try:
        expect_written(layout)
    except PutBack as error:
        raise Failed(str(error), status=2) from None
    if make:
        return
    if not layout.database.exists():
        raise no_gateway(layout.root)
    if nothing := absence(layout):
        raise Failed(
            f"{nothing}: if it ever held anything, {BRING_BACK}; else ./run_gateway.py serve begins it", status=2
        )


async def _expect_same(book: Book, layout: Layout, *, shared: bool) -> None:
    """Raise Failed where this folder's gateway knows the database to have been another: all here would look well."""
    if not layout.mark.exists():  # a copy that is only read
        return
    try:
        await check(book, layout, shared=shared)
    except PutBack as error:
        raise Failed(str(error), status=2) from None


def _log_beside() -> None:
    """Let what the store logs stand beside the answer: standard output is read by programs."""
    if not structlog.is_configured():
        structlog.configure(logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr))


def _attachments(configuration: Configuration, layout: Layout, machine: Machine) -> Blobs:
    """Return the store of files; who may not know its keys does everything else."""
    settings = configuration.settings.store
    try:
        return attachments(settings, layout, machine, LocalSecrets(Path(configuration.directory)))
    except ConfigError:
        return attachments(settings, layout, machine, UnknownSecrets())


async def _person(keys: Keys, machine: Machine) -> Caller | None:
    """Return the operator whose own key is given; None where none is."""
    key = os.environ.get(OPERATOR_KEY)
    if not key:
        return None
    try:
        caller = await Authenticator(keys, machine.clock).caller(f"Bearer {key}")
    except Unauthenticated:
        raise wrong_key("key.invalid") from None
    if not caller.is_operator:
        raise wrong_key("key.forbidden")
    return caller


def _whoever() -> Caller:
    """Return the operator who is logged in on this machine."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "local"
    return Caller(actor=Actor(kind=ActorKind.OPERATOR, name=name), role=KeyRole.OPERATOR, system=None)
