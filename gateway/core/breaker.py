"""A circuit breaker: stops calling a system that answers nobody, and finds out with one call whether it answers again.

A value: every event returns the breaker as it stands after it. Times are monotonic seconds of one node.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from gateway.core.ids import DeliveryId, DossierId
from gateway.core.reason import Why
from gateway.core.suspicion import NO_SUSPICION, Suspicion

_LARGEST_EXPONENT = 32


class Phase(StrEnum):
    """Whether a system is called."""

    CLOSED = "closed"  #: it is: nothing is known against it
    OPEN = "open"  #: it is not: it answers nobody
    HALF_OPEN = "half_open"  #: one delivery may find out


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """When to stop calling a system, and when to try again."""

    failures: int = 5  #: without an answer between them
    lanes: int = 3  #: so many different ones among the failures
    sample: int = 20  #: or, of so many last exchanges …
    ratio: float = 0.5  #: … this share failed
    first_open: timedelta = timedelta(seconds=10)
    factor: float = 2.0
    longest_open: timedelta = timedelta(minutes=5)

    def open_for(self, times: int, jitter: float) -> float:
        """Return for how many seconds it stays open the so-manieth time in a row; jitter takes up to a quarter off."""
        seconds = self.first_open.total_seconds() * self.factor ** min(max(times - 1, 0), _LARGEST_EXPONENT)
        return min(seconds, self.longest_open.total_seconds()) * (1 - jitter / 4)

    def is_too_much(self, known: Suspicion) -> bool:
        """Whether so much is known against a system that it must be left alone."""
        if known.failures >= self.failures and len(known.failing) >= self.lanes:
            return True
        failed, lanes = known.share()
        return len(known.recent) >= self.sample and failed >= self.ratio * self.sample and lanes >= self.lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """One system's breaker."""

    policy: BreakerPolicy = field(default_factory=BreakerPolicy)
    phase: Phase = Phase.CLOSED
    at: float = 0.0  #: open: since when
    until: float = 0.0  #: open: when it may be tried again
    earliest: float = 0.0  #: open: when it may be, once the system has called us
    opened: int = 0  #: how often in a row
    reason: Why | None = None  #: of the failure that opened it
    probe: DeliveryId | None = None  #: half open: the one delivery that finds out
    ramp: int | None = None  #: closed after an outage: how many exchanges at once, one more with each answer
    suspicion: Suspicion = NO_SUSPICION

    def allows(self, concurrency: int) -> int:
        """Return how many exchanges may be under way at once."""
        match self.phase:
            case Phase.CLOSED:
                return concurrency if self.ramp is None else min(self.ramp, concurrency)
            case Phase.OPEN:
                return 0
            case Phase.HALF_OPEN:
                return 1

    def admits(self, delivery: DeliveryId) -> bool:
        """Whether this delivery may be sent now."""
        if self.phase is Phase.HALF_OPEN:
            return self.probe in {None, delivery}
        return self.phase is Phase.CLOSED

    def taken(self, delivery: DeliveryId) -> Breaker:
        """Let this delivery be the probe, where one is wanted and nobody is it yet."""
        wanted = self.phase is Phase.HALF_OPEN and self.probe is None
        return replace(self, probe=delivery) if wanted else self

    def given_back(self, delivery: DeliveryId) -> Breaker:
        """Take the probe back from a delivery that ended without finding out."""
        return replace(self, probe=None) if self.probe == delivery else self

    def is_ripe(self, now: float) -> bool:
        """Whether it has been open for long enough."""
        return self.phase is Phase.OPEN and now >= self.until

    def heard(self, now: float) -> Breaker:
        """Take note that the system called us: it may be tried sooner, once a quarter of the wait is over.

        A system that calls but does not answer is tried more often so, but ever more rarely all the same.
        """
        sooner = max(now, self.earliest)
        return replace(self, until=sooner) if self.phase is Phase.OPEN and sooner < self.until else self

    def half_opened(self) -> Breaker:
        """Let one delivery find out; only an open breaker is changed."""
        if self.phase is not Phase.OPEN:
            return self
        return replace(self, phase=Phase.HALF_OPEN, probe=None)

    def reopened(self, now: float, jitter: float, reason: Why | None = None) -> Breaker:
        """Stay away for longer: it still does not answer."""
        return self._open(reason or self.reason, now, jitter)

    def answered(self, lane: DossierId, concurrency: int) -> Breaker:
        """Take note that the system answered, whatever it said."""
        match self.phase:
            case Phase.CLOSED:
                return self._proven(lane, concurrency)
            case Phase.OPEN:
                return self.half_opened()
            case Phase.HALF_OPEN:
                return self.relieved(concurrency)

    def relieved(self, concurrency: int) -> Breaker:
        """Let the system be called more and more: it was seen to answer again, by whomever."""
        return Breaker(policy=self.policy, ramp=_next(1, concurrency))

    def failed(self, delivery: DeliveryId, lane: DossierId, reason: Why, *, now: float, jitter: float) -> Breaker:
        """Take note that it did not answer; of exchanges that began before it opened nothing more is learnt."""
        match self.phase:
            case Phase.CLOSED:
                return self._suspected(lane, reason, now, jitter)
            case Phase.OPEN:
                return self
            case Phase.HALF_OPEN:
                return self._open(reason, now, jitter) if self.probe == delivery else self

    def _proven(self, lane: DossierId, concurrency: int) -> Breaker:
        if self.ramp is None and self.suspicion is NO_SUSPICION:
            return self
        suspicion = self.suspicion.answered(lane, self.policy.sample)
        return replace(self, ramp=_next(self.ramp, concurrency), suspicion=suspicion)

    def _suspected(self, lane: DossierId, reason: Why, now: float, jitter: float) -> Breaker:
        suspicion = self.suspicion.failed(lane, self.policy.sample)
        if self.policy.is_too_much(suspicion):
            return self._open(reason, now, jitter)
        return replace(self, suspicion=suspicion)

    def _open(self, reason: Why | None, now: float, jitter: float) -> Breaker:
        opened = self.opened + 1
        wait = self.policy.open_for(opened, jitter)
        return Breaker(
            policy=self.policy,
            phase=Phase.OPEN,
            at=now,
            until=now + wait,
            earliest=now + wait / 4,
            opened=opened,
            reason=reason,
        )


def _next(ramp: int | None, concurrency: int) -> int | None:
    """Let one more through at once with each answer: twice as many with each round of answers."""
    return None if ramp is None or ramp >= concurrency else ramp + 1
