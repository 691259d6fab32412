"""What a driver offers for pauses and tallies; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.core.ids import NodeId, SystemId
from gateway.core.weather import Pause, Tally


class WeatherTable(Protocol):
    """One row per system, in each of three tables."""

    def pause(self, pause: Pause) -> None:
        """Keep a pause in place of the one before."""
        ...

    def resume(self, system: SystemId) -> bool:
        """Drop a pause; False where there is none."""
        ...

    def pauses(self) -> Sequence[Pause]:
        """Return all pauses by the system's name."""
        ...

    def tell(self, system: SystemId, tally: Tally) -> None:
        """Keep how a system was last seen."""
        ...

    def tallies(self) -> Sequence[tuple[SystemId, Tally]]:
        """Return how all systems were last seen, by name."""
        ...

    def take_probe(self, system: SystemId, node: NodeId, now: datetime, until: datetime) -> bool:
        """Give the probe of a system to a node until then; False while another node has it."""
        ...
