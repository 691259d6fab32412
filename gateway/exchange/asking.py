"""What is different where an exchange is a question: what stands in its way, what is learnt from it, what is told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from structlog.contextvars import get_contextvars
from structlog.typing import FilteringBoundLogger

from gateway.core.ids import DeliveryId, DossierId
from gateway.core.query import Answer, Declined, Query, Unanswered, sign_of_answer, state_of
from gateway.core.reason import Why
from gateway.exchange.gate import Gate
from gateway.ports.metrics import Metrics

_log: FilteringBoundLogger = structlog.get_logger()

_WHILE_PAUSED = timedelta(minutes=1)  #: nobody knows when a person resumes it
_SOON = timedelta(seconds=5)  #: somebody else is finding out whether it answers


class Obstacle(StrEnum):
    """Why a question cannot be put now. Stable: part of the problem's code."""

    PAUSED = "paused"  #: a person let nothing be sent
    CLOSED = "closed"  #: outside the system's hours
    OPEN = "open"  #: it answers nobody
    BUSY = "busy"  #: its rate is used up


@dataclass(frozen=True, slots=True)
class Bar:
    """What stands in a question's way, and when to come again."""

    obstacle: Obstacle
    wait: timedelta


def call_of(query: Query) -> DeliveryId:
    """Return the name under which a gate knows this call."""
    return DeliveryId(query.id)


def lane_of(query: Query) -> DossierId:
    """Return what stands where a delivery's dossier does: one thing asked for again and again accuses nobody."""
    return DossierId(hashlib.sha256(f"{query.operation} {query.subject}".encode()).hexdigest())


def bar_of(gate: Gate, query: Query, now: datetime) -> Bar | None:
    """Return what stands in a question's way before its turn is waited for."""
    if gate.admits(call_of(query)):
        return None
    if gate.pause is not None or gate.refuses_all:
        return Bar(Obstacle.PAUSED, _WHILE_PAUSED)
    if not gate.takes_calls():
        return Bar(Obstacle.CLOSED, _opens_at(gate, now) - now)
    next_try = gate.sky().next_try_at
    return Bar(Obstacle.OPEN, next_try - now if next_try is not None else _SOON)


def turn_of(gate: Gate) -> Bar:
    """Return when a call's turn comes that did not come at once."""
    return Bar(Obstacle.BUSY, timedelta(seconds=gate.again_in() or 0))


def _opens_at(gate: Gate, now: datetime) -> datetime:
    """Return when a call may begin again: at the next opening, also where it is open for too short a while."""
    window = gate.terms.window
    closing = window.closes_at(now)
    return window.opens_at(closing if closing is not None else now) or now


def learn_from_answer(gate: Gate, query: Query, answer: Answer) -> None:
    """Tell the gate how a question ended."""
    gate.learn(call_of(query), lane_of(query), sign_of_answer(answer), why_of(answer) or Why.NOT_SENT)


def why_of(answer: Answer) -> Why | None:
    """Return why there is no answer, where there is none."""
    return answer.reason.code if isinstance(answer, Declined | Unanswered) else None


def tell_query(metrics: Metrics, query: Query, answer: Answer | None, seconds: float) -> None:
    """Log the event ``query`` and measure ``queries_total`` and ``query_seconds``: never what was asked or said."""
    facts = _facts(answer)
    _log.info(
        "query",
        query_id=query.id,
        system=query.system,
        operation=query.operation,
        duration_ms=round(seconds * 1000, 1),
        trace_id=get_contextvars().get("trace_id", ""),
        **facts,
    )
    metrics.count("queries_total", system=query.system, outcome=str(facts["outcome"]))
    metrics.observe("query_seconds", seconds, system=query.system)


def _facts(answer: Answer | None) -> dict[str, object]:
    if answer is None:
        return {"outcome": "cancelled"}
    why = why_of(answer)
    return {
        "outcome": str(state_of(answer)),
        "reason": str(why) if why else None,
        "http_status": answer.trace.http_status,
    }
