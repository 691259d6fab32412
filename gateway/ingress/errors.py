"""The one table from what went wrong to what the caller is told: RFC 9457 here, SOAP Faults in ``soap.faults``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never, cast

import msgspec
from aiohttp import web

from gateway.core.acts import BadReason
from gateway.core.errors import (
    ConfigError,
    CursorExpired,
    CursorInvalid,
    DoneInPart,
    Fenced,
    FilesUnavailable,
    PutBack,
    StoreFull,
    StoreUnavailable,
    Unusable,
)
from gateway.core.judging import Undecidable, UnknownDelivery
from gateway.core.listing import ListAhead, ListUnknown
from gateway.core.message import Conflict, Exists, Refused, Stale
from gateway.core.proposals import ALONE, WITHIN, TooMany, Unapprovable, UnknownProposal
from gateway.core.reconcile import UnknownReconciliation
from gateway.core.replay import NothingChosen, RunClosed, UnknownRun
from gateway.core.weather import NotPaused
from gateway.ingress.bodies import CodeBody, FaultBody, ProblemBody
from gateway.ingress.problems import RETRY_AFTER, Problem
from gateway.intake.intake import FILE_NOT_FOUND
from gateway.intake.results import Faulty, InProgress, Unaccepted
from gateway.model.fault import Fault, Invalid
from gateway.model.faults import message
from gateway.model.refusals import REFUSED
from gateway.model.texts import Said, text
from gateway.ops.configuring import NothingChanged
from gateway.ops.known import UnknownSystem
from gateway.ops.proposing import NothingToPropose
from gateway.ops.weather import CannotProbe, NotCalled
from gateway.ports.acts import Overtaken
from gateway.ports.blobs import BlobTooLarge
from gateway.ports.configurations import ConfigurationMoved
from gateway.ports.keys import TooManyKeys
from gateway.ports.whatif import CannotOutline, UnknownVersion
from gateway.query import refusals
from gateway.query.refusals import Barred, NoSuchQuery, NotYours, NotYourself, TooManyQueries
from gateway.security.entry import LoginBarred
from gateway.security.keys import Unauthenticated
from gateway.security.sessions import SessionExpired, SessionInvalid
from gateway.wire.xml import XmlError

PROBLEM_TYPE = "application/problem+json"
_TYPE = "urn:provincial-gateway:problem:"
IDEMPOTENCY = {Conflict: "idempotency.conflict", InProgress: "idempotency.in_progress"}
#: What is told by its code alone.
_PLAIN: dict[type[Exception], str] = {
    Unauthenticated: "key.invalid",
    XmlError: "xml.invalid",
    BadReason: "reason.invalid",
    UnknownDelivery: "delivery.not_found",
    UnknownProposal: "proposal.not_found",
    UnknownSystem: "system.not_found",
    NothingToPropose: "proposal.empty",
    ListAhead: "list.ahead",
    ListUnknown: "list.unknown",
    UnknownRun: "replay.not_found",
    UnknownReconciliation: "reconciliation.not_found",
    RunClosed: "replay.closed",
    NothingChosen: "replay.empty",
    NotCalled: "system.not_called",
    refusals.NotCalled: "system.not_called",
    NotYourself: "query.not_yourself",
    NotPaused: "system.not_paused",
    CannotProbe: "system.not_probed",
    NothingChanged: "configuration.unchanged",
    ConfigurationMoved: "configuration.moved",
    Overtaken: "configuration.overtaken",
    UnknownVersion: "version.not_found",
    CannotOutline: "system.not_outlined",
    StoreFull: "store.full",
    StoreUnavailable: "store.unavailable",
    FilesUnavailable: "files.unavailable",
    PutBack: "store.unavailable",
    Unusable: "store.unavailable",
    Fenced: "gateway.not_ready",
    CursorInvalid: "cursor.invalid",
    TooManyKeys: "keys.too_many",
    LoginBarred: "login.barred",
    SessionExpired: "session.expired",
    SessionInvalid: "session.invalid",
}
_NOT_FOUND = 404
#: Behind these, more of the body may come.
_CUT_OFF = frozenset({"body.incomplete", "body.timeout", "body.too_large"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A refusal with everything that goes beside its words."""

    problem: Problem
    faults: tuple[Fault, ...] = ()
    revision: int | None = None
    earliest: str | None = None
    allow: tuple[str, ...] = ()
    matches: tuple[CodeBody, ...] = ()
    retry_after: int | None = None  #: seconds, where more is known than ``RETRY_AFTER`` says

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return self.problem.status

    @property
    def is_cut_off(self) -> bool:
        """Whether more of the body may come: the answer ends the connection."""
        return self.problem.code in _CUT_OFF


def told_of(error: Exception, request_id: str = "") -> Told:
    """Return what the caller is told of an exception; an unforeseen one says only that we failed."""
    match error:
        case Invalid():
            return of_faults(error.faults)
        case web.HTTPException():
            return _of_http(error)
        case ConfigError():
            return _of_files(error)
        case CursorExpired(earliest=earliest):
            return Told(problem=Problem("cursor.expired", earliest=earliest), earliest=earliest)
        case _:
            problem = _problem_of(error) or Problem("internal", trace=request_id)
            matches = cast("tuple[CodeBody, ...]", problem.facts.get("matches", ()))
            retry_after = cast("int | None", problem.facts.get("retry_after"))
            return Told(problem=problem, matches=matches, retry_after=retry_after)


