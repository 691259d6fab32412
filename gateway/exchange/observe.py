"""One canonical log line and the measurements of each exchange: ids, codes and digests, never what was said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from structlog.contextvars import get_contextvars
from structlog.typing import FilteringBoundLogger

from gateway.core.delivery import Delivery
from gateway.core.outcome import Result, outcome_of, reason_of
from gateway.exchange.signature import Exchange, R, S
from gateway.ports.clock import Clock
from gateway.ports.metrics import Metrics

_log: FilteringBoundLogger = structlog.get_logger()


def observe(inner: Exchange[S, R], tell: Callable[[S, R | None, float], None], clock: Clock) -> Exchange[S, R]:
    """Tell how an exchange ended, None where it was cancelled, and after how many seconds."""

    async def observed(subject: S, *, deadline: float) -> R:
        started = clock.monotonic()
        try:
            result = await inner(subject, deadline=deadline)
        except asyncio.CancelledError:
            tell(subject, None, clock.monotonic() - started)
            raise
        tell(subject, result, clock.monotonic() - started)
        return result

    return observed


def tell_attempt(metrics: Metrics, delivery: Delivery, result: Result | None, seconds: float) -> None:
    """Log the event ``attempt`` and measure ``relay_attempts_total`` and ``relay_attempt_seconds``."""
    message, facts = delivery.message, _facts(result)
    _log.info(
        "attempt",
        dossier=message.codes[0].value if message.codes else None,
        message=message.id,
        delivery=delivery.id,
        system=delivery.destination,
        kind=delivery.kind,
        step=str(delivery.step),
        attempt=delivery.tries + 1,
        duration_ms=round(seconds * 1000, 1),
        trace_id=get_contextvars().get("trace_id", ""),
        **facts,
    )
    metrics.count("relay_attempts_total", system=delivery.destination, outcome=str(facts["outcome"]))
    metrics.observe("relay_attempt_seconds", seconds, system=delivery.destination)


def _facts(result: Result | None) -> dict[str, object]:
    if result is None:
        return {"outcome": "cancelled"}
    reason = reason_of(result)
    return {
        "outcome": outcome_of(result),
        "reason": str(reason.code) if reason else None,
        "http_status": result.trace.http_status,
    }
