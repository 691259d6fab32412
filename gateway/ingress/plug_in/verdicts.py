"""Answers in the protocol's words: HTTP 200, ``error_code``, a Vietnamese message, an answer for each object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from gateway.config.settings import PlugInCodes
from gateway.core.message import Exists, Receipt
from gateway.ingress.doors import Visit, doors_of, visit_of
from gateway.ingress.errors import Told, headers_of, told_of_answer
from gateway.ingress.plug_in.statements import Given
from gateway.ingress.replies import note
from gateway.intake.results import ItemAnswer
from gateway.model.faults import message
from gateway.model.texts import text

LANGUAGE = "vi"  #: the protocol has no other
_JSON = "application/json"
_SESSIONS = frozenset({"session.missing", "session.invalid", "session.expired"})
_UNKNOWN = "dossier.not_found"
_SHOWN = 10  #: faults in one message


class PlugInBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer; ``error_message`` repeats a refusal for the clients that look there."""

    error_code: str  #: 0, or the code of a refusal
    message: str  #: the same in words
    error_message: str = ""  #: of a refusal the same once more, for the clients that look there
    session: str = ""  #: of a login
    result: Any = None  #: what was asked for, or one answer an object of ``data``


class PlugInItem(Struct, frozen=True, kw_only=True):
    """What became of one object of ``data``, in their order."""

    MaHoSo: str
    error_code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one object: ``what`` is ``done``, ``exists``, or the code of the problem."""

    code: str
    what: str
    message: str
    waits: str = ""  #: seconds


def reply(body: PlugInBody, *, wait: str = "") -> web.Response:
    """Return an answer: HTTP 200, whatever it says."""
    headers = {"Retry-After": wait} if wait else None
    return web.Response(body=msgspec.json.encode(body), content_type=_JSON, charset="utf-8", headers=headers)


def done(request: web.Request, what: str, *, session: str = "", result: object = None) -> web.Response:
    """Return success."""
    code = codes_of(request).done
    return reply(PlugInBody(error_code=code, message=_say(what), session=session, result=result))


def refused(request: web.Request, told: Told) -> web.Response:
    """Return a refusal of the call as a whole; one to a body that was not read to its end closes the connection."""
    codes, problem = codes_of(request), told.problem
    visit_of(request).refusal = problem.code
    code = codes.session if problem.code in _SESSIONS else codes.refused
    said = _words(told)
    response = reply(PlugInBody(error_code=code, message=said, error_message=said), wait=_wait(told))
    if told.is_cut_off:
        response.force_close()
    return response


def judged(request: web.Request, given: Sequence[Given], answers: Sequence[ItemAnswer | None]) -> web.Response:
    """Return the answer to a batch: success only where every object is on disk; else the gravest refusal names one.

    None stands for what was said, and kept, before.
    """
    visit, codes = visit_of(request), codes_of(request)
    note(visit, [answer for answer in answers if answer is not None])
    verdicts = [verdict(answer, codes, visit) for answer in answers]
    items = tuple(
        PlugInItem(MaHoSo=item.code, error_code=found.code, message=found.message)
        for item, found in zip(given, verdicts, strict=True)
    )
    open_ = [number for number, found in enumerate(verdicts) if found.code != codes.done]
    if not open_:
        return done(request, "done" if len(items) > 1 else verdicts[0].what, result=items)
    worst = min(open_, key=lambda number: verdicts[number].what == "exists")
    visit.refusal = verdicts[worst].what
    said = _told_of(items[worst], len(open_), len(items))
    body = PlugInBody(error_code=verdicts[worst].code, message=said, error_message=said, result=items)
    return reply(body, wait=verdicts[worst].waits)


def verdict(answer: ItemAnswer | None, codes: PlugInCodes, visit: Visit) -> Verdict:
    """Return what one object is answered."""
    if answer is None or isinstance(answer, Receipt):
        what = "known" if answer is None or answer.duplicate else "done" if answer.matched else "parked"
        return Verdict(code=codes.done, what=what, message=_say(what))
    if isinstance(answer, Exists):
        return Verdict(code=codes.exists, what="exists", message=_say("exists"))
    told = told_of_answer(answer, visit.known.actor.name)
    return Verdict(code=codes.refused, what=told.problem.code, message=_words(told), waits=_wait(told))


def codes_of(request: web.Request) -> PlugInCodes:
    """Return ``error_code`` as it is configured."""
    return doors_of(request).plug_in.settings.codes


def _told_of(item: PlugInItem, refused_: int, count: int) -> str:
    said = f"{item.MaHoSo}: {item.message}" if item.MaHoSo and count > 1 else item.message
    return said if count == 1 else text("plug_in.some", LANGUAGE, message=said, refused=refused_, count=count)


def _words(told: Told) -> str:
    """Return the refusal as one text: each fault under the sender's own name of the field, never the value."""
    problem = told.problem
    if problem.code == _UNKNOWN:
        return _say("unknown")
    if told.faults:
        named = [f"{fault.path}: {message(fault, LANGUAGE)}" for fault in told.faults[:_SHOWN]]
        return " ".join((f"{problem.title(LANGUAGE)}.", *named))
    return problem.words(LANGUAGE)


def _wait(told: Told) -> str:
    return headers_of(told).get("Retry-After", "")


def _say(what: str) -> str:
    return text(f"plug_in.{what}", LANGUAGE)
