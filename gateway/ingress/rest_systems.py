"""``/v1/systems`` and ``/v1/ops/systems``: how the systems stand, and stopping, resuming and trying one."""

from __future__ import annotations

from aiohttp import web

from gateway.core.acts import Act
from gateway.core.ids import SystemId
from gateway.core.routing import Role
from gateway.ingress.asked import reasoned
from gateway.ingress.doors import caller_of, doors_of
from gateway.ingress.lookup import eyes_of
from gateway.ingress.overview import Overview
from gateway.ingress.problems import Problem
from gateway.ingress.replies import reply
from gateway.ingress.weather_bodies import SystemsBody, TendedBody
from gateway.ports.adapter import Health


async def show(request: web.Request) -> web.Response:
    """``GET /v1/systems``: operators see all, a system sees itself, the portal how the others stand."""
    doors, caller = doors_of(request), caller_of(request)
    overview = await _overview(request)
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
    by, system = await reasoned(request), _system(request)
    return await _tended(request, system, await doors_of(request).keeper.pause(system, by=by))


async def resume(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/resume``: it is called again."""
    by, system = await reasoned(request), _system(request)
    return await _tended(request, system, await doors_of(request).keeper.resume(system, by=by))


async def probe(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/probe``: it is tried at once."""
    by, system = await reasoned(request), _system(request)
    act, health = await doors_of(request).keeper.probe(system, by=by)
    return await _tended(request, system, act, found=_found(health), words=health.text if health else "")


def _system(request: web.Request) -> SystemId:
    name = request.match_info["system"]
    if name not in doors_of(request).systems:
        raise Problem("system.not_found")
    return SystemId(name)


async def _overview(request: web.Request) -> Overview:
    doors = doors_of(request)
    return Overview(
        systems=doors.systems,
        counts={item.system: item for item in await doors.ledger.counts()},
        skies=await doors.keeper.skies(),
        eyes=eyes_of(request),
        strain=doors.strain(),
    )


async def _tended(
    request: web.Request, system: SystemId, act: Act, *, found: str | None = None, words: str = ""
) -> web.Response:
    body = (await _overview(request)).system(system)
    return reply(TendedBody(act=eyes_of(request).act(act), system=body, found=found, words=words))


def _found(health: Health | None) -> str:
    if health is None:
        return "unknown"
    return "answers" if health.reachable else "silent"
