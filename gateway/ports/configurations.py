"""The configuration in force, and the one in the operator's directory that may take its place."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from gateway.config.difference import FileEdit
from gateway.core.errors import GatewayError
from gateway.core.ids import SystemId


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would change, or has."""

    before: str  #: version in force
    after: str  #: version in the directory
    edits: tuple[FileEdit, ...] = ()
    diff: str = field(default="", repr=False)  #: unified
    added: tuple[SystemId, ...] = ()
    changed: tuple[SystemId, ...] = ()  #: they get a new adapter: what it is made of differs, be it a secret
    removed: tuple[SystemId, ...] = ()
    kept: tuple[SystemId, ...] = ()  #: their adapters go on, with sessions and connections

    @property
    def is_empty(self) -> bool:
        """Whether everything would stay as it is."""
        return self.before == self.after and not self.changed


class ConfigurationMoved(GatewayError):
    """The directory holds another version than the one that was asked for; ``version`` is what it holds."""

    def __init__(self, version: str) -> None:
        super().__init__("the files have changed since they were looked at")
        self.version = version


class Prepared(Protocol):
    """A configuration that is valid as a whole, with everything made that it needs."""

    @property
    def change(self) -> Change:
        """What it changes."""
        ...

    async def keep(self) -> None:
        """Keep its files durably, so that what it sends can be sent again as it was. Raises StoreFull."""
        ...

    def commit(self) -> None:
        """Let it hold, in one step: whatever begins from now on goes by it."""
        ...


class Configurations(Protocol):
    """The files of the gateway that serves here."""

    @property
    def version(self) -> str:
        """Return the version in force."""
        ...

    def prepared(self, version: str | None = None) -> AbstractAsyncContextManager[Prepared]:
        """Read and build what the directory holds, one at a time; what is not committed is taken apart at the end.

        Raises ConfigError with every fault, ConfigurationMoved where it is not this version, StoreUnavailable.
        """
        ...
