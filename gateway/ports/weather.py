"""Pausing systems, durably. The relay learns of it on its next beat (``ports.store.Nodes``)."""

from __future__ import annotations

from typing import Protocol

from gateway.core.acts import Act, By
from gateway.core.ids import SystemId
from gateway.core.weather import Fleet


class Weather(Protocol):
    """For operators, and for the gateway itself where a system refuses everything."""

    async def pause(self, system: SystemId, *, by: By) -> Act:
        """Let nothing be sent to a system until it is resumed; another pause replaces the text of the first."""
        ...

    async def resume(self, system: SystemId, *, by: By) -> Act:
        """End the pause of a system. Raises NotPaused."""
        ...

    async def fleet(self) -> Fleet:
        """Return the pauses, and how the systems were last seen by a node that told."""
        ...
