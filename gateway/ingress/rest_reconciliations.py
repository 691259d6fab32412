"""``/v1/ops/reconciliations``: our books against what a system says."""

from __future__ import annotations

from aiohttp import web

from gateway.core.ids import SystemId
from gateway.core.reconcile import MOST, Divergent, Listed, Reconciliation, ReconciliationId
from gateway.ingress.asked import asked_of, by_of, codes_of
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.headers import asked_system, behind_of, limit_of
from gateway.ingress.problems import Problem, need_moments
from gateway.ingress.reconciliation_bodies import (
    DivergenceBody,
    PartnerListBody,
    ReconcileBody,
    ReconciledBody,
    ReconciliationBody,
    ReconciliationsBody,
)
from gateway.ingress.replies import reply
from gateway.model.texts import text

_CREATED = 201


async def begin(request: web.Request) -> web.Response:
    """``POST /v1/ops/reconciliations``: compare by a system's list at once, or have it asked."""
    asked = await asked_of(request, ReconcileBody)
    auditor, system, by = doors_of(request).auditor, SystemId(asked.system), by_of(request, asked)
    if asked.list is None:
        begun = await auditor.ask(system, sorted(codes_of(asked.dossiers)), by=by)
    elif asked.dossiers:
        raise Problem("request.invalid", where='"dossiers" | "list"')
    else:
        begun = await auditor.by_list(system, _listed(asked.list), asked.list.file_sha256, by=by)
    return reply(_body(begun, visit_of(request).language), status=_CREATED)


async def reconciliations(request: web.Request) -> web.Response:
    """``GET /v1/ops/reconciliations?system=&limit=``: the newest first."""
    limit = limit_of(request)
    found = await doors_of(request).auditor.reconciliations(asked_system(request), limit=limit)
    language = visit_of(request).language
    return reply(ReconciliationsBody(items=tuple(_body(item, language) for item in found)))


async def show(request: web.Request) -> web.Response:
    """``GET /v1/ops/reconciliations/{id}?behind=&limit=``: one, with its findings."""
    behind, limit = behind_of(request, MOST), limit_of(request)
    auditor, language = doors_of(request).auditor, visit_of(request).language
    asked = ReconciliationId(request.match_info["id"])
    found, items = await auditor.reconciliation(asked, behind=behind, limit=limit)
    body = ReconciledBody(
        reconciliation=_body(found, language), items=tuple(_divergence(place, item, language) for place, item in items)
    )
    return reply(body)


def _listed(asked: PartnerListBody) -> Listed:
    need_moments('"as_of", "since"', asked.as_of, asked.since)
    return Listed(codes=codes_of(asked.codes), as_of=asked.as_of, since=asked.since)


def _body(item: Reconciliation, language: str) -> ReconciliationBody:
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
