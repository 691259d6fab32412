"""What is done beside the relay, again and again: a fault in it must end nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import Fenced, StoreFull, StoreUnavailable
from gateway.exchange.guard import place_of
from gateway.ports.clock import Clock
from gateway.ports.metrics import Metrics

_log: FilteringBoundLogger = structlog.get_logger()

_AGAIN = 3600.0  #: seconds after which a fault that lasts is told again
_CALM = 600.0  #: seconds since it last failed or was postponed, after which a chore that works is well again


@dataclass(slots=True, kw_only=True)
class _Episode:
    """A chore that fails, or that the store postpones, from the first time until it is well again."""

    times: int = 0
    at: float = 0.0  #: the last time
    told_at: float = 0.0
    faults: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])  #: that were told: class and place

    def add(self, fault: tuple[str, str], now: float) -> bool | None:
        """Count one more; return None where there is nothing to tell, else whether the fault is new."""
        self.times += 1
        self.at = now
        is_new = fault not in self.faults
        if not is_new and now - self.told_at < _AGAIN:
            return None
        self.faults.add(fault)
        self.told_at = now
        return is_new


class Chores:
    """Does chores, some of them every second, and tells each fault when it begins, hourly, and when it is over."""

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock = clock
        self._metrics = metrics
        self._failing: dict[str, _Episode] = {}
        self._postponed: dict[str, _Episode] = {}

    async def every(self, seconds: float, chore: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do a chore at once, then again and again, until cancelled. Raises Fenced."""
        while True:
            await self.attempt(chore, work)
            await self._clock.sleep(seconds)

    async def attempt(self, chore: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do a chore once. A store that is away postpones it; a fault of our own is told, with an alert. Raises Fenced.

        One row that nobody can read would otherwise end the relay, and end it again at every start.
        """
        try:
            await work()
        except Fenced:
            raise
        except (StoreUnavailable, StoreFull, OSError) as error:
            self._postpone(chore, type(error).__name__)
        except Exception as error:  # noqa: BLE001 - whatever it is, the deliveries are not to blame
            self.failed(chore, error)
        else:
            self.worked(chore)

    def _postpone(self, chore: str, error: str) -> None:
        episode = self._postponed.setdefault(chore, _Episode())
        is_new = episode.add((error, ""), self._clock.monotonic())
        if is_new is not None:
            event = "chore_postponed" if is_new else "chore_stays_postponed"
            _log.warning(event, chore=chore, error=error, times=episode.times)

    def failed(self, chore: str, fault: Exception) -> None:
        """Tell of a fault of our own."""
        error, at = type(fault).__name__, place_of(fault)
        self._metrics.gauge("relay_chore_failing", 1, chore=chore)
        episode = self._failing.setdefault(chore, _Episode())
        is_new = episode.add((error, at), self._clock.monotonic())
        if is_new is not None:
            event = "chore_failed" if is_new else "chore_stays_failed"
            _log.error(event, chore=chore, error=error, at=at, times=episode.times, alert=True)

    def worked(self, chore: str) -> None:
        """Tell that a chore which failed, or was postponed, is well again, once it is."""
        if (failed := self._ended(self._failing, chore)) is not None:
            self._metrics.gauge("relay_chore_failing", 0, chore=chore)
            _log.info("chore_resolved", chore=chore, times=failed.times, alert=True)
        if (postponed := self._ended(self._postponed, chore)) is not None:
            _log.info("chore_resumed", chore=chore, times=postponed.times)

    def _ended(self, episodes: dict[str, _Episode], chore: str) -> _Episode | None:
        """Return what is over, now that the chore has worked, and forget it."""
        episode = episodes.get(chore)
        if episode is None or self._clock.monotonic() - episode.at < _CALM:
            return None
        return episodes.pop(chore)
