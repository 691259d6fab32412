"""Queries as bodies and refusals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from msgspec import Raw

from gateway.config.settings import SystemConfig
from gateway.core.ids import SystemId
from gateway.core.query import Answer, Declined, Found, Nothing, Officer, QueryRecord, Unanswered
from gateway.core.reason import Why
from gateway.core.routing import Mode
from gateway.ingress.problems import Problem
from gateway.ingress.query_bodies import AnswerBody, OfficerBody, QueryBody, QueryRecordBody, SourceBody
from gateway.model.texts import text
from gateway.query.asker import Reply
from gateway.query.refusals import Barred, NoSuchQuery, NotCalled, NotYours, NotYourself, TooManyQueries
from gateway.query.wish import Wish

#: Not a byte of the question has been taken in: it may be put again.
_NOT_TAKEN = frozenset(
    {Why.DNS, Why.CONNECTION_REFUSED, Why.CONNECT_TIMEOUT, Why.TLS, Why.NOT_SENT, Why.THROTTLED, Why.TRANSPORT}
)
_PLAIN: Mapping[type[Exception], str] = MappingProxyType(
    {NotYourself: "query.not_yourself", NotCalled: "system.not_called"}
)
_MILLISECOND = timedelta(milliseconds=1)


def wish_of(system: str, operation: str, asked: QueryBody) -> Wish:
    """Return what a caller wants to know."""
    given = asked.officer
    return Wish(
        system=SystemId(system),
        operation=operation,
        request=asked.request,
        officer=Officer(name=given.name, code=given.officer_code, unit=given.unit, position=given.position),
        purpose=asked.purpose,
    )


def answer_body(reply: Reply, operation: str, source: SystemConfig, language: str) -> AnswerBody:
    """Return the answer. Raises Problem where there is none."""
    found = _found(reply, source.id, language)
    return AnswerBody(
        query_id=reply.query,
        operation=operation,
        source=SourceBody(system=source.id, name=source.name.vi, test=source.mode is not Mode.LIVE),
        answered_at=reply.at,
        language=found.language,
        answer=Raw(found.document.body),
    )


def _found(reply: Reply, system: str, language: str) -> Found:
    answer: Answer = reply.answer
    match answer:
        case Found():
            return answer
        case Nothing():
            raise Problem("query.none", system=system, query=reply.query)
        case Declined():
            raise Problem("query.refused", system=system, query=reply.query)
        case Unanswered(reason=reason, retry_after=wait):
            facts = {"system": system, "query": reply.query, "reason": text(f"reason.{reason.code}", language)}
            raise Problem(_code(reason.code), retry_after=seconds(wait), **facts)


def _code(why: Why) -> str:
    if why is Why.TIMEOUT:
        return "query.timeout"
    return "query.unavailable" if why in _NOT_TAKEN else "query.failed"


def seconds(wait: timedelta | None) -> int | None:
    """Return whole seconds of a wait, at least one; None where nobody knows."""
    return None if wait is None else max(math.ceil(wait / timedelta(seconds=1)), 1)


def refusal(error: Exception) -> Problem | None:
    """Return what is told of a question that was not put."""
    match error:
        case NoSuchQuery(system=system):
            return Problem("system.not_found") if system is None else Problem("query.not_found", system=system)
        case NotYours(caller=caller):
            return Problem("query.not_yours", caller=caller)
        case TooManyQueries(wait=wait):
            return Problem("rate.limited", retry_after=seconds(wait))
        case Barred(system=system, bar=bar):
            return Problem(f"query.{bar.obstacle}", system=system, retry_after=seconds(bar.wait))
        case _:
            code = _PLAIN.get(type(error))
            return Problem(code) if code else None


def record_body(item: QueryRecord, language: str) -> QueryRecordBody:
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
