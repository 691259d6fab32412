"""Moving over: dossiers that systems have from before the gateway, and those that go back to the way before."""

from __future__ import annotations

from aiohttp import web

from gateway.core.record import Shown
from gateway.ingress import adopting
from gateway.ingress.adoption_bodies import AdoptBody, HandbackBody
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import asked_of, by_of
from gateway.ingress.rest_evidence import viewed


async def adopt(request: web.Request) -> web.Response:
    """``POST /v1/ops/adoptions``: make them known, all or none; nothing is sent."""
    asked = await asked_of(request, AdoptBody)
    adopter, language = doors_of(request).adopter, visit_of(request).language
    return reply(await adopting.adopt(adopter, language, asked, by_of(request, asked)))


async def hand_back(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/handbacks``: end what was never sent, and name its dossiers."""
    asked = await asked_of(request, HandbackBody)
    adopter, language = doors_of(request).adopter, visit_of(request).language
    system, by = request.match_info["system"], by_of(request, asked)
    done = await adopting.hand_back(adopter, language, system, asked, by)
    await viewed(request, Shown.DOSSIER, (item.dossier_id for item in done.items))
    return reply(done)
