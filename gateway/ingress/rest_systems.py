"""``/v1/systems`` and ``/v1/ops/systems``: how the systems stand, and stopping, resuming and trying one."""

from __future__ import annotations

from aiohttp import web

from gateway.core.routing import Role
from gateway.ingress.doors import caller_of, doors_of
from gateway.ingress.lookup import eyes_of
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import reasoned
from gateway.ingress.tending import Post
from gateway.ingress.weather_bodies import SystemsBody


async def show(request: web.Request) -> web.Response:
    """``GET /v1/systems``: operators see all, a system sees itself, the portal how the others stand."""
    doors, caller = doors_of(request), caller_of(request)
    overview = await _post(request).overview()
    seen = [name for name in doors.systems if caller.is_operator or name == caller.system]
    others = doors.systems if doors.intake.role_of(caller) is Role.PORTAL else ()
    return reply(
        SystemsBody(
            items=tuple(map(overview.system, seen)),
            neighbours=tuple(overview.neighbour(name) for name in others if name != caller.system),
        )
    )


async def pause(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/pause``: nothing is sent until it is resumed."""
    by = await reasoned(request)
    return reply(await _post(request).pause(request.match_info["system"], by))


async def resume(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/resume``: it is called again."""
    by = await reasoned(request)
    return reply(await _post(request).resume(request.match_info["system"], by))


async def probe(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/probe``: it is tried at once."""
    by = await reasoned(request)
    return reply(await _post(request).probe(request.match_info["system"], by))


def _post(request: web.Request) -> Post:
    doors = doors_of(request)
    return Post(
        keeper=doors.keeper,
        ledger=doors.ledger,
        systems=doors.systems,
        eyes=eyes_of(request),
        strain=doors.strain(),
    )
