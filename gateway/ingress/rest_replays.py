"""``/v1/ops/replays``: many stopped deliveries sent again, step by step."""

from __future__ import annotations

from aiohttp import web

from gateway.core.replay import MOST, Steering
from gateway.ingress import replaying
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.headers import number
from gateway.ingress.ops_bodies import ReasonedBody
from gateway.ingress.replay_bodies import ReplayBody, SelectionBody
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import asked_of, by_of

_MOST = 1000
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
    limit = number(request, "limit", default=100, most=_MOST)
    return reply(await replaying.runs(doors_of(request).replays, visit_of(request).language, limit))


async def show(request: web.Request) -> web.Response:
    """``GET /v1/ops/replays/{id}``: one, with its counts."""
    return reply(await replaying.show(doors_of(request).replays, visit_of(request).language, request.match_info["id"]))


async def items(request: web.Request) -> web.Response:
    """``GET /v1/ops/replays/{id}/items?state=&behind=&limit=``: its deliveries in their order."""
    desk, language = doors_of(request).replays, visit_of(request).language
    state, run = request.query.get("state", ""), request.match_info["id"]
    after, limit = _behind(request), number(request, "limit", default=100, most=_MOST)
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
    by = by_of(request, await asked_of(request, ReasonedBody))
    desk, language = doors_of(request).replays, visit_of(request).language
    return reply(await replaying.steer(desk, language, request.match_info["id"], steering, by))


def _behind(request: web.Request) -> int:
    """Return the place behind which to go on; 0 where none is given."""
    return number(request, "behind", default=1, most=MOST) if "behind" in request.query else 0
