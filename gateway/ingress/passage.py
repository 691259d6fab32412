"""What every request passes: its number, its caller, its errors, and its one line in the log."""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web

from gateway.core.ids import SystemId
from gateway.ingress import callbacks
from gateway.ingress.doors import DOORS, STANDING, VISIT, Doors, Visit
from gateway.ingress.errors import Told, told_of
from gateway.ingress.problems import Problem
from gateway.ingress.soap import door as soap
from gateway.ingress.table.door import TABLE, Door, Handler, with_problem
from gateway.model.texts import Said, pick_language
from gateway.observability import trace
from gateway.observability.redaction import masked

_ZERO = "%00"  #: in an address as it is sent
_REFUSED = 400  #: what a refused caller gave for a dossier's code may be anything
_OURS = 500
_UNANSWERED = 499  #: sent to nobody: proxies note a caller who leaves before its answer by this number
_SHOWS = "GET /v1/"  #: doors whose answer hangs on their parameters

_log = structlog.get_logger("gateway.access")


@web.middleware
async def passage(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request through, and say afterwards what became of it."""
    doors = request[DOORS] = request.app[STANDING].doors
    started = doors.clock.monotonic()
    trace_id = trace.id_of(request.headers.getall("traceparent", [])) or doors.ids.token()
    visit = Visit(language=pick_language(request.headers.get("Accept-Language", "")), trace_id=trace_id)
    request[VISIT] = visit
    try:
        await _admit(request, visit, doors)
        response = await handler(request)
    except asyncio.CancelledError:
        visit.refusal = "unanswered"
        _write(request, visit.begun or web.Response(status=_UNANSWERED), trace_id, doors.clock.monotonic() - started)
        raise
    except Exception as error:  # noqa: BLE001 - the one place where every error becomes an answer
        response = _refuse(request, _told(error, trace_id))
    finally:
        if visit.hold is not None:
            visit.hold.end()
    if not response.prepared:
        visit.mark(response)
        if "Expect" in request.headers and not request.content.is_eof():
            response.force_close()  # the body may never come, or be taken for the next request
    _write(request, response, trace_id, doors.clock.monotonic() - started)
    return response


async def _admit(request: web.Request, visit: Visit, doors: Doors) -> None:
    """Find out who calls, and whether this door is theirs; a path that does not exist has no door."""
    if not _path(request):
        return
    door = request.app[TABLE][request.match_info.route]
    if door.open or callbacks.is_guarded(request):
        return
    if _ZERO in request.raw_path:
        _refuse_zero(request)
    given, key = _once(request, "Authorization"), _once(request, "X-Api-Key")
    if given is None and key is None and door.handler is soap.call and doors.partners.can_name:
        return  # the envelope says who calls, and proves it before anything else in it counts
    if not (key if given is None else given.strip().partition(" ")[2]):
        raise Problem("key.missing")  # also where the key stands without its scheme, or the scheme alone
    visit.shown = given, key
    caller = visit.caller = await doors.authenticator.caller(given, key)
    if caller.system is not None and caller.system in doors.book.systems and not door.is_operators:
        doors.heard(caller.system)
    elif not caller.is_operator:  # a key outlives the file that named its system
        raise Problem("key.forbidden", system=caller.actor.name)
    _refuse_strange(request, door)


def _refuse_strange(request: web.Request, door: Door) -> None:
    """Refuse a parameter that a door does not have: who misspells ``after`` would read the same page for ever."""
    if door.at.startswith(_SHOWS):
        known = [parameter.name for parameter in door.parameters]
        for name in request.query:
            if name not in known:
                raise Problem("parameter.invalid", name=name, expected=", ".join(known) or Said("no parameter"))


def _refuse_zero(request: web.Request) -> None:
    """Refuse an address with a zero in it before anybody looks for it: no database takes one in a text."""
    for name, value in request.query.items():
        if "\0" in name + value:
            expected = Said("a text without the character U+0000 (NUL)")
            raise Problem("parameter.invalid", name=name.replace("\0", "\ufffd"), expected=expected)
    raise Problem("not_found")


def _once(request: web.Request, name: str) -> str | None:
    """Return a header that says who calls; two of them could be read differently by whatever stands before us."""
    values = request.headers.getall(name, [])
    if len(values) > 1:
        raise Problem("header.repeated", name=name)
    return values[0] if values else None


def _told(error: Exception, trace_id: str) -> Told:
    told = told_of(error, trace_id)
    if told.status == _OURS:
        _log.error("request failed", trace_id=trace_id, exc_info=error)
    return told


def _refuse(request: web.Request, told: Told) -> web.Response:
    """Refuse as the door does; where there is none, as most do."""
    door = request.app[TABLE].get(request.match_info.route)
    return door.refuse(request, told) if door is not None else with_problem(request, told)


def _write(request: web.Request, response: web.StreamResponse, trace_id: str, seconds: float) -> None:
    visit = request[VISIT]
    caller = visit.caller.actor if visit.caller else None
    _log.info(
        "request",
        method=request.method,
        path=_path(request) or "(none)",
        status=response.status,
        refusal=visit.refusal,
        duration_ms=round(seconds * 1000, 3),
        caller=caller.name if caller else "",
        key_id=caller.key_id if caller else "",
        system=_named(request),
        dossier=visit.dossier if response.status < _REFUSED and not visit.refusal else masked(visit.dossier),
        message_ids=" ".join(visit.messages),
        anomalies=" ".join(visit.anomalies),
        bytes_in=visit.received,
        bytes_out=response.body_length if response.prepared else response.content_length or 0,
        trace_id=trace_id,
    )


def _named(request: web.Request) -> str:
    """Return the system that the path names; empty where it names none, or one that there is not."""
    named = SystemId(request.match_info.get("system", ""))
    return named if named in request[DOORS].book.systems else ""


def _path(request: web.Request) -> str:
    """Return the template of the path: ``/v1/files/{id}``; empty where there is no such door."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""
