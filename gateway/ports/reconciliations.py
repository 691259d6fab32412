"""Reconciliations: what our books say, what is compared, and the reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from gateway.core.acts import By
from gateway.core.ids import SystemId
from gateway.core.reconcile import Booked, Divergent, Entry, Reconciliation, ReconciliationId, Report


class Reconciles(Protocol):
    """For the relay, which asks the systems."""

    async def ask(self, system: SystemId, names: tuple[str, ...] = (), *, by: By | None = None) -> Reconciliation:
        """Keep that a system is to be asked: about these codes, or a sample; by a person, or the clock."""
        ...

    async def asked(self) -> Sequence[Reconciliation]:
        """Return what is still to be done, oldest first."""
        ...

    async def booked(self, system: SystemId, names: Sequence[str] = (), *, limit: int) -> Sequence[Booked]:
        """Return what our books say of these dossiers; of the newest that are settled where none is named."""
        ...

    async def books(self, system: SystemId, codes: Collection[str]) -> tuple[Sequence[Entry], frozenset[str]]:
        """Return our entries for a list of codes and for what it may lack, and the codes that none of them has."""
        ...

    async def conclude(self, reconciliation: ReconciliationId, report: Report) -> Reconciliation:
        """Keep the report, once. Raises UnknownReconciliation."""
        ...

    async def reconciliations(self, system: SystemId | None = None, *, limit: int = 100) -> Sequence[Reconciliation]:
        """Return reconciliations, of one system or all, the newest first."""
        ...


class Reconciliations(Reconciles, Protocol):
    """For operators, too."""

    async def keep_list(self, asked: Reconciliation, report: Report, *, by: By) -> Reconciliation:
        """Keep a comparison with a list."""
        ...

    async def reconciliation(self, reconciliation: ReconciliationId) -> Reconciliation:
        """Return one. Raises UnknownReconciliation."""
        ...

    async def divergences(
        self, reconciliation: ReconciliationId, *, behind: int = 0, limit: int = 100
    ) -> Sequence[tuple[int, Divergent]]:
        """Return its findings with their places, behind this one. Raises UnknownReconciliation."""
        ...
