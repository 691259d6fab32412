"""Reconciliations in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.core.ids import SystemId
from gateway.core.reconcile import Divergent, Reconciliation, ReconciliationId, ReconciliationState
from gateway.stores.memory.journal import Journal, Table


class MemoryReconciliations:
    """``reconciliation_tables.ReconciliationTable`` in dictionaries."""

    def __init__(self, journal: Journal) -> None:
        self._items = Table[ReconciliationId, Reconciliation](journal)
        self._findings = Table[ReconciliationId, tuple[Divergent, ...]](journal)

    def save(self, item: Reconciliation) -> None:
        self._items.put(item.id, item)

    def get(self, reconciliation: ReconciliationId) -> Reconciliation | None:
        return self._items.get(reconciliation)

    def newest(self, system: SystemId | None, limit: int) -> Sequence[Reconciliation]:
        return [item for item in self._items.values()[::-1] if system in {None, item.system}][:limit]

    def asked(self) -> Sequence[Reconciliation]:
        return [item for item in self._items.values() if item.state is ReconciliationState.ASKED]

    def add_findings(self, reconciliation: ReconciliationId, findings: Iterable[Divergent]) -> None:
        self._findings.put(reconciliation, tuple(findings))

    def findings(self, reconciliation: ReconciliationId, behind: int, limit: int) -> Sequence[tuple[int, Divergent]]:
        return list(enumerate(self._findings.get(reconciliation) or (), start=1))[behind : behind + limit]
