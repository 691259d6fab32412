"""What stands between the relay and an adapter, listed once, in order: observe, breaker, limit, deadline, guard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from gateway.core.delivery import Delivery
from gateway.core.outcome import (
    Absent,
    Ambiguous,
    Blame,
    Delivered,
    Finding,
    Outcome,
    Rejected,
    Retryable,
    Shadowed,
    Unknown,
)
from gateway.core.query import Answer, Declined, Found, Nothing, Query, Unanswered
from gateway.core.reason import Reason, Why
from gateway.exchange.asking import learn_from_answer, tell_query
from gateway.exchange.breaker import breaker
from gateway.exchange.deadline import deadline
from gateway.exchange.gate import Gate
from gateway.exchange.guard import guard
from gateway.exchange.limit import limit
from gateway.exchange.observe import observe, tell_attempt
from gateway.exchange.signature import Exchange, R, S, T, Verdicts
from gateway.ports.adapter import Adapter, Looks, Queries, Rehearses
from gateway.ports.clock import Clock
from gateway.ports.metrics import Metrics

Names: TypeAlias = Mapping[str, str]

_SENDING: Verdicts[Outcome] = Verdicts(
    kinds=(Delivered, Retryable, Rejected, Ambiguous),
    unsent=lambda reason: Retryable(reason=reason),
    unsure=lambda reason: Ambiguous(reason=reason),
)
_LOOKING: Verdicts[Finding] = Verdicts(
    kinds=(Delivered, Rejected, Absent, Unknown),
    unsent=lambda reason: Unknown(reason=reason),
    unsure=lambda reason: Unknown(reason=reason),
)


def _again(reason: Reason) -> Retryable:
    return Retryable(reason=reason, blame=Blame.MESSAGE)


#: A rehearsal sends nothing, so a failed one is never in doubt.
_REHEARSING: Verdicts[Shadowed | Outcome] = Verdicts(
    kinds=(Shadowed, Rejected, Retryable),
    unsent=_again,
    unsure=_again,
)
#: A question has no effect, so there is no doubt about one: there is an answer, or there is none.
_ASKING: Verdicts[Answer] = Verdicts(
    kinds=(Found, Nothing, Declined, Unanswered),
    unsent=lambda reason: Unanswered(reason=reason),
    unsure=lambda reason: Unanswered(reason=reason),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The only way to an adapter: bounded, observed, and never raising for what an adapter does."""

    send: Exchange[Delivery, Outcome]
    lookup: Exchange[Delivery, Finding]  #: Unknown(LOOKUP_MISSING) where the adapter cannot look up this kind
    rehearse: Exchange[Delivery, Shadowed | Outcome]
    query: Exchange[Query, Answer]  #: Unanswered(NO_OPERATION) where the adapter answers no questions

    @classmethod
    def for_system(
        cls, adapter: Adapter, *, gate: Gate, clock: Clock, metrics: Metrics, at_once: int | None = None
    ) -> Pipeline:
        """Wrap one system's adapter; so many exchanges of any sort run at once, else as many as its terms allow."""
        room = asyncio.Semaphore(at_once or gate.terms.concurrency)

        def limited(call: Exchange[S, R], verdicts: Verdicts[R], names: Callable[[S], Names]) -> Exchange[S, R]:
            guarded = guard(call, verdicts, names)
            bounded = deadline(guarded, verdicts, clock)
            return limit(bounded, verdicts, room, clock)

        def wrap(call: Exchange[Delivery, T], verdicts: Verdicts[T]) -> Exchange[Delivery, T]:
            learning = breaker(limited(call, verdicts, _delivery), gate.record)
            return observe(learning, partial(tell_attempt, metrics), clock)

        asking = breaker(limited(_question_to(adapter), _ASKING, _query), partial(learn_from_answer, gate))
        return cls(
            send=wrap(adapter.send, _SENDING),
            lookup=wrap(_lookup_of(adapter), _LOOKING),
            rehearse=wrap(_rehearsal_of(adapter), _REHEARSING),
            query=observe(asking, partial(tell_query, metrics), clock),
        )


def _delivery(delivery: Delivery) -> Names:
    return {"system": delivery.destination, "delivery": delivery.id}


def _query(query: Query) -> Names:
    return {"system": query.system, "query": query.id}


def _lookup_of(adapter: Adapter) -> Exchange[Delivery, Finding]:
    async def lookup(delivery: Delivery, *, deadline: float) -> Finding:
        if isinstance(adapter, Looks) and adapter.looks_up(delivery.kind):
            return await adapter.lookup(delivery, deadline=deadline)
        return Unknown(reason=Reason(Why.LOOKUP_MISSING))

    return lookup


def _rehearsal_of(adapter: Adapter) -> Exchange[Delivery, Shadowed | Outcome]:
    """Rehearse if the adapter can; one that cannot is not asked to send either."""

    async def rehearse(delivery: Delivery, *, deadline: float) -> Shadowed | Outcome:
        del deadline  # nothing leaves, so the wrapper's own deadline is all there is
        return await adapter.rehearse(delivery) if isinstance(adapter, Rehearses) else Shadowed()

    return rehearse


def _question_to(adapter: Adapter) -> Exchange[Query, Answer]:
    async def query(query: Query, *, deadline: float) -> Answer:
        if isinstance(adapter, Queries):
            return await adapter.query(query, deadline=deadline)
        return Unanswered(reason=Reason(Why.NO_OPERATION))

    return query
