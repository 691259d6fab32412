"""The web application: every door at its address."""

from __future__ import annotations

import asyncio
from functools import cache

from aiohttp import web

from gateway.ingress import bodies, docs, health, rest_ops
from gateway.ingress.doors import STANDING, Doors, Standing
from gateway.ingress.openapi import document
from gateway.ingress.passage import passage
from gateway.ingress.table.door import JSON, TABLE, Door, hang
from gateway.ingress.table.operators import OPERATORS
from gateway.ingress.table.partners import PARTNERS
from gateway.ingress.table.plug_in import PLUG_IN, below

_ITSELF = "Về cổng này · The gateway itself"


def make_app(doors: Doors) -> web.Application:
    """Return the application; whoever runs it sets the server's time-outs."""
    app = web.Application(middlewares=(passage,), client_max_size=0)
    app[STANDING] = Standing(doors)
    app[TABLE] = hang(app, (*DOORS, *map(below, doors.plug_in.settings.prefixes)))
    return app


@cache
def described() -> bytes:
    """Return what ``/openapi.json`` says."""
    return document(DOORS)


async def describe(_request: web.Request) -> web.Response:
    """``GET /openapi.json``."""
    return web.Response(body=await asyncio.to_thread(described), content_type=JSON)


#: Every door, but for those that the settings add below other paths.
DOORS: tuple[Door, ...] = (
    *PARTNERS,
    *PLUG_IN,
    *OPERATORS,
    Door("GET /metrics", rest_ops.metrics, "Số đo · Metrics (Prometheus)", tag=_ITSELF, answers_as=("text/plain",)),
    Door("GET /livez", health.live, "Tiến trình còn chạy · Alive", tag=_ITSELF, answer=bodies.HealthBody, open=True),
    Door(
        "GET /readyz",
        health.ready,
        "Sẵn sàng nhận · Ready",
        tag=_ITSELF,
        answer=bodies.HealthBody,
        others=((503, bodies.HealthBody),),
        open=True,
    ),
    Door("GET /openapi.json", describe, "OpenAPI 3.1", tag=_ITSELF, answers_as=(JSON,), open=True),
    Door("GET /docs", docs.show, "Trang này · This page", tag=_ITSELF, answers_as=("text/html",), open=True),
)
