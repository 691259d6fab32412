"""``/v1/ops/retention``: what erasing by age would do."""

from __future__ import annotations

from aiohttp import web

from gateway.ingress import retaining
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.headers import limit_of, number
from gateway.ingress.replies import reply


async def retention(request: web.Request) -> web.Response:
    """``GET /v1/ops/retention?days=&cursor=&limit=``: of what ended so many days ago what would go, and what stays."""
    days = number(request, "days", default=0, most=retaining.LONGEST)
    limit = limit_of(request, retaining.MOST)
    store, language = doors_of(request).retention, visit_of(request).language
    return reply(await retaining.plan(store, language, days, request.query.get("cursor", ""), limit))
