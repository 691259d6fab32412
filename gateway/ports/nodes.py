"""Incarnations of the gateway: who joins, lives and leaves, and who may try a system that did not answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from gateway.core.ids import NodeId, SystemId
from gateway.core.weather import Fleet, Tally

SILENCE = timedelta(seconds=30)  #: of a node, not of all, before one that joins may hold it for dead


class Nodes(Protocol):
    """Which incarnations live."""

    async def join(self, node: NodeId, *, config: str, after: NodeId | None = None) -> None:
        """Begin an incarnation; on a one-node store this fences all earlier ones. A configuration version is kept.

        ``after`` is one whose process is surely gone: it is over, if it was not yet.
        """
        ...

    async def beat(self, node: NodeId, tallies: Mapping[SystemId, Tally]) -> Fleet:
        """Say that this node lives, and how it sees some systems; return what all nodes know. Raises Fenced."""
        ...

    async def take_probe(self, system: SystemId, node: NodeId, *, lease_for: timedelta) -> bool:
        """Let this node alone find out, for so long, whether a system answers again; False where another does."""
        ...

    async def leave(self, node: NodeId) -> None:
        """End an incarnation in order."""
        ...
