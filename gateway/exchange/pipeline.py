"""What stands between the relay and an adapter, listed once, in order: observe, breaker, limit, deadline, guard."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

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
from gateway.core.reason import Reason, Why
from gateway.exchange.breaker import breaker
from gateway.exchange.deadline import deadline
from gateway.exchange.gate import Gate
from gateway.exchange.guard import guard
from gateway.exchange.limit import limit
from gateway.exchange.observe import observe
from gateway.exchange.signature import Exchange, R, Verdicts
from gateway.ports.adapter import Adapter, Looks, Rehearses
from gateway.ports.clock import Clock
from gateway.ports.metrics import Metrics

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The only way to an adapter: bounded, observed, and never raising for what an adapter does."""

    send: Exchange[Outcome]
    lookup: Exchange[Finding]  #: Unknown(LOOKUP_MISSING) where the adapter cannot look up this kind
    rehearse: Exchange[Shadowed | Outcome]

    @classmethod
    def for_system(cls, adapter: Adapter, *, gate: Gate, clock: Clock, metrics: Metrics) -> Pipeline:
        """Wrap one system's adapter; as many exchanges of any sort run at once as its terms allow."""
        room = asyncio.Semaphore(gate.terms.concurrency)

        def wrap(call: Exchange[R], verdicts: Verdicts[R]) -> Exchange[R]:
            guarded = guard(call, verdicts)
            bounded = deadline(guarded, verdicts, clock)
            limited = limit(bounded, verdicts, room, clock)
            return observe(breaker(limited, gate), clock, metrics)

        return cls(
            send=wrap(adapter.send, _SENDING),
            lookup=wrap(_lookup_of(adapter), _LOOKING),
            rehearse=wrap(_rehearsal_of(adapter), _REHEARSING),
        )


def _lookup_of(adapter: Adapter) -> Exchange[Finding]:
    async def lookup(delivery: Delivery, *, deadline: float) -> Finding:
        if isinstance(adapter, Looks) and adapter.looks_up(delivery.message.kind):
            return await adapter.lookup(delivery, deadline=deadline)
        return Unknown(reason=Reason(Why.LOOKUP_MISSING))

    return lookup


def _rehearsal_of(adapter: Adapter) -> Exchange[Shadowed | Outcome]:
    """Rehearse if the adapter can; one that cannot is not asked to send either."""

    async def rehearse(delivery: Delivery, *, deadline: float) -> Shadowed | Outcome:
        del deadline  # nothing leaves, so the wrapper's own deadline is all there is
        return await adapter.rehearse(delivery) if isinstance(adapter, Rehearses) else Shadowed()

    return rehearse
