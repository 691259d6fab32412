"""Epoch and gaps in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from gateway.core.ids import SystemId
from gateway.stores.memory.journal import Journal, Table
from gateway.stores.restore_tables import Gap


class MemoryRestores:
    """``restore_tables.RestoreTable`` in dictionaries."""

    def __init__(self, journal: Journal, epoch: str) -> None:
        self._epoch = Table[Literal["epoch"], str](journal)
        self._gaps = Table[SystemId, Gap](journal)
        self.renew(epoch)

    def epoch(self) -> str:
        return self._epoch.get("epoch") or ""

    def renew(self, epoch: str) -> None:
        self._epoch.put("epoch", epoch)

    def keep(self, system: SystemId, gap: Gap) -> None:
        self._gaps.put(system, gap)

    def gap(self, system: SystemId) -> Gap | None:
        return self._gaps.get(system)

    def gaps(self) -> Sequence[SystemId]:
        return sorted(self._gaps)

    def close(self, system: SystemId) -> None:
        self._gaps.drop(system)
