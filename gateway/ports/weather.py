"""Pausing systems, durably. The relay learns of it on its next beat (``ports.nodes.Nodes``)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from gateway.core.acts import Act, By
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.planning import Planner
from gateway.core.weather import Fleet


class Weather(Protocol):
    """For operators, and for the gateway itself where a system must not be tried any further."""

    async def pause(self, system: SystemId, *, by: By) -> Act:
        """Let nothing be sent to a system until it is resumed; another pause replaces the text of the first."""
        ...

    async def doubt(self, system: SystemId, refused: Collection[DeliveryId], *, by: By, plan: Planner) -> Act:
        """Pause a system that refuses everything, and hold those of these deliveries that are dead for it."""
        ...

    async def resume(self, system: SystemId, *, by: By) -> Act:
        """End the pause of a system. Raises NotPaused."""
        ...

    async def fleet(self) -> Fleet:
        """Return the pauses, and how the systems were last seen by a node that told."""
        ...
