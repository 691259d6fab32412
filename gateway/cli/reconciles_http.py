"""Reconciliations over a serving gateway's API."""

from __future__ import annotations

from urllib.parse import quote

from gateway.cli.api import Api
from gateway.ingress.reconciliation_bodies import (
    ReconcileBody,
    ReconciledBody,
    ReconciliationBody,
    ReconciliationsBody,
)

_PATH = "/v1/ops/reconciliations"


class HttpReconciles:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    _api: Api

    async def reconcile(self, asked: ReconcileBody) -> ReconciliationBody:
        """Compare by a list, or have the system asked."""
        return await self._api.post(_PATH, asked, ReconciliationBody)

    async def reconciliations(self, system: str, limit: int) -> tuple[ReconciliationBody, ...]:
        """Return reconciliations, the newest first; of all systems where none is named."""
        query = {"limit": str(limit)} | ({"system": system} if system else {})
        return (await self._api.get(_PATH, ReconciliationsBody, query)).items

    async def reconciliation(self, reconciliation: str, behind: int, limit: int) -> ReconciledBody:
        """Return one with its findings behind this place."""
        query = {"limit": str(limit)} | ({"behind": str(behind)} if behind else {})
        return await self._api.get(f"{_PATH}/{quote(reconciliation, safe='')}", ReconciledBody, query)
