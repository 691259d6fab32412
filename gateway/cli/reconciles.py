"""What the commands of reconciliations ask the desk."""

from __future__ import annotations

from typing import Protocol

from gateway.ingress.reconciliation_bodies import ReconcileBody, ReconciledBody, ReconciliationBody


class Reconciles(Protocol):
    """A part of ``cli.desk.Desk``. Every method raises Failed."""

    async def reconcile(self, asked: ReconcileBody) -> ReconciliationBody:
        """Compare by a list, or have the system asked."""
        ...

    async def reconciliations(self, system: str, limit: int) -> tuple[ReconciliationBody, ...]:
        """Return reconciliations, the newest first; of all systems where none is named."""
        ...

    async def reconciliation(self, reconciliation: str, behind: int, limit: int) -> ReconciledBody:
        """Return one with its findings behind this place."""
        ...
