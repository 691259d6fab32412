"""An adapter that fails has not delivered: what it had sent by then is unknown (guarantee G5)."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.reason import Reason, Why
from gateway.exchange.signature import Exchange, R, S, Verdicts

_log: FilteringBoundLogger = structlog.get_logger()


def guard(inner: Exchange[S, R], verdicts: Verdicts[R], names: Callable[[S], Mapping[str, str]]) -> Exchange[S, R]:
    """Turn whatever the adapter raises, and whatever is not an answer, into doubt; ``names`` are for the log."""

    async def guarded(subject: S, *, deadline: float) -> R:
        try:
            result = await inner(subject, deadline=deadline)
        except Exception as bug:  # noqa: BLE001 - any bug of an adapter becomes an outcome
            return _doubt(verdicts, names(subject), type(bug).__name__, place_of(bug))
        if isinstance(result, verdicts.kinds):
            return result
        return _doubt(verdicts, names(subject), type(result).__name__, "returned")

    return guarded


def place_of(error: BaseException) -> str:
    """Return ``file:line function`` of where it was raised: its text may hold what must not be logged."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno} {frames[-1].name}" if frames else ""


def _doubt(verdicts: Verdicts[R], names: Mapping[str, str], error: str, where: str) -> R:
    _log.error("adapter_bug", error=error, where=where, **names)
    return verdicts.unsure(Reason(Why.ADAPTER_BUG, error))
