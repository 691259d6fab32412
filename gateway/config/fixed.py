"""What only a start can change: a running gateway has built on it."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.settings import Configuration, Settings
from gateway.config.sources import file_of
from gateway.core.errors import Problem

_FIXED = (
    "server.host",
    "server.port",
    "server.reuse_port",
    "server.connections",
    "server.bodies",
    "server.keepalive",
    "server.shutdown",
    "store",
    "relay.lease",
    "logs",
    "plug_in.prefixes",
)
_REMEDY = "put the old value back, or end the gateway and start it again"


def fixed(before: Configuration, after: Configuration) -> Iterator[Problem]:
    """Return what differs between two configurations that cannot be changed while the gateway serves."""
    for key in _FIXED:
        if _at(before.settings, key) != _at(after.settings, key):
            yield _problem("gateway.toml", key, "changes only at a start")
    for name in sorted(before.systems.keys() & after.systems.keys()):
        old, new = before.systems[name], after.systems[name]
        if old.reads_feed != new.reads_feed:
            how = "read its feed" if new.reads_feed else "be called"
            yield _problem(file_of(name), "adapter", f"a system begins to {how} only at a start")


def _at(settings: Settings, key: str) -> object:
    found: object = settings
    for piece in key.split("."):
        found = getattr(found, piece)
    return found


def _problem(file: str, key: str, text: str) -> Problem:
    return Problem(file=file, key=key, text=text, remedy=_REMEDY)
