"""``/v1/ops/systems/{system}/mapping-trials``: what another version would send, before it does."""

from __future__ import annotations

from aiohttp import web

from gateway.ingress.doors import doors_of
from gateway.ingress.lookup import eyes_of
from gateway.ingress.problems import Problem
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import asked_of
from gateway.ingress.trial_bodies import TrialBody
from gateway.ingress.trying import tried


async def begin(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/mapping-trials``: nothing is sent, nothing is kept; values only if asked for."""
    asked, what_if = await asked_of(request, TrialBody), doors_of(request).what_if
    if what_if is None:
        raise Problem("not_found")
    return reply(await tried(what_if, eyes_of(request), request.match_info["system"], asked))
