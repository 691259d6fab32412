"""How a system stands at one moment, in one word and with everything that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.core.breaker import Phase
from gateway.core.reason import Why
from gateway.core.terms import Terms
from gateway.core.weather import Pause, Tally


class Condition(StrEnum):
    """The one word; the first that fits, in this order. Each has words in the catalogue under ``condition``."""

    PAUSED = "paused"  #: somebody stopped the calls
    CLOSED = "closed"  #: its window is
    OPEN = "open"  #: its breaker is: it answers nobody
    HALF_OPEN = "half_open"  #: one delivery finds out
    SLOW_START = "slow_start"  #: it answers again, and is called more and more
    CLEAR = "clear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """One system at one moment."""

    condition: Condition
    since: datetime | None  #: of the pause, or of the breaker's state
    terms: Terms
    tally: Tally
    pause: Pause | None
    allowed: int  #: exchanges at once, now
    next_try_at: datetime | None = None  #: an open breaker's
    window_opens_at: datetime | None = None
    window_closes_at: datetime | None = None

    @property
    def reason(self) -> Why | None:
        """Return why its breaker is not closed."""
        return self.tally.reason if self.tally.phase is not Phase.CLOSED else None


def sky_of(
    terms: Terms,
    tally: Tally,
    pause: Pause | None,
    now: datetime,
    *,
    allowed: int | None = None,
    next_try_at: datetime | None = None,
) -> Sky:
    """Return how a system stands; ``allowed`` and ``next_try_at`` only the node knows that calls it."""
    opens_at = terms.window.opens_at(now)
    slow = allowed is not None and allowed < terms.concurrency
    condition = _condition(tally.phase, is_paused=pause is not None, is_closed=opens_at is not None, is_slow=slow)
    return Sky(
        condition=condition,
        since=pause.since if pause is not None else tally.since,
        terms=terms,
        tally=tally,
        pause=pause,
        allowed=0 if condition in {Condition.PAUSED, Condition.CLOSED} else _or(allowed, terms.concurrency),
        next_try_at=next_try_at,
        window_opens_at=opens_at,
        window_closes_at=terms.window.closes_at(now),
    )


def _condition(phase: Phase, *, is_paused: bool, is_closed: bool, is_slow: bool) -> Condition:
    if is_paused:
        return Condition.PAUSED
    if is_closed:
        return Condition.CLOSED
    if phase is not Phase.CLOSED:
        return Condition.OPEN if phase is Phase.OPEN else Condition.HALF_OPEN
    return Condition.SLOW_START if is_slow else Condition.CLEAR


def _or(given: int | None, otherwise: int) -> int:
    return otherwise if given is None else given
