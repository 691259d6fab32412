"""Waits of seconds inside the process, for a store that does not answer. A dossier's own waits are rows."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import StoreFull, StoreUnavailable
from gateway.ports.clock import Clock

T = TypeVar("T")
_log: FilteringBoundLogger = structlog.get_logger()

_FIRST = 0.1
_LONGEST = 5.0


def waits() -> Iterator[float]:
    """Return growing waits in seconds, without end: 0.1, 0.2, … 5."""
    return (min(_FIRST * 2.0**number, _LONGEST) for number in itertools.count())


async def insist(
    call: Callable[[], Awaitable[T]],
    *,
    what: str,
    until: float,
    clock: Clock,
) -> T:
    """Repeat while the store is unavailable or full; past ``until`` (monotonic seconds) its last error is raised."""
    longer = waits()
    while True:
        try:
            return await call()
        except (StoreUnavailable, StoreFull) as error:
            wait = next(longer)
            _log.warning("store_unavailable", what=what, error=type(error).__name__, again_in=wait)
            if clock.monotonic() + wait >= until:
                raise
        await clock.sleep(wait)
