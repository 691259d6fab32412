"""Pauses and tallies in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.core.ids import NodeId, SystemId
from gateway.core.weather import Pause, Tally
from gateway.stores.memory.journal import Journal, Table


class MemoryWeather:
    """``weather_tables.WeatherTable`` in dictionaries."""

    def __init__(self, journal: Journal, is_over: Callable[[NodeId], bool]) -> None:
        self._is_over = is_over
        self._pauses = Table[SystemId, Pause](journal)
        self._tallies = Table[SystemId, Tally](journal)
        self._probes = Table[SystemId, tuple[NodeId, datetime]](journal)

    def pause(self, pause: Pause) -> None:
        self._pauses.put(pause.system, pause)

    def resume(self, system: SystemId) -> bool:
        return self._pauses.drop(system)

    def pauses(self) -> Sequence[Pause]:
        return sorted(self._pauses.values(), key=lambda pause: pause.system)

    def tell(self, system: SystemId, tally: Tally) -> None:
        self._tallies.put(system, tally)

    def tallies(self) -> Sequence[tuple[SystemId, Tally]]:
        return sorted(self._tallies.items(), key=lambda item: item[0])

    def take_probe(self, system: SystemId, node: NodeId, now: datetime, until: datetime) -> bool:
        holder, lapses = self._probes.get(system) or (node, now)
        if holder != node and lapses > now and not self._is_over(holder):
            return False
        self._probes.put(system, (node, until))
        return True
