"""``/v1/ops/replays``: many stopped deliveries sent again, step by step."""

from __future__ import annotations

from aiohttp import web

from gateway.core.replay import MOST, Steering
from gateway.ingress import replaying
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.headers import behind_of, limit_of
from gateway.ingress.replay_bodies import ReplayBody, SelectionBody
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import asked_of, by_of, reasoned

_CREATED = 201


async def plan(request: web.Request) -> web.Response:
    """``POST /v1/ops/replays/plans``: what a replay would send, and what it would leave out; nothing is done."""
    asked = await asked_of(request, SelectionBody)
    language, actor = visit_of(request).language, caller_of(request).actor
    return reply(await replaying.plan(doors_of(request).replays, language, asked, actor))


async def begin(request: web.Request) -> web.Response:
    """``POST /v1/ops/replays``: begin one, frozen now; a large one waits for a second person."""
    asked = await asked_of(request, ReplayBody)
    by = by_of(request, asked)
    return reply(
        await replaying.begin(doors_of(request).replays, visit_of(request).language, asked, by), status=_CREATED
    )


async def runs(request: web.Request) -> web.Response:
    """``GET /v1/ops/replays?limit=``: the newest first."""
    limit = limit_of(request)
    return reply(await replaying.runs(doors_of(request).replays, visit_of(request).language, limit))


async def show(request: web.Request) -> web.Response:
    """``GET /v1/ops/replays/{id}``: one, with its counts."""
    return reply(await replaying.show(doors_of(request).replays, visit_of(request).language, request.match_info["id"]))


async def items(request: web.Request) -> web.Response:
    """``GET /v1/ops/replays/{id}/items?state=&behind=&limit=``: its deliveries in their order."""
    desk, language = doors_of(request).replays, visit_of(request).language
    state, run = request.query.get("state", ""), request.match_info["id"]
    after, limit = behind_of(request, MOST), limit_of(request)
    return reply(await replaying.items(desk, language, run, state, after, limit))


async def pause(request: web.Request) -> web.Response:
    """``POST /v1/ops/replays/{id}/pause``: release nothing more for now."""
    return await _steer(request, Steering.PAUSE)


async def resume(request: web.Request) -> web.Response:
    """``POST /v1/ops/replays/{id}/resume``: go on, also after it has stopped by itself."""
    return await _steer(request, Steering.RESUME)


async def cancel(request: web.Request) -> web.Response:
    """``POST /v1/ops/replays/{id}/cancel``: release nothing more; what is on its way is still counted."""
    return await _steer(request, Steering.CANCEL)


async def _steer(request: web.Request, steering: Steering) -> web.Response:
    by = await reasoned(request)
    desk, language = doors_of(request).replays, visit_of(request).language
    return reply(await replaying.steer(desk, language, request.match_info["id"], steering, by))
