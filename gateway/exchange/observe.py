"""One canonical log line and three measurements per attempt: ids, codes and digests, never what was said."""

from __future__ import annotations

import asyncio

import structlog
from structlog.contextvars import get_contextvars
from structlog.typing import FilteringBoundLogger

from gateway.core.delivery import Delivery
from gateway.core.outcome import Result
from gateway.core.reason import Reason
from gateway.exchange.signature import Exchange, T
from gateway.ports.clock import Clock
from gateway.ports.metrics import Metrics

_log: FilteringBoundLogger = structlog.get_logger()


def observe(inner: Exchange[Delivery, T], clock: Clock, metrics: Metrics) -> Exchange[Delivery, T]:
    """Log the event ``attempt`` and measure ``relay_attempts_total`` and ``relay_attempt_seconds``."""

    async def observed(delivery: Delivery, *, deadline: float) -> T:
        started = clock.monotonic()
        try:
            result = await inner(delivery, deadline=deadline)
        except asyncio.CancelledError:
            _tell(delivery, {"outcome": "cancelled"}, clock.monotonic() - started, metrics)
            raise
        _tell(delivery, _facts(result), clock.monotonic() - started, metrics)
        return result

    return observed


def outcome_of(result: Result) -> str:
    """Return the result's name as records, logs and metrics spell it, such as ``delivered``."""
    return type(result).__name__.lower()


def reason_of(result: Result) -> Reason | None:
    """Return why, where the result says it."""
    reason: object = getattr(result, "reason", None)
    return reason if isinstance(reason, Reason) else None


def _facts(result: Result) -> dict[str, object]:
    reason = reason_of(result)
    return {
        "outcome": outcome_of(result),
        "reason": str(reason.code) if reason else None,
        "http_status": result.trace.http_status,
    }


def _tell(delivery: Delivery, facts: dict[str, object], seconds: float, metrics: Metrics) -> None:
    message = delivery.message
    _log.info(
        "attempt",
        dossier=message.codes[0].value if message.codes else None,
        message=message.id,
        delivery=delivery.id,
        system=delivery.destination,
        kind=message.kind,
        step=str(delivery.step),
        attempt=delivery.tries + 1,
        duration_ms=round(seconds * 1000, 1),
        trace_id=get_contextvars().get("trace_id", ""),
        **facts,
    )
    outcome = str(facts["outcome"])
    metrics.count("relay_attempts_total", system=delivery.destination, outcome=outcome)
    metrics.observe("relay_attempt_seconds", seconds, system=delivery.destination)
