"""``/v1/ops/systems/{system}/comparisons`` and ``/doubles``: two ways beside each other, and who sends twice."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from gateway.ingress import shadowing
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.headers import moment
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import asked_of
from gateway.ingress.shadow_bodies import CompareBody, RehearsedBody
from gateway.ops.shadowing import Shadower

_EVER = datetime.min.replace(tzinfo=UTC)


async def compare(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/comparisons``: nothing is kept, and no value is shown."""
    asked = await asked_of(request, CompareBody)
    system, language = request.match_info["system"], visit_of(request).language
    return reply(await shadowing.compare(_shadower(request), language, system, asked))


async def only_ours(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/comparisons/ours``: what was rehearsed, and no line of a log is like."""
    asked = await asked_of(request, RehearsedBody)
    return reply(await shadowing.only_ours(_shadower(request), request.match_info["system"], asked))


async def doubles(request: web.Request) -> web.Response:
    """``GET /v1/ops/systems/{system}/doubles?since=``: the dossiers that somebody beside the gateway sends, too."""
    since = moment(request, "since") or _EVER
    system, language = request.match_info["system"], visit_of(request).language
    return reply(await shadowing.doubles(_shadower(request), language, system, since))


def _shadower(request: web.Request) -> Shadower:
    doors = doors_of(request)
    return Shadower(ledger=doors.ledger, systems=frozenset(doors.book.systems))
