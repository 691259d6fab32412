"""``/v1/ops/adoptions``: dossiers that systems have from before the gateway."""

from __future__ import annotations

from aiohttp import web

from gateway.ingress import adopting
from gateway.ingress.adoption_bodies import AdoptBody
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import asked_of, by_of


async def adopt(request: web.Request) -> web.Response:
    """``POST /v1/ops/adoptions``: make them known, all or none; nothing is sent."""
    asked = await asked_of(request, AdoptBody)
    adopter, language = doors_of(request).adopter, visit_of(request).language
    return reply(await adopting.adopt(adopter, language, asked, by_of(request, asked)))
