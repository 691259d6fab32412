"""``/v1/ops/reconciliations``: our books against what a system says."""

from __future__ import annotations

from aiohttp import web

from gateway.core.reconcile import MOST
from gateway.ingress import reconciling
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.headers import behind_of, limit_of
from gateway.ingress.reconciliation_bodies import ReconcileBody
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import asked_of, by_of

_CREATED = 201


async def begin(request: web.Request) -> web.Response:
    """``POST /v1/ops/reconciliations``: compare by a system's list at once, or have it asked."""
    asked = await asked_of(request, ReconcileBody)
    auditor, language = doors_of(request).auditor, visit_of(request).language
    return reply(await reconciling.begin(auditor, language, asked, by_of(request, asked)), status=_CREATED)


async def reconciliations(request: web.Request) -> web.Response:
    """``GET /v1/ops/reconciliations?system=&limit=``: the newest first."""
    system, limit = request.query.get("system", ""), limit_of(request)
    auditor, language = doors_of(request).auditor, visit_of(request).language
    return reply(await reconciling.reconciliations(auditor, language, system, limit))


async def show(request: web.Request) -> web.Response:
    """``GET /v1/ops/reconciliations/{id}?behind=&limit=``: one, with its findings."""
    behind, limit = behind_of(request, MOST), limit_of(request)
    auditor, language = doors_of(request).auditor, visit_of(request).language
    return reply(await reconciling.show(auditor, language, request.match_info["id"], behind, limit))
