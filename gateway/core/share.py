"""What each of several nodes may use of what a system allows all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.ids import NodeId


@dataclass(frozen=True, slots=True)
class Share:
    """One node's place among those that live; a node alone has everything."""

    place: int = 0
    nodes: int = 1
    counted: bool = True  #: by the others: until they know of it, they have all seats among them

    @classmethod
    def among(cls, node: NodeId, living: Sequence[NodeId], *, counted: bool = True) -> Share:
        """Return a node's share; one that is not among them has what it had when nobody knew of the others."""
        if node not in living:
            return cls()
        return cls(place=living.index(node), nodes=len(living), counted=counted or len(living) == 1)

    def seats(self, concurrency: int) -> int:
        """Return how many exchanges at once are this node's: together as many as allowed, so some may have none."""
        if not self.counted:
            return 0
        each, left = divmod(concurrency, self.nodes)
        return each + (self.place < left)

    @property
    def rate(self) -> float:
        """Return which part of a rate is this node's."""
        return 1 / self.nodes
