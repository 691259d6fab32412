"""The plug-in door's entry: whose passwords it knows, and the key that seals its sessions."""

from __future__ import annotations

import asyncio
import hmac
import secrets as randomness
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gateway.app.layout import write_private
from gateway.config.durations import as_timedelta
from gateway.config.settings import Configuration
from gateway.core.errors import ConfigError, Problem
from gateway.core.ids import SystemId
from gateway.core.routing import Role
from gateway.ports.clock import Clock
from gateway.ports.secrets import Secrets
from gateway.security.entry import Entry, Password
from gateway.security.failures import Failures
from gateway.security.keys import Authenticator
from gateway.security.links import FileLinks
from gateway.security.sessions import Sessions

_SECRET_BYTES = 32
_PURPOSE = b"plug-in-session:1"


def passwords(configuration: Configuration, secrets: Secrets) -> dict[SystemId, Password]:
    """Return the name and password of every system that has them; raises ConfigError where one cannot be read."""
    found = dict(_passwords(configuration, secrets))
    problems = [problem for known in found.values() for problem in _missing(known)]
    if problems:
        raise ConfigError(*problems)
    return found


def _passwords(configuration: Configuration, secrets: Secrets) -> Iterator[tuple[SystemId, Password]]:
    for name, system in configuration.systems.items():
        login = system.plug_in
        if login.password is not None:
            yield SystemId(name), Password(username=login.username, password=partial(secrets.get, login.password))


def _missing(known: Password) -> tuple[Problem, ...]:
    try:
        known.proof()
    except ConfigError as error:
        return error.problems
    return ()


def make_entry(
    configuration: Configuration,
    authenticator: Authenticator,
    known: dict[SystemId, Password],
    *,
    clock: Clock,
    seal: bytes,
    failures: Failures | None = None,
) -> Entry:
    """Return the entry of the portals of this configuration; ``failures`` is what counts them until now."""
    settings = configuration.settings.plug_in
    return Entry(
        authenticator,
        Sessions(seal, clock, life=as_timedelta(settings.session)),
        failures or Failures(clock, most=settings.failures),
        known,
        systems=frozenset(SystemId(name) for name, item in configuration.systems.items() if item.role is Role.PORTAL),
    )


async def seal_of(links: FileLinks, file: Path) -> bytes:
    """Return what seals sessions.

    It comes of the first key of the links, which all gateways of a database have; without one, from a file of this
    gateway's, made at its first start. Raises OSError.
    """
    if links.ready:
        return hmac.digest(links.keys[0].reveal().encode(), _PURPOSE, "sha256")
    return await asyncio.to_thread(_secret, file)


def _secret(path: Path) -> bytes:
    """Return the key; without it, every session that was given before has ended."""
    try:
        found = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        found = b""
    if len(found) < _SECRET_BYTES:
        found = randomness.token_bytes(_SECRET_BYTES)
        write_private(path, f"{found.hex()}\n")
    return found
