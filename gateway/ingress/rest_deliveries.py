"""``/v1/deliveries/{id}``: how far one message has come on its way to one system."""

from __future__ import annotations

from aiohttp import web

from gateway.core.ids import DeliveryId
from gateway.core.record import Shown
from gateway.ingress.doors import doors_of
from gateway.ingress.lookup import eyes_of, viewed
from gateway.ingress.problems import Problem
from gateway.ingress.replies import reply


async def show(request: web.Request) -> web.Response:
    """``GET /v1/deliveries/{id}``: for its source, its destination, and operators."""
    found = await doors_of(request).ledger.delivery(DeliveryId(request.match_info["id"]))
    eyes = eyes_of(request)
    if found is None or not eyes.sees_delivery(found[0]):
        raise Problem("delivery.not_found")
    await viewed(request, Shown.DELIVERY, (found[0].id,))
    return reply(eyes.delivery(*found))