def _problem_of(error: Exception) -> Problem | None:
    code: str | None
    match error:
        case Problem():
            return error
        case DoneInPart(done=done, of=of):
            return Problem("in_part.done", done=done, of=of)
        case TooMany(lately=lately):
            return Problem("proposal.needed", most=ALONE, hours=WITHIN // timedelta(hours=1), lately=lately)
        case BlobTooLarge(limit=limit):
            return Problem("file.too_large", limit=limit)
        case Undecidable(obstacle=obstacle):
            code = f"delivery.{obstacle}"
        case Unapprovable(objection=objection):
            code = f"proposal.{objection}"
        case _:
            code = _PLAIN.get(type(error))
    return Problem(code) if code else _unasked(error)


def _unasked(error: Exception) -> Problem | None:
    """Return what is told of a question that was not put."""
    match error:
        case NoSuchQuery(system=system):
            return Problem("system.not_found") if system is None else Problem("query.not_found", system=system)
        case NotYours(caller=caller):
            return Problem("query.not_yours", caller=caller)
        case TooManyQueries(wait=wait):
            return Problem("rate.limited", retry_after=whole_seconds(wait))
        case Barred(system=system, bar=bar):
            return Problem(f"query.{bar.obstacle}", system=system, retry_after=whole_seconds(bar.wait))
        case _:
            return None


def whole_seconds(wait: timedelta | None) -> int | None:
    """Return whole seconds of a wait, at least one; None where nobody knows."""
    return None if wait is None else max(math.ceil(wait / timedelta(seconds=1)), 1)


def of_faults(faults: tuple[Fault, ...]) -> Told:
    """Return the refusal of content: not readable at all, or read and found wrong."""
    first = faults[0]
    if first.code == "json":
        return Told(problem=Problem("json.invalid", place=Said(first.expected)))
    return Told(problem=Problem("body.invalid", count=len(faults)), faults=faults)


def told_of_answer(answer: Unaccepted, system: str = "") -> Told:
    """Return what is told of an item of this system that was not accepted."""
    match answer:
        case Conflict() | InProgress():
            return Told(problem=Problem(IDEMPOTENCY[type(answer)]))
        case Exists(revision=revision) | Stale(revision=revision):
            code = "dossier.exists" if isinstance(answer, Exists) else "revision.stale"
            return Told(problem=Problem(code, revision=revision), revision=revision)
        case Refused(reason=reason):
            code = REFUSED.get(reason.code, "not_accepted")
            return Told(problem=Problem(code, reason=reason.code, system=system, waiting=reason.detail))
        case Faulty(faults=faults):
            return of_faults(faults)
        case _:
            assert_never(answer)


def body_of(told: Told, language: str) -> ProblemBody:
    """Return the problem in the caller's language."""
    problem = told.problem
    return ProblemBody(
        type=_TYPE + problem.code,
        title=problem.title(language),
        status=told.status,
        detail=problem.detail(language),
        code=problem.code,
        errors=tuple(fault_body(fault, language) for fault in told.faults),
        revision=told.revision,
        earliest=told.earliest,
        allow=told.allow,
        matches=told.matches,
        query_id=str(problem.facts.get("query", "")),
    )


def fault_body(fault: Fault, language: str) -> FaultBody:
    """Return one fault in the caller's language."""
    is_file = fault.code == FILE_NOT_FOUND
    words = text(f"problem.{fault.code}.detail", language) if is_file else message(fault, language)
    return FaultBody(path=fault.path, code=fault.code, message=words, expected=fault.expected)


def response_of(told: Told, language: str) -> web.Response:
    """Return the problem as a response; one to a body that was not read to its end closes the connection."""
    response = web.Response(
        status=told.status,
        body=msgspec.json.encode(body_of(told, language)),
        content_type=PROBLEM_TYPE,
        headers={"Content-Language": language, **headers_of(told)},
    )
    if told.is_cut_off:
        response.force_close()
    return response


def headers_of(told: Told) -> dict[str, str]:
    """Return the headers that belong to a refusal."""
    code = told.problem.code
    headers: dict[str, str] = {}
    wait = told.retry_after or RETRY_AFTER.get(code)
    if wait is not None:
        headers["Retry-After"] = str(wait)
    if told.allow:
        headers["Allow"] = ", ".join(told.allow)
    if code in {"key.missing", "key.invalid"}:
        headers["WWW-Authenticate"] = 'Bearer realm="gateway"'
    return headers


def _of_files(error: ConfigError) -> Told:
    """Name everything that is wrong in the operator's own files: in English, as ``check`` does."""
    faults = (
        Fault(
            path=f"{one.file}: {one.key}" if one.key else one.file,
            code="configuration",
            expected=f"{one.text} ({one.remedy})" if one.remedy else one.text,
        )
        for one in error.problems
    )
    return Told(problem=Problem("configuration.invalid", count=len(error.problems)), faults=tuple(faults))


def _of_http(error: web.HTTPException) -> Told:
    """Translate what aiohttp itself refuses."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = tuple(sorted(error.allowed_methods))
        return Told(problem=Problem("method.not_allowed", allowed=", ".join(allowed)), allow=allowed)
    if error.status == _NOT_FOUND:
        return Told(problem=Problem("not_found"))
    return Told(problem=Problem("request.invalid", where="HTTP"))
