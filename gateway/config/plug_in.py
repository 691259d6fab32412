"""What cannot be right about the plug-in door: paths that are taken, logins that are half or twice there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gateway.config.settings import Configuration, SystemConfig
from gateway.config.sources import file_of
from gateway.core.errors import Problem
from gateway.core.routing import Role

#: First parts of paths that other doors have.
_TAKEN = frozenset(
    {
        *("v1", "soap", "callbacks", "files", "token", "dvcqg", "XrdAdapter", "VXPAdapter"),
        *("metrics", "livez", "readyz", "openapi.json", "docs", "console"),
    }
)


def problems(configuration: Configuration) -> Iterator[Problem]:
    """Return what is wrong with the prefixes and the logins."""
    for prefix in configuration.settings.plug_in.prefixes:
        if prefix.split("/")[1] in _TAKEN:
            text = f"{prefix!r} belongs to another door"
            yield Problem(file="gateway.toml", key="plug_in.prefixes", text=text, remedy="choose another path")
    systems = configuration.systems.values()
    for system in systems:
        yield from _login(system)
    names = Counter(system.plug_in.username for system in systems if system.plug_in.username)
    for name, count in names.items():
        if count > 1 or name in configuration.systems:
            text = f"{name!r} names more than one system"
            yield Problem(file="systems/", key="plug_in.username", text=text, remedy="give each its own name")


def _login(system: SystemConfig) -> Iterator[Problem]:
    login, file = system.plug_in, file_of(system.id)
    if bool(login.username) != (login.password is not None):
        missing = "password" if login.username else "username"
        yield Problem(file=file, key=f"plug_in.{missing}", text="is missing", remedy="give both, or neither")
    if login.username and system.role is not Role.PORTAL:
        text = "only a portal comes in by the plug-in door"
        yield Problem(file=file, key="plug_in", text=text, remedy='leave it out, or write role = "portal"')
