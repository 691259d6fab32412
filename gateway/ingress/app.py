"""The web application: every door at its address."""

from __future__ import annotations

from aiohttp import web

from gateway.ingress import (
    callbacks,
    docs,
    health,
    openapi,
    operators,
    rest_deliveries,
    rest_dossiers,
    rest_events,
    rest_files,
    rest_links,
    rest_ops,
    rest_queries,
    rest_systems,
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
    return [*_for_systems(), *operators.routes(), *_in_other_formats(), *_about_the_gateway()]


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
