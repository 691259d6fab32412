"""``/v1/ops/attention`` and ``/v1/ops/deadlines``: what needs a person, and what is promised to citizens."""

from __future__ import annotations

import msgspec
from aiohttp import web

from gateway.ingress import watching
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.headers import limit_of
from gateway.ingress.lookup import eyes_of
from gateway.ingress.problems import Problem
from gateway.ingress.replies import reply
from gateway.ops.lookout import Which

_FORMATS = ("json", "csv")


async def attention(request: web.Request) -> web.Response:
    """``GET /v1/ops/attention?system=&cursor=&limit=``: by cause, the most urgent first."""
    query, language = request.query, visit_of(request).language
    limit = limit_of(request)
    lookout, system, cursor = doors_of(request).lookout, query.get("system", ""), query.get("cursor", "")
    found = await watching.attention(lookout, language, system, cursor, limit)
    pressure = watching.pressure(doors_of(request).strain(), language, system)
    return reply(msgspec.structs.replace(found, pressure=pressure))


async def deadlines(request: web.Request) -> web.Response:
    """``GET /v1/ops/deadlines?which=&system=&cursor=&limit=&format=``: the earliest first, as JSON or CSV."""
    query = request.query
    form = query.get("format", "json")
    if form not in _FORMATS:
        raise Problem("parameter.invalid", name="format", expected=", ".join(_FORMATS))
    limit = limit_of(request)
    which, system, cursor = query.get("which", Which.ALL), query.get("system", ""), query.get("cursor", "")
    found = await watching.due(doors_of(request).lookout, eyes_of(request), which, system, cursor, limit)
    if form == "json":
        return reply(found)
    text = watching.as_csv(found.items, header=not cursor)
    headers = {"X-Next": found.next} if found.next else None
    return web.Response(text=text, content_type="text/csv", charset="utf-8", headers=headers)
