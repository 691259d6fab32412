"""What a driver offers for reconciliations; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from gateway.core.ids import SystemId
from gateway.core.reconcile import Divergent, Reconciliation, ReconciliationId


class ReconciliationTable(Protocol):
    """Reconciliations in the order asked for, and their findings in the order found."""

    def save(self, item: Reconciliation) -> None:
        """Add or replace a reconciliation; it keeps its place."""
        ...

    def get(self, reconciliation: ReconciliationId) -> Reconciliation | None:
        """Return one reconciliation."""
        ...

    def newest(self, system: SystemId | None, limit: int) -> Sequence[Reconciliation]:
        """Return reconciliations, of one system or all, the newest first."""
        ...

    def asked(self) -> Sequence[Reconciliation]:
        """Return those that the relay has still to do, oldest first."""
        ...

    def add_findings(self, reconciliation: ReconciliationId, findings: Iterable[Divergent]) -> None:
        """Keep what was found."""
        ...

    def findings(self, reconciliation: ReconciliationId, behind: int, limit: int) -> Sequence[tuple[int, Divergent]]:
        """Return findings with their places, behind this one, in order."""
        ...
