"""Reconciliations as bodies."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.core.acts import By
from gateway.core.composing import composed
from gateway.core.ids import SystemId
from gateway.core.reconcile import Divergent, Listed, Reconciliation, ReconciliationId
from gateway.ingress.problems import Problem, need_zone
from gateway.ingress.reconciliation_bodies import (
    DivergenceBody,
    PartnerListBody,
    ReconcileBody,
    ReconciledBody,
    ReconciliationBody,
    ReconciliationsBody,
)
from gateway.model.texts import text
from gateway.ops.reconciling import Auditor


async def begin(auditor: Auditor, language: str, asked: ReconcileBody, by: By) -> ReconciliationBody:
    """Compare by a list, or have the system asked. Raises UnknownSystem, Problem."""
    system = SystemId(asked.system)
    if asked.list is None:
        return reconciliation_body(await auditor.ask(system, sorted(_clean(asked.dossiers)), by=by), language)
    if asked.dossiers:
        raise Problem("request.invalid", where='"dossiers" | "list"')
    done = await auditor.by_list(system, _listed(asked.list), asked.list.file_sha256, by=by)
    return reconciliation_body(done, language)


async def show(auditor: Auditor, language: str, reconciliation: str, behind: int, limit: int) -> ReconciledBody:
    """Return one with its findings. Raises UnknownReconciliation."""
    found, items = await auditor.reconciliation(ReconciliationId(reconciliation), behind=behind, limit=limit)
    return ReconciledBody(
        reconciliation=reconciliation_body(found, language),
        items=tuple(_divergence(place, item, language) for place, item in items),
    )


async def reconciliations(auditor: Auditor, language: str, system: str, limit: int) -> ReconciliationsBody:
    """Return reconciliations, the newest first."""
    found = await auditor.reconciliations(SystemId(system) if system else None, limit=limit)
    return ReconciliationsBody(items=tuple(reconciliation_body(item, language) for item in found))


def _listed(asked: PartnerListBody) -> Listed:
    need_zone('"as_of", "since"', asked.as_of, asked.since)
    return Listed(codes=_clean(asked.codes), as_of=asked.as_of, since=asked.since)


def _clean(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(composed(code).strip() for code in codes) - {""}


def reconciliation_body(item: Reconciliation, language: str) -> ReconciliationBody:
    """Return a reconciliation as operators read it."""
    return ReconciliationBody(
        id=item.id,
        system=item.system,
        state=str(item.state),
        text=text(f"reconciliation.{item.state}", language),
        asked_by=item.by.actor.name if item.by else "",
        reason=item.by.reason if item.by else "",
        asked_at=item.asked_at,
        ended_at=item.ended_at,
        dossiers=item.names,
        compared=item.compared,
        unanswered=item.unanswered,
        counts=dict(item.counts),
        facts=dict(item.facts),
    )


def _divergence(place: int, item: Divergent, language: str) -> DivergenceBody:
    return DivergenceBody(
        place=place,
        divergence=str(item.divergence),
        text=text(f"divergence.{item.divergence}", language),
        code=item.code,
        dossier_id=item.dossier_id or "",
        delivery_id=item.delivery or "",
        ours=item.ours,
        theirs=item.theirs,
        repair=str(item.repair),
        repair_text=text(f"repair.{item.repair}", language),
    )
