"""``/v1/ops/systems/{system}/comparisons``: what was rehearsed against what the way before has sent."""

from __future__ import annotations

from aiohttp import web

from gateway.ingress import shadowing
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import asked_of
from gateway.ingress.shadow_bodies import CompareBody
from gateway.ops.shadowing import Shadower


async def compare(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/comparisons``: nothing is kept, and no value is shown."""
    asked = await asked_of(request, CompareBody)
    doors = doors_of(request)
    shadower = Shadower(ledger=doors.ledger, systems=frozenset(doors.book.systems))
    system, language = request.match_info["system"], visit_of(request).language
    return reply(await shadowing.compare(shadower, language, system, asked))
