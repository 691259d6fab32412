"""``/v1/systems/{system}/queries/{operation}`` and ``/v1/ops/queries``: asking a register, and who has asked."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web
from msgspec import Raw
from structlog.contextvars import bound_contextvars

from gateway.config.settings import SystemConfig
from gateway.core.ids import SystemId
from gateway.core.query import Answer, Declined, Found, Nothing, Officer, QueryId, QueryRecord, Unanswered
from gateway.core.reason import Why
from gateway.core.routing import Mode
from gateway.ingress.asked import asked_of
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.errors import whole_seconds
from gateway.ingress.headers import asked_system, limit_of, moment
from gateway.ingress.problems import Problem
from gateway.ingress.query_bodies import (
    AnswerBody,
    OfficerBody,
    QueriesBody,
    QueryBody,
    QueryRecordBody,
    SourceBody,
)
from gateway.ingress.replies import reply
from gateway.model.texts import text
from gateway.query.asker import Reply
from gateway.query.wish import Wish

#: Not a byte of the question has been taken in: it may be put again.
_NOT_TAKEN = frozenset(
    {Why.DNS, Why.CONNECTION_REFUSED, Why.CONNECT_TIMEOUT, Why.TLS, Why.NOT_SENT, Why.THROTTLED, Why.TRANSPORT}
)
_MILLISECOND = timedelta(milliseconds=1)
_LIMIT = 16 * 1024  #: bytes of a question


async def ask(request: web.Request) -> web.Response:
    """``POST /v1/systems/{system}/queries/{operation}``: kept, then asked once; the answer in the same call."""
    asked = await asked_of(request, QueryBody, limit=_LIMIT)
    doors, operation = doors_of(request), request.match_info["operation"]
    wish = _wish(request.match_info["system"], operation, asked)
    visit = visit_of(request)
    with bound_contextvars(trace_id=visit.trace_id):
        answered = await doors.asker.ask(wish, caller_of(request))
    body = _answer(answered, operation, doors.systems[wish.system], visit.language)
    return reply(body, headers={"Cache-Control": "no-store", "Content-Language": body.language})


async def queries(request: web.Request) -> web.Response:
    """``GET /v1/ops/queries?system=&since=&before=&limit=``: who asked, for whom and why; never about whom."""
    query, language = request.query, visit_of(request).language
    found = await doors_of(request).asker.queries(
        system=asked_system(request),
        since=moment(request, "since"),
        before=QueryId(query["before"]) if "before" in query else None,
        limit=limit_of(request),
    )
    return reply(QueriesBody(items=tuple(_record(item, language) for item in found)))


def _wish(system: str, operation: str, asked: QueryBody) -> Wish:
    """Return what a caller wants to know."""
    given = asked.officer
    return Wish(
        system=SystemId(system),
        operation=operation,
        request=asked.request,
        officer=Officer(name=given.name, code=given.officer_code, unit=given.unit, position=given.position),
        purpose=asked.purpose,
    )


def _answer(answered: Reply, operation: str, source: SystemConfig, language: str) -> AnswerBody:
    """Return the answer. Raises Problem where there is none."""
    found = _found(answered, source.id, language)
    return AnswerBody(
        query_id=answered.query,
        operation=operation,
        source=SourceBody(system=source.id, name=source.name.vi, test=source.mode is not Mode.LIVE),
        answered_at=answered.at,
        language=found.language,
        answer=Raw(found.document.body),
    )


def _found(answered: Reply, system: str, language: str) -> Found:
    answer: Answer = answered.answer
    match answer:
        case Found():
            return answer
        case Nothing():
            raise Problem("query.none", system=system, query=answered.query)
        case Declined():
            raise Problem("query.refused", system=system, query=answered.query)
        case Unanswered(reason=reason, retry_after=wait):
            facts = {"system": system, "query": answered.query, "reason": text(f"reason.{reason.code}", language)}
            raise Problem(_code(reason.code), retry_after=whole_seconds(wait), **facts)


def _code(why: Why) -> str:
    if why is Why.TIMEOUT:
        return "query.timeout"
    return "query.unavailable" if why in _NOT_TAKEN else "query.failed"


def _record(item: QueryRecord, language: str) -> QueryRecordBody:
    """Return a query as operators read it."""
    officer = item.officer
    return QueryRecordBody(
        id=item.id,
        asked_at=item.asked_at,
        ended_at=item.ended_at,
        caller=item.actor.name,
        key_id=item.actor.key_id,
        system=item.system,
        operation=item.operation,
        officer=OfficerBody(name=officer.name, position=officer.position, unit=officer.unit, officer_code=officer.code),
        purpose=item.purpose,
        state=str(item.state),
        text=text(f"query.{item.state}", language),
        reason=str(item.reason or ""),
        http_status=item.http_status,
        duration_ms=None if item.duration is None else item.duration / _MILLISECOND,
    )
