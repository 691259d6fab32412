"""What is done beside the relay, again and again: a fault in it must end nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import Fenced, StoreFull, StoreUnavailable
from gateway.exchange.guard import place_of
from gateway.ports.clock import Clock

_log: FilteringBoundLogger = structlog.get_logger()

_AGAIN = 3600.0  #: seconds after which a fault that lasts is told again
_CALM = 600.0  #: seconds since the last fault, after which a chore that works is well again


@dataclass(slots=True, kw_only=True)
class _Episode:
    """A chore that fails, from its first fault until it is well again."""

    times: int = 0
    failed_at: float = 0.0
    told_at: float = 0.0
    faults: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])  #: that were told: class and place


class Chores:
    """Does chores, some of them every second, and tells each fault when it begins, hourly, and when it is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failing: dict[str, _Episode] = {}

    async def attempt(self, chore: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do a chore once. A store that is away postpones it; a fault of our own is told, with an alert. Raises Fenced.

        One row that nobody can read would otherwise end the relay, and end it again at every start.
        """
        try:
            await work()
        except Fenced:
            raise
        except (StoreUnavailable, StoreFull, OSError) as error:
            _log.warning("chore_postponed", chore=chore, error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - whatever it is, the deliveries are not to blame
            self._failed(chore, type(error).__name__, place_of(error))
        else:
            self._worked(chore)

    def _failed(self, chore: str, error: str, at: str) -> None:
        now = self._clock.monotonic()
        episode = self._failing.setdefault(chore, _Episode())
        episode.times += 1
        episode.failed_at = now
        if (error, at) not in episode.faults:
            episode.faults.add((error, at))
            _log.error("chore_failed", chore=chore, error=error, at=at, alert=True)
        elif now - episode.told_at >= _AGAIN:
            _log.error("chore_stays_failed", chore=chore, error=error, at=at, times=episode.times, alert=True)
        else:
            return
        episode.told_at = now

    def _worked(self, chore: str) -> None:
        episode = self._failing.get(chore)
        if episode is not None and self._clock.monotonic() - episode.failed_at >= _CALM:
            del self._failing[chore]
            _log.info("chore_resolved", chore=chore, times=episode.times, alert=True)
