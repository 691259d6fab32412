"""Writing what a version of a system's files would send, beside what is in force; nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.delivery import Delivery
from gateway.core.errors import GatewayError
from gateway.core.ids import SystemId
from gateway.core.whatif import Outline

FILES = "files"


class UnknownVersion(GatewayError):
    """This version of the configuration is not kept, or cannot be used any more."""


class CannotOutline(GatewayError):
    """This system's adapter does not show what it would send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A version, as it is or with some tables in place of its own."""

    version: str = ""  #: empty: the one in force; ``FILES``: what the operator's directory holds now
    mappings: Mapping[str, object] = field(default_factory=dict[str, object])  #: by name, as read from TOML


class Writing(Protocol):
    """One system's files at work."""

    async def outline(self, delivery: Delivery) -> Outline:
        """Return the calls that would send a delivery, or why there are none; never raises for what is in it."""
        ...


class Workshop(Protocol):
    """Where versions are put to work."""

    def writing(self, system: SystemId, edition: Edition) -> AbstractAsyncContextManager[Writing]:
        """Put an edition of a system's files to work. Raises ConfigError, UnknownVersion, CannotOutline."""
        ...
