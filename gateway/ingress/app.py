"""The web application: every door at its address."""

from __future__ import annotations

from aiohttp import web

from gateway.ingress import (
    callbacks,
    docs,
    health,
    openapi,
    rest_adoptions,
    rest_attention,
    rest_configuration,
    rest_decisions,
    rest_deliveries,
    rest_dossiers,
    rest_events,
    rest_evidence,
    rest_files,
    rest_links,
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
from gateway.ingress.doors import STANDING, Doors, Standing
from gateway.ingress.passage import SOAP_PATH, passage
from gateway.ingress.plug_in import door as plug_in
from gateway.ingress.soap import door as soap


def make_app(doors: Doors) -> web.Application:
    """Return the application; whoever runs it sets the server's time-outs."""
    app = web.Application(middlewares=(passage,), client_max_size=0)
    app[STANDING] = Standing(doors)
    app.add_routes(routes())
    app.add_routes(web.post(prefix + "/{path:.*}", plug_in.receive) for prefix in doors.plug_in.settings.prefixes)
    return app


def routes() -> list[web.RouteDef]:
    """Return every door; a dossier's code may hold ``/`` and ``,``."""
    return [*_for_systems(), *_for_operators(), *_in_other_formats(), *_about_the_gateway()]


def _for_systems() -> list[web.RouteDef]:
    return [
        web.post("/v1/dossiers", rest_dossiers.submit),
        web.get("/v1/dossiers", rest_dossiers.search, allow_head=False),
        web.get("/v1/dossiers/{code:.+}/timeline", rest_dossiers.timeline, allow_head=False),
        web.get("/v1/dossiers/{code:.+}", rest_dossiers.show, allow_head=False),
        web.put("/v1/dossiers/{code:.+}", rest_dossiers.amend),
        web.post("/v1/events", rest_events.submit),
        web.get("/v1/events", rest_events.read, allow_head=False),
        web.post("/v1/files", rest_files.upload),
        web.get("/v1/files/{id}", rest_files.download, allow_head=False),
        web.get("/v1/links/{token}", rest_links.download, allow_head=False),
        web.get("/v1/deliveries/{id}", rest_deliveries.show, allow_head=False),
        web.get("/v1/systems", rest_systems.show, allow_head=False),
        web.post("/v1/systems/{system}/queries/{operation}", rest_queries.ask),
    ]


def _for_operators() -> list[web.RouteDef]:
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


def _in_other_formats() -> list[web.RouteDef]:
    return [
        web.route("*", "/callbacks/{system}/{path:.*}", callbacks.receive),
        web.get(SOAP_PATH, soap.describe, allow_head=False),
        web.post(SOAP_PATH, soap.call),
        web.post("/dvcqg/{system}/{path:.*}", plug_in.receive),
        web.post("/XrdAdapter/RestService/forward/{path:.*}", plug_in.receive),
        web.post("/VXPAdapter/RestService/forward/{path:.*}", plug_in.receive),
        web.post("/token", plug_in.token),
    ]


def _about_the_gateway() -> list[web.RouteDef]:
    return [
        web.get("/metrics", rest_ops.metrics, allow_head=False),
        web.get("/livez", health.live, allow_head=False),
        web.get("/readyz", health.ready, allow_head=False),
        web.get("/openapi.json", openapi.show, allow_head=False),
        web.get("/docs", docs.show, allow_head=False),
    ]
