"""An adapter that fails has not delivered: what it had sent by then is unknown (guarantee G5)."""

from __future__ import annotations

import traceback

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.delivery import Delivery
from gateway.core.reason import Reason, Why
from gateway.exchange.signature import Exchange, R, Verdicts

_log: FilteringBoundLogger = structlog.get_logger()


def guard(inner: Exchange[R], verdicts: Verdicts[R]) -> Exchange[R]:
    """Turn whatever the adapter raises, and whatever is not an answer, into doubt."""

    async def guarded(delivery: Delivery, *, deadline: float) -> R:
        try:
            result = await inner(delivery, deadline=deadline)
        except Exception as bug:  # noqa: BLE001 - any bug of an adapter becomes an outcome
            return _doubt(verdicts, delivery, type(bug).__name__, place_of(bug))
        if isinstance(result, verdicts.kinds):
            return result
        return _doubt(verdicts, delivery, type(result).__name__, "returned")

    return guarded


def place_of(error: BaseException) -> str:
    """Return ``file:line function`` of where it was raised: its text may hold what must not be logged."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno} {frames[-1].name}" if frames else ""


def _doubt(verdicts: Verdicts[R], delivery: Delivery, error: str, where: str) -> R:
    _log.error("adapter_bug", system=delivery.destination, delivery=delivery.id, error=error, where=where)
    return verdicts.unsure(Reason(Why.ADAPTER_BUG, error))
