"""``/callbacks/{system}/…``: partners call us in their own formats; their adapters understand and answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeGuard, cast

import structlog
from aiohttp import web
from structlog.typing import FilteringBoundLogger

from gateway.config.durations import as_timedelta
from gateway.core.ids import SystemId
from gateway.core.message import Blob, ItemResult, Payload, Refused
from gateway.core.pressure import Urgency
from gateway.core.reason import Why
from gateway.exchange.guard import contained
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.enveloped import BY_PROOF, Identified, known_by_envelope, secured
from gateway.ingress.errors import Told, response_of, told_of_answer
from gateway.ingress.pressing import refuse_pressed
from gateway.ingress.problems import Problem
from gateway.ingress.replies import note
from gateway.ingress.unpacking import Files, Package, unpack
from gateway.intake.results import Faulty, InProgress, ItemAnswer
from gateway.ports.adapter import Call, CallUnreadable, Guard, Receives, Rendered
from gateway.ports.callers import Shown
from gateway.security.keys import Authenticator, Caller, Unauthenticated

_KEPT_BACK = frozenset({"authorization", "x-api-key", "cookie", "proxy-authorization"})
_UNPROVED, _UNREADABLE = "callback.unproved", "callback.unreadable"  #: what the line of a request says

_STATUSES = range(200, 600)  #: what may end an exchange
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  #: RFC 9110, 5.6.2
_BREAKS = frozenset("\r\n\0")
_log: FilteringBoundLogger = structlog.get_logger()


def is_guarded(request: web.Request) -> bool:
    """Whether the caller shows who it is in its own way: its body must be read to know."""
    return request.match_info.handler is receive and _guard(request) is not None


async def receive(request: web.Request) -> web.Response:
    """Hand the call to the system's adapter, accept what it states, and answer as the system expects."""
    guard = _guard(request)
    receiver = _receiver(request, guarded=guard is not None)
    if guard is None:
        refuse_pressed(request, Urgency.BACK)
    elif not await _may_be_read(request, guard):
        return _unproved(request, guard)
    package = await unpack(request)
    known = Identified(document=package.unpacked.root)
    if guard is not None:
        proved = await _prove(request, guard, package)
        if proved is None:
            return _unproved(request, guard)
        known = proved
        refuse_pressed(request, Urgency.BACK)
    reply = await _received(request, receiver, _call(request, package, known))
    if isinstance(reply, web.Response):
        return reply
    return _response(request, secured(request, reply) if guard is not None and guard.secures else reply)


async def _received(request: web.Request, receiver: Receives, call: Call) -> Rendered | web.Response:
    """Return the reply in the system's own words, or a response that is not for its format."""
    try:
        with contained():
            received = await receiver.receive(call)
    except CallUnreadable as error:
        visit_of(request).refusal = _UNREADABLE
        return error.reply
    drafts = received.drafts
    answers = await doors_of(request).intake.accept_drafts(drafts, caller_of(request))
    visit = visit_of(request)
    note(visit, answers)
    if drafts and drafts[0].codes:
        visit.dossier = drafts[0].codes[0].value
    waiting = next((answer for answer in answers if _is_ours(answer)), None)
    if isinstance(waiting, InProgress):
        raise Problem("callback.in_progress")  # whoever is not ours repeats a 503, and may take a 409 for a refusal
    if waiting is not None:
        return response_of(told_of_answer(waiting), visit.language)
    with contained():
        return received.render(cast("tuple[ItemResult, ...]", answers))


def _is_ours(answer: ItemAnswer) -> TypeGuard[Refused | InProgress | Faulty]:
    """Whether an answer is not for the system's own format: it must repeat the call, or correct it."""
    pressed = isinstance(answer, Refused) and answer.reason.code in {Why.STORE_FULL, Why.BACKLOG}
    return pressed or isinstance(answer, InProgress | Faulty)


def _system(request: web.Request) -> SystemId:
    return SystemId(request.match_info["system"])


def _guard(request: web.Request) -> Guard | None:
    receiver = doors_of(request).receivers.get(_system(request))
    with contained():
        return receiver.guard(request.match_info["path"]) if receiver else None


def _receiver(request: web.Request, *, guarded: bool) -> Receives:
    """Return the adapter behind the path; a key opens its own system's paths only."""
    system = _system(request)
    if not guarded and caller_of(request).system != system:
        raise Problem("key.forbidden", system=caller_of(request).actor.name)
    receiver = doors_of(request).receivers.get(system)
    if receiver is None:
        raise Problem("callback.not_found")
    return receiver


