"""``/v1/ops/configuration``: what the operator's files would change, and letting them hold."""

from __future__ import annotations

from aiohttp import web

from gateway.ingress.asked import asked_of, by_of
from gateway.ingress.configuration_bodies import ApplyBody, change_body
from gateway.ingress.doors import doors_of
from gateway.ingress.lookup import eyes_of
from gateway.ingress.problems import Problem
from gateway.ingress.replies import reply
from gateway.ops.configuring import Configurer


async def review(request: web.Request) -> web.Response:
    """``GET /v1/ops/configuration/change``: the files are read and built as a whole; nothing changes."""
    return reply(change_body(await _configurer(request).review()))


async def apply(request: web.Request) -> web.Response:
    """``POST /v1/ops/configuration/change``: this version holds from now on."""
    asked = await asked_of(request, ApplyBody)
    act, change = await _configurer(request).apply(asked.version, by=by_of(request, asked))
    return reply(change_body(change, eyes_of(request).act(act)))


def _configurer(request: web.Request) -> Configurer:
    configurer = doors_of(request).configurer
    if configurer is None:
        raise Problem("not_found")
    return configurer
