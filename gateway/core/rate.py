"""A rate limit: so many calls in a period, evenly; a few at once after a rest, where a burst is allowed.

A token bucket as a value. Times are monotonic seconds. In any stretch of ``t`` seconds it lets through at most
``burst + t * calls / period`` calls; with a burst of 1, at most ``calls`` in any period.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

#: What a float may lose when a token's time is computed and looked at again.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many calls per period; ``burst`` of them at once."""

    calls: int
    period: timedelta
    burst: int = 1

    @property
    def interval(self) -> float:
        """Return the seconds in which one call is earned."""
        return self.period.total_seconds() / self.calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Begins empty: a process that is started again and again is no way round the limit."""

    rate: Rate
    tokens: float = 0.0
    at: float = 0.0  #: when the tokens were counted

    def take(self, now: float, share: float = 1.0) -> Bucket | None:
        """Return the bucket after one call, or None where none is allowed yet; ``share`` (0, 1] earns more slowly."""
        filled = self.filled(now, share)
        if filled.tokens < 1 - _ROUNDING:
            return None
        return replace(filled, tokens=max(filled.tokens - 1, 0.0))

    def wait(self, now: float, share: float = 1.0) -> float:
        """Return the seconds until one call is allowed."""
        missing = 1 - self.filled(now, share).tokens
        return missing * self.rate.interval / share if missing > _ROUNDING else 0.0

    def within(self, now: float, seconds: float, share: float = 1.0) -> int:
        """Return how many calls will have been allowed in so many seconds from now, if none is made before."""
        return int(self.filled(now + seconds, share).tokens + _ROUNDING)

    def filled(self, now: float, share: float = 1.0) -> Bucket:
        """Return the bucket with what was earned until now."""
        earned = max(now - self.at, 0.0) * share / self.rate.interval
        return replace(self, tokens=min(self.tokens + earned, float(self.rate.burst)), at=max(now, self.at))
