"""The operators' doors, ``/v1/ops``: among all doors of a gateway that serves, and alone for the command line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.core.errors import StoreUnavailable
from gateway.ingress import (
    rest_adoptions,
    rest_attention,
    rest_configuration,
    rest_decisions,
    rest_dossiers,
    rest_evidence,
    rest_ops,
    rest_proposals,
    rest_queries,
    rest_reconciliations,
    rest_replays,
    rest_retention,
    rest_shadow,
    rest_systems,
    rest_trials,
)
from gateway.ingress.doors import DOORS, VISIT, Doors, Visit
from gateway.ingress.errors import response_of, told_of
from gateway.security.keys import Caller


def make_desk(doors: Doors, caller: Caller, language: str, on_failure: Callable[[Exception], None]) -> web.Application:
    """Return the operators' doors alone, for one operator who is known already.

    ``on_failure`` is told of what no caller can help: that the store cannot be used, and what nobody has foreseen.
    """

    @web.middleware
    async def seated(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        visit = request[VISIT] = Visit(language=language, caller=caller)
        request[DOORS] = doors
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - every error becomes an answer
            told = told_of(error)
            if isinstance(error, StoreUnavailable) or told.problem.code == "internal":
                on_failure(error)
            return response_of(told, language)
        finally:
            if visit.hold is not None:
                visit.hold.end()

    app = web.Application(middlewares=(seated,), client_max_size=0)
    app.add_routes(routes())
    return app


def routes() -> list[web.RouteDef]:
    """Return the operators' doors."""
    return [
        web.get("/v1/ops/dossiers", rest_dossiers.search, allow_head=False),
        web.get("/v1/ops/dossiers/{id}/timeline", rest_ops.timeline, allow_head=False),
        web.get("/v1/ops/deliveries", rest_ops.deliveries, allow_head=False),
        web.post("/v1/ops/deliveries/{id}/judgement", rest_decisions.judge),
        web.post("/v1/ops/deliveries/{id}/retry", rest_decisions.retry),
        web.post("/v1/ops/deliveries/{id}/skip", rest_decisions.skip),
        web.post("/v1/ops/deliveries/{id}/content", rest_proposals.content),
        web.post("/v1/ops/deliveries/{id}/edits", rest_proposals.edit),
        web.post("/v1/ops/systems/{system}/settlements", rest_proposals.settle),
        web.get("/v1/ops/proposals", rest_proposals.proposals, allow_head=False),
        web.get("/v1/ops/proposals/{id}", rest_proposals.show, allow_head=False),
        web.post("/v1/ops/proposals/{id}/changes", rest_proposals.changes),
        web.post("/v1/ops/proposals/{id}/approval", rest_proposals.approve),
        web.post("/v1/ops/proposals/{id}/rejection", rest_proposals.reject),
        web.get("/v1/ops/evidence", rest_evidence.show, allow_head=False),
        web.post("/v1/ops/reconciliations", rest_reconciliations.begin),
        web.get("/v1/ops/reconciliations", rest_reconciliations.reconciliations, allow_head=False),
        web.get("/v1/ops/reconciliations/{id}", rest_reconciliations.show, allow_head=False),
        web.post("/v1/ops/adoptions", rest_adoptions.adopt),
        web.post("/v1/ops/systems/{system}/comparisons", rest_shadow.compare),
        web.post("/v1/ops/systems/{system}/comparisons/ours", rest_shadow.only_ours),
        web.get("/v1/ops/systems/{system}/doubles", rest_shadow.doubles, allow_head=False),
        web.post("/v1/ops/systems/{system}/mapping-trials", rest_trials.begin),
        web.post("/v1/ops/systems/{system}/handbacks", rest_adoptions.hand_back),
        web.get("/v1/ops/configuration/change", rest_configuration.review, allow_head=False),
        web.post("/v1/ops/configuration/change", rest_configuration.apply),
        web.get("/v1/ops/queries", rest_queries.queries, allow_head=False),
        web.post("/v1/ops/replays/plans", rest_replays.plan),
        web.post("/v1/ops/replays", rest_replays.begin),
        web.get("/v1/ops/replays", rest_replays.runs, allow_head=False),
        web.get("/v1/ops/replays/{id}", rest_replays.show, allow_head=False),
        web.get("/v1/ops/replays/{id}/items", rest_replays.items, allow_head=False),
        web.post("/v1/ops/replays/{id}/pause", rest_replays.pause),
        web.post("/v1/ops/replays/{id}/resume", rest_replays.resume),
        web.post("/v1/ops/replays/{id}/cancel", rest_replays.cancel),
        web.get("/v1/ops/acts", rest_decisions.acts, allow_head=False),
        web.get("/v1/ops/attention", rest_attention.attention, allow_head=False),
        web.get("/v1/ops/deadlines", rest_attention.deadlines, allow_head=False),
        web.get("/v1/ops/retention", rest_retention.retention, allow_head=False),
        web.get("/v1/ops/systems", rest_systems.show, allow_head=False),
        web.post("/v1/ops/systems/{system}/pause", rest_systems.pause),
        web.post("/v1/ops/systems/{system}/resume", rest_systems.resume),
        web.post("/v1/ops/systems/{system}/probe", rest_systems.probe),
        web.get("/v1/ops/keys", rest_ops.keys, allow_head=False),
        web.post("/v1/ops/keys", rest_ops.make_key),
        web.delete("/v1/ops/keys/{id}", rest_ops.revoke_key),
    ]
