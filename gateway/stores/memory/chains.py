"""Chained dossiers in memory."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.ids import DossierId
from gateway.stores.chain_tables import ChainRow
from gateway.stores.memory.journal import Journal, Table


class MemoryChains:
    """``chain_tables.ChainTable`` in dictionaries."""

    def __init__(self, journal: Journal) -> None:
        self._by_parent = Table[DossierId, tuple[ChainRow, ...]](journal)
        self._by_dossier = Table[DossierId, ChainRow](journal)

    def begin(self, row: ChainRow) -> None:
        before = self._by_parent.get(row.parent) or ()
        if any(other.step == row.step for other in before):
            raise ValueError(f"{row.parent} has begun {row.step} already")
        self._by_parent.put(row.parent, (*before, row))
        self._by_dossier.put(row.dossier, row)

    def followers(self, parent: DossierId) -> Sequence[ChainRow]:
        return self._by_parent.get(parent) or ()

    def origin(self, dossier: DossierId) -> ChainRow | None:
        return self._by_dossier.get(dossier)
