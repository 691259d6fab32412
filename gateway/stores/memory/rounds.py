"""Rounds of questions in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gateway.core.delivery import State
from gateway.core.ids import DossierId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.stores.memory.deliveries import MemoryDeliveries
from gateway.stores.memory.dossiers import MemoryDossiers
from gateway.stores.memory.journal import Journal, Table


class MemoryRounds:
    """``round_tables.RoundTable`` in dictionaries."""

    def __init__(self, journal: Journal, deliveries: MemoryDeliveries, dossiers: MemoryDossiers) -> None:
        self._deliveries = deliveries
        self._dossiers = dossiers
        self._systems = Table[SystemId, None](journal)
        self._open = Table[tuple[SystemId, DossierId], None](journal)

    def systems(self) -> Collection[SystemId]:
        return list(self._systems)

    def add_system(self, system: SystemId) -> None:
        self._systems.put(system, None)

    def drop_system(self, system: SystemId) -> None:
        self._systems.drop(system)
        for key in self._open:
            if key[0] == system:
                self._open.drop(key)

    def taken(self, system: SystemId) -> Sequence[DossierId]:
        rows = (row for row in self._deliveries.rows.values() if row.destination == system and row.kind == SUBMITTED)
        taken = [row.dossier_id for row in rows if row.state is State.DELIVERED]
        return list(dict.fromkeys([*taken, *self._dossiers.adopted(system)]))

    def add(self, system: SystemId, dossier: DossierId) -> None:
        self._open.put((system, dossier), None)

    def drop(self, system: SystemId, dossier: DossierId) -> None:
        self._open.drop((system, dossier))

    def is_open(self, dossier: DossierId) -> bool:
        """Whether a system that is asked has it open."""
        return any(key[1] == dossier for key in self._open)

    def open(self, system: SystemId, procedures: Collection[str], after: str, limit: int) -> Sequence[DossierId]:
        mine = (dossier for name, dossier in self._open if name == system and dossier > after)
        return sorted(dossier for dossier in mine if self._dossiers.procedure(dossier) in procedures)[:limit]