async def _may_be_read(request: web.Request, guard: Guard) -> bool:
    """Whether a call's body is worth its place: its head shows whose it is, or the body may.

    Who is known by the head does not wait for room among strangers, and who cannot be known takes none.
    """
    if await _token(request, guard, None) is None:
        return guard.reads_body
    visit_of(request).caller = Caller.of(_system(request), BY_PROOF)
    return True


def _unproved(request: web.Request, guard: Guard) -> web.Response:
    visit = visit_of(request)
    visit.caller, visit.refusal = None, _UNPROVED
    return _response(request, guard.refusal)


async def _prove(request: web.Request, guard: Guard, package: Package) -> Identified | None:
    """Find out whether the system itself calls, and what of the call counts; None where nobody knows who calls.

    No file is kept before that, so a signature over a body with files beside it proves nothing here.
    """
    system, root = _system(request), package.unpacked.root
    token = await _token(request, guard, root if package.is_whole else None)
    known = None if token is None else Identified(proof=token, document=root)
    if known is None and guard.by_envelope:
        known = await known_by_envelope(request, system, package)
    if known is not None:
        visit_of(request).caller = Caller.of(system, known.key_id)
        doors_of(request).heard(system)
    return known


async def _token(request: web.Request, guard: Guard, body: bytes | None) -> str | None:
    """Return what names the call, where what is shown beside the document holds; None where nothing does."""
    doors, headers = doors_of(request), _headers(request)
    shown = Shown(
        method=request.method,
        url=_url(request),
        path=request.match_info["path"],
        query=dict(request.query),
        headers=headers,
        body=body,
        at=doors.clock.now(),
    )
    held = next((proof for proof in guard.proofs if proof.holds(shown)), None)
    if held is None and not (guard.our_key and await _has_key(doors.authenticator, headers, _system(request))):
        return None
    return held.once(shown) if held else ""


def _url(request: web.Request) -> str:
    """Return the address as the caller wrote it: a proxy before us may have changed host and scheme."""
    public = doors_of(request).server.public_url.rstrip("/")
    return (public or f"{request.scheme}://{request.host}") + request.raw_path


async def _has_key(authenticator: Authenticator, headers: Mapping[str, str], system: SystemId) -> bool:
    given, key = headers.get("authorization"), headers.get("x-api-key")
    if given is None and key is None:
        return False
    try:
        return (await authenticator.caller(given, key)).system == system
    except Unauthenticated:
        return False


def _headers(request: web.Request) -> Mapping[str, str]:
    """Return the headers under lower-case names, without those given twice: a proxy may have read the other one."""
    headers = request.headers
    return {name.lower(): value for name, value in headers.items() if len(headers.getall(name)) == 1}


def _call(request: web.Request, package: Package, known: Identified) -> Call:
    return Call(
        method=request.method,
        path=request.match_info["path"],
        query=dict(request.query),
        headers={name: value for name, value in _headers(request).items() if name not in _KEPT_BACK},
        body=Payload(body=known.document, media_type=package.unpacked.content_type),
        files=_Beside(request, package.files) if package.files.may_come else None,
        form=package.form,
        proof=known.proof,
    )


@dataclass(frozen=True, slots=True)
class _Beside:
    """``ports.adapter.Beside`` of one request."""

    request: web.Request
    files: Files

    async def store(self, wanted: Collection[str]) -> Mapping[str, Blob]:
        """Give the sender as long as any other upload has."""
        timeout = as_timedelta(doors_of(self.request).server.upload_timeout)
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                return await self.files.store(wanted)
        except TimeoutError:
            raise Problem("body.timeout") from None


def _response(request: web.Request, rendered: Rendered) -> web.Response:
    """Return what an adapter answers; where no HTTP can say that, a plain answer, and the log names its fault."""
    headers = {"Content-Type": rendered.body.media_type, **rendered.headers}
    wrong = _impossible(rendered.status, headers)
    if wrong:
        _log.error("adapter_bug", system=_system(request), error=type(rendered).__name__, where=f"render {wrong}")
        visit = visit_of(request)
        return response_of(Told(problem=Problem("internal", trace=visit.trace_id)), visit.language)
    return web.Response(status=rendered.status, body=rendered.body.body, headers=headers)


def _impossible(status: object, headers: Mapping[str, object]) -> str:
    """Return which part of an answer HTTP has no place for; empty where it can be sent."""
    if not isinstance(status, int) or status not in _STATUSES:
        return "status"
    sound = all(_NAME.fullmatch(str(name)) and _is_value(value) for name, value in headers.items())
    return "" if sound else "headers"


def _is_value(value: object) -> bool:
    return isinstance(value, str) and not _BREAKS.intersection(value)
