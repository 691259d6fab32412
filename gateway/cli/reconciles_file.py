"""Reconciliations straight on the file: by a list at once; a system is asked by the gateway that serves next."""

from __future__ import annotations

from gateway.cli.decisions_file import refusals
from gateway.core.acts import By
from gateway.ingress import reconciling
from gateway.ingress.reconciliation_bodies import ReconcileBody, ReconciledBody, ReconciliationBody
from gateway.ingress.views import Eyes
from gateway.ops.reconciling import Auditor


class FileReconciles:
    """A part of ``cli.on_file.FileDesk``."""

    _eyes: Eyes
    _auditor: Auditor

    async def reconcile(self, asked: ReconcileBody) -> ReconciliationBody:
        """Compare by a list, or have the system asked."""
        with refusals(self._eyes.language):
            by = By(actor=self._eyes.caller.actor, reason=asked.reason)
            return await reconciling.begin(self._auditor, self._eyes.language, asked, by)

    async def reconciliations(self, system: str, limit: int) -> tuple[ReconciliationBody, ...]:
        """Return reconciliations, the newest first."""
        return (await reconciling.reconciliations(self._auditor, self._eyes.language, system, limit)).items

    async def reconciliation(self, reconciliation: str, behind: int, limit: int) -> ReconciledBody:
        """Return one with its findings."""
        with refusals(self._eyes.language):
            return await reconciling.show(self._auditor, self._eyes.language, reconciliation, behind, limit)
