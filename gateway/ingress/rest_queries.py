"""``/v1/systems/{system}/queries/{operation}`` and ``/v1/ops/queries``: asking a register, and who has asked."""

from __future__ import annotations

from aiohttp import web

from gateway.core.ids import SystemId
from gateway.core.query import QueryId
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.headers import limit_of, moment
from gateway.ingress.query_bodies import QueriesBody, QueryBody
from gateway.ingress.querying import answer_body, record_body, wish_of
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import asked_of

_LIMIT = 16 * 1024  #: bytes of a question


async def ask(request: web.Request) -> web.Response:
    """``POST /v1/systems/{system}/queries/{operation}``: kept, then asked once; the answer in the same call."""
    asked = await asked_of(request, QueryBody, limit=_LIMIT)
    doors, operation = doors_of(request), request.match_info["operation"]
    wish = wish_of(request.match_info["system"], operation, asked)
    answered = await doors.asker.ask(wish, caller_of(request))
    body = answer_body(answered, operation, doors.systems[wish.system], visit_of(request).language)
    return reply(body, headers={"Cache-Control": "no-store", "Content-Language": body.language})


async def queries(request: web.Request) -> web.Response:
    """``GET /v1/ops/queries?system=&since=&before=&limit=``: who asked, for whom and why; never about whom."""
    query, language = request.query, visit_of(request).language
    found = await doors_of(request).asker.queries(
        system=SystemId(query["system"]) if query.get("system") else None,
        since=moment(request, "since"),
        before=QueryId(query["before"]) if "before" in query else None,
        limit=limit_of(request),
    )
    return reply(QueriesBody(items=tuple(record_body(item, language) for item in found)))
