"""``/callbacks/{system}/…``: partners call us in their own formats; their adapters understand and answer."""

from __future__ import annotations

from typing import cast

from aiohttp import web

from gateway.core.ids import SystemId
from gateway.core.message import Payload, Refused
from gateway.core.pressure import Urgency
from gateway.core.reason import Why
from gateway.ingress.body import read_document
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.errors import response_of, told_of_answer
from gateway.ingress.pressing import refuse_pressed
from gateway.ingress.problems import Problem
from gateway.ingress.replies import note
from gateway.intake.results import Faulty, InProgress, ItemAnswer
from gateway.ports.adapter import Call, CallUnreadable, ItemResult, Receives, Rendered

_KEPT_BACK = frozenset({"authorization", "x-api-key", "cookie", "proxy-authorization"})


async def receive(request: web.Request) -> web.Response:
    """Hand the call to the system's adapter, accept what it states, and answer as the system expects."""
    receiver = _receiver(request)
    refuse_pressed(request, Urgency.BACK)
    call = await _call(request)
    try:
        drafts = await receiver.parse(call)
    except CallUnreadable as error:
        return _response(error.reply)
    answers = await doors_of(request).intake.accept_drafts(drafts, caller_of(request))
    visit = visit_of(request)
    note(visit, answers)
    if drafts and drafts[0].codes:
        visit.dossier = drafts[0].codes[0].value
    waiting = next((answer for answer in answers if _is_ours(answer)), None)
    told = told_of_answer(waiting) if waiting is not None else None
    if told is not None:
        return response_of(told, visit.language)
    return _response(receiver.render(call, _results(answers)))


def _is_ours(answer: ItemAnswer) -> bool:
    """Whether an answer is not for the system's own format: it must repeat the call, or correct it."""
    pressed = isinstance(answer, Refused) and answer.reason.code in {Why.STORE_FULL, Why.BACKLOG}
    return pressed or isinstance(answer, InProgress | Faulty)


def _results(answers: tuple[ItemAnswer, ...]) -> tuple[ItemResult, ...]:
    return cast("tuple[ItemResult, ...]", answers)


def _receiver(request: web.Request) -> Receives:
    """Return the adapter behind the path; a key opens its own system's paths only."""
    system = SystemId(request.match_info["system"])
    if caller_of(request).system != system:
        raise Problem("key.forbidden", system=caller_of(request).actor.name)
    receiver = doors_of(request).receivers.get(system)
    if receiver is None:
        raise Problem("callback.not_found")
    return receiver


async def _call(request: web.Request) -> Call:
    body = await read_document(request)
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() not in _KEPT_BACK}
    return Call(
        method=request.method,
        path=request.match_info["path"],
        query=dict(request.query),
        headers=headers,
        body=Payload(body=body, media_type=request.headers.get("Content-Type", "")),
    )


def _response(rendered: Rendered) -> web.Response:
    headers = {"Content-Type": rendered.body.media_type, **rendered.headers}
    return web.Response(status=rendered.status, body=rendered.body.body, headers=headers)
