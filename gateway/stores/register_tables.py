"""What a driver offers for keys, nodes, bookmarks and what counts once; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.core.boot import Boot
from gateway.core.ids import KeyId, NodeId, SystemId
from gateway.core.message import Actor
from gateway.ports.keys import KeyRecord
from gateway.ports.store import Bookmark
from gateway.stores.rows import OneUse


class RegisterTable(Protocol):
    """Keys, nodes, bookmarks, replay caches."""

    def bookmark(self, system: SystemId, stream: str) -> str:
        """Return a cursor, empty at first."""
        ...

    def move(self, bookmark: Bookmark) -> None:
        """Set a cursor."""
        ...

    def use(self, use: OneUse, now: datetime) -> str | None:
        """Record what a key is used for; where that was recorded before and has not lapsed, return it instead."""
        ...

    def add_key(self, key: KeyRecord, actor: Actor) -> None:
        """Keep an API key."""
        ...

    def end_key(self, key: KeyId, now: datetime, actor: Actor) -> bool:
        """Revoke a live key; False where there is none."""
        ...

    def list_keys(self) -> Sequence[KeyRecord]:
        """Return all keys, oldest first."""
        ...

    def live_key(self, digest: str) -> KeyRecord | None:
        """Return the live key with this digest."""
        ...

    def fence_all(self, now: datetime) -> None:
        """End every incarnation that has not ended; of several nodes those that are silent while another is not."""
        ...

    def add_node(self, node: NodeId, config: str, now: datetime) -> None:
        """Begin an incarnation, and keep its configuration version."""
        ...

    def living(self, now: datetime) -> Sequence[NodeId]:
        """Return the nodes that nobody holds for dead, the youngest first."""
        ...

    def beat(self, node: NodeId, now: datetime) -> bool:
        """Record a sign of life; False where the node is over or was never there."""
        ...

    def end_node(self, node: NodeId, now: datetime) -> None:
        """End an incarnation."""
        ...

    def last_beat(self) -> datetime | None:
        """Return when any incarnation last gave a sign of life; None where none ever has."""
        ...


class BootTable(Protocol):
    """When the machine started, as the last transaction saw it."""

    def last(self) -> Boot | None:
        """Return it; None in a new store."""
        ...

    def keep(self, boot: Boot) -> None:
        """Keep this one instead."""
        ...
