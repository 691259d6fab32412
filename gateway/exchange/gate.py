"""What stands before one system: its breaker, its window, its pause and its rate, as this node sees them.

Every call asks it before its first byte, and tells it how it ended. The decisions are the core's; this holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.breaker import Breaker, Phase
from gateway.core.delivery import Delivery
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.core.outcome import Ambiguous, Result, reason_of
from gateway.core.rate import Bucket
from gateway.core.reason import Why
from gateway.core.refusals import NO_REFUSALS, Refusals
from gateway.core.share import Share
from gateway.core.signs import Sign, sign_of
from gateway.core.sky import Sky, sky_of
from gateway.core.terms import Terms
from gateway.core.weather import Pause, Tally
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.ports.metrics import Metrics

_log: FilteringBoundLogger = structlog.get_logger()

_AHEAD = 1.0  #: seconds: what may be called so soon is claimed already
_PATIENCE = 2.0  #: seconds that a call waits for its turn before it is given back


def nobody() -> None:
    """Tell nobody."""


class Gate:
    """One per system and node."""

    def __init__(self, system: SystemId, terms: Terms, *, clock: Clock, ids: Ids, metrics: Metrics) -> None:
        self.system = system
        self.terms = terms
        self.on_change: Callable[[], None] = nobody  #: rung when more, or less, may be called than before
        self._clock = clock
        self._ids = ids
        self._metrics = metrics
        self._breaker = Breaker(policy=terms.breaker)
        self._bucket = self._empty()
        self._shared = Share()
        self.seats = self._own_seats()  #: how many exchanges at once are this node's, of what the system allows all
        self._pause: Pause | None = None
        self._refusals = NO_REFUSALS
        self._doubted = ""
        self._is_called = False  #: its gauges show an episode and a pause
        self._was_open = True  #: its window, at the last look
        self._since: datetime | None = None
        self._answered_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._failure: Why | None = None

    def begin(self, tally: Tally) -> None:
        """Begin an incarnation with how the one before saw the system: what was open is tried at once."""
        self._since, self._failure = tally.since, tally.failure
        self._answered_at, self._failed_at = tally.answered_at, tally.failed_at
        self._bucket = self._empty()
        self._refusals = NO_REFUSALS
        breaker = Breaker(policy=self.terms.breaker)
        if tally.phase is not Phase.CLOSED:
            now = self._clock.monotonic()
            breaker = replace(breaker, phase=Phase.OPEN, at=now, until=now, opened=tally.opened, reason=tally.reason)
        self._breaker = breaker

    def join(self) -> None:
        """Show how the system stands from now on: it is called."""
        self._is_called = True
        self._show()

    def leave(self) -> None:
        """Show nothing any more: nobody calls the system, so that no episode would end."""
        self._is_called = False
        self._show()

    def turn(self, terms: Terms, *, moved: bool) -> None:
        """Go on by other terms; what is known of the system stays, unless it has moved: then it is another server."""
        is_same = terms.rate == self.terms.rate
        self.terms = terms
        self.seats = self._own_seats()
        self._bucket = self._bucket if is_same else self._empty()
        if moved:
            self._refusals = NO_REFUSALS
            self._become(Breaker(policy=terms.breaker))
        else:
            self._breaker = replace(self._breaker, policy=terms.breaker)
        self.on_change()

    # --- what may be called

    @property
    def breaker(self) -> Breaker:
        """Return the breaker as it stands."""
        return self._breaker

    @property
    def pause(self) -> Pause | None:
        """Return the pause in force."""
        return self._pause

    @property
    def tally(self) -> Tally:
        """Return how this node sees the system."""
        breaker = self._breaker
        return Tally(
            phase=breaker.phase,
            since=self._since,
            opened=breaker.opened,
            reason=breaker.reason,
            answered_at=self._answered_at,
            failed_at=self._failed_at,
            failure=self._failure,
        )

    def sky(self) -> Sky:
        """Return how the system stands now."""
        breaker, now = self._breaker, self._clock.now()
        waits = max(breaker.until - self._clock.monotonic(), 0.0)
        return sky_of(
            self.terms,
            self.tally,
            self._pause,
            now,
            allowed=breaker.allows(self.terms.concurrency),
            next_try_at=now + timedelta(seconds=waits) if breaker.phase is Phase.OPEN else None,
        )

    def takes_calls(self) -> bool:
        """Whether nobody paused the system, and a call that begins now ends before its window closes."""
        window = self.terms.window
        is_open = window.hours is None or window.admits(self._clock.now(), self.terms.exchange)
        return is_open and self._pause is None and not self.refuses_all

    @property
    def refuses_all(self) -> bool:
        """Whether the system refuses everything: it is called no more until somebody has paused and resumed it."""
        return 0 < self.terms.refusals <= len(self._refusals.deliveries)

    @property
    def refused(self) -> tuple[DeliveryId, ...]:
        """Return what it has refused alike since it last took something."""
        return tuple(self._refusals.deliveries.values())

    @property
    def doubted(self) -> str:
        """Return the kind of the delivery that was to find out whether it answers again, and is in doubt now itself."""
        return self._doubted

    def free(self, in_hand: int, uncalled: int) -> int:
        """Return how many more deliveries may be taken on; of those in hand, so many have not been called for yet."""
        if not self.takes_calls():
            return 0
        free = min(self._breaker.allows(self.seats), self.seats) - in_hand
        if self._bucket is not None:
            earned = self._bucket.within(self._clock.monotonic(), _AHEAD, self._share())
            free = min(free, earned - uncalled)
        return max(free, 0)

    def admits(self, delivery: DeliveryId) -> bool:
        """Whether this delivery, which was taken on earlier, may still be sent."""
        return self._breaker.admits(delivery) and self.takes_calls()

    async def enter(self, delivery: DeliveryId) -> bool:
        """Wait for this delivery's turn, a moment before its first byte; False where it must be given back."""
        while self.admits(delivery):
            wait = self._wait()
            if not wait:
                self._breaker = self._breaker.taken(delivery)
                return True
            if wait > _PATIENCE:
                return False
            await self._clock.sleep(wait)
        return False

    async def enter_call(self, *, is_probe: bool = False) -> bool:
        """Wait for the turn of a call that is no delivery; False where none may be made now.

        What is half open may be polled; what is open may only be probed.
        """
        while self.takes_calls() and (is_probe or self._breaker.phase is not Phase.OPEN):
            wait = self._wait()
            if not wait:
                return True
            await self._clock.sleep(min(wait, _PATIENCE))
        return False

    def again_in(self) -> float | None:
        """Return the seconds until the rate allows the next call; None where it allows one now."""
        return self._bucket.wait(self._clock.monotonic(), self._share()) or None if self._bucket is not None else None

    # --- what is learnt

    def record(self, delivery: Delivery, result: Result) -> None:
        """Take note of how an exchange about a delivery ended."""
        if self._breaker.probe == delivery.id and isinstance(result, Ambiguous):
            self._doubted = delivery.kind
        refusals = self._refusals.after(delivery, result)
        if self.terms.refusals and refusals is not self._refusals:
            self._learn_refusals(refusals)
        reason = reason_of(result)
        why = reason.code if reason else Why.NOT_SENT
        self.learn(delivery.id, delivery.message.dossier_id, sign_of(result), why)

    def _learn_refusals(self, refusals: Refusals) -> None:
        refused_all, self._refusals = self.refuses_all, refusals
        if self.refuses_all and not refused_all:
            _log.error("system_refuses_all", system=self.system, deliveries=len(self.refused), alert=True)
            self.on_change()

    def learn(self, call: DeliveryId, lane: DossierId, sign: Sign, why: Why) -> None:
        """Take note of what one exchange says about the system."""
        match sign:
            case Sign.ANSWERED:
                self._answered_at = self._clock.now()
                self._become(self._breaker.answered(lane, self.seats))
            case Sign.FAILED:
                self._failed_at, self._failure = self._clock.now(), why
                self._become(self._failed(call, lane, why))
            case Sign.NOTHING:
                pass

    def done(self, delivery: DeliveryId) -> None:
        """Take note that a delivery is in nobody's hands any more, whether it was called for or not."""
        self._breaker = self._breaker.given_back(delivery)

    def heard(self) -> None:
        """Take note that the system called us."""
        breaker = self._breaker.heard(self._clock.monotonic())
        if breaker is not self._breaker:
            self._breaker = breaker
            self.on_change()

    # --- what is decided about it

    def is_ripe(self) -> bool:
        """Whether it is time to find out whether the system answers again."""
        return self.seats > 0 and self._breaker.is_ripe(self._clock.monotonic()) and self.takes_calls()

    def half_open(self) -> None:
        """Let one delivery find out."""
        self._become(self._breaker.half_opened())

    def stay_open(self) -> None:
        """Wait for longer: a harmless call has found that it still does not answer."""
        self._become(self._breaker.reopened(self._clock.monotonic(), self._ids.jitter()))

    def shared(self, share: Share) -> None:
        """Take note of how many nodes call the system."""
        if share != self._shared:
            self._shared = share
            self.seats = self._own_seats()
            self.on_change()

    def told(self, tally: Tally) -> None:
        """Take note of what another node has found out; a system that has just answered this one is not doubted."""
        phase, breaker = self._breaker.phase, self._breaker
        if phase is Phase.CLOSED and tally.phase is Phase.OPEN and not self._answers():
            so_far = replace(breaker, opened=max(tally.opened - 1, 0))
            self._become(so_far.reopened(self._clock.monotonic(), self._ids.jitter(), tally.reason))
        elif phase is not Phase.CLOSED and tally.phase is Phase.CLOSED:
            self._become(breaker.relieved(self.terms.concurrency))  # slowly too where its own seats are still to come

    def paused(self, pause: Pause | None) -> None:
        """Take note of a pause, or of its end."""
        if pause == self._pause:
            return
        before, self._pause = self._pause, pause
        if pause is None:
            self._refusals, self._doubted = NO_REFUSALS, ""
        if (before is None) != (pause is None):
            _log.warning("system_resumed" if pause is None else "system_paused", system=self.system)
        self._show()
        self.on_change()

    def look(self) -> None:
        """Take note of the hour: whether the window has opened or closed since the last look."""
        is_open = self.terms.window.is_open(self._clock.now())
        if is_open == self._was_open:
            return
        self._was_open = is_open
        _log.info("window_opened" if is_open else "window_closed", system=self.system)
        self._show()
        self.on_change()

    # --- its own affairs

    def _own_seats(self) -> int:
        return self._shared.seats(self.terms.concurrency)

    def _answers(self) -> bool:
        """Whether it has answered this node of late."""
        lately = self._clock.now() - self.terms.breaker.first_open
        return self._answered_at is not None and self._answered_at > lately

    def _failed(self, call: DeliveryId, lane: DossierId, why: Why) -> Breaker:
        now, jitter = self._clock.monotonic(), self._ids.jitter()
        return self._breaker.failed(call, lane, why, now=now, jitter=jitter)

    def _become(self, breaker: Breaker) -> None:
        before, self._breaker = self._breaker, breaker
        if before.phase is not breaker.phase or before.opened != breaker.opened:
            self._tell(before, breaker)
            self.on_change()

    def _tell(self, before: Breaker, breaker: Breaker) -> None:
        """Say where an episode begins and where it ends; what lies between is no alert."""
        facts: dict[str, object] = {"system": self.system}
        if breaker.phase is Phase.OPEN:
            facts |= {"reason": str(breaker.reason), "open_for": round(breaker.until - breaker.at, 1)}
        if before.phase is Phase.CLOSED:
            _log.warning("breaker_opened", alert=True, **facts)
            self._metrics.count("relay_breaker_opened_total", system=self.system)
        elif breaker.phase is Phase.OPEN:
            _log.info("breaker_stays_open", times=breaker.opened, **facts)
        elif breaker.phase is Phase.HALF_OPEN:
            _log.info("breaker_half_opened", **facts)
        else:
            _log.info("breaker_closed", alert=True, times=before.opened, **facts)
        if Phase.CLOSED in {before.phase, breaker.phase}:
            self._since = self._clock.now()
            self._show()

    def _show(self) -> None:
        """Show whether an episode lasts, and a pause, and whether the window is open."""
        is_open, is_paused = self._breaker.phase is not Phase.CLOSED, self._pause is not None
        self._metrics.gauge("relay_breaker_open", self._is_called and is_open, system=self.system)
        self._metrics.gauge("relay_paused", self._is_called and is_paused, system=self.system)
        self._metrics.gauge("relay_window_open", self._was_open or not self._is_called, system=self.system)

    def _empty(self) -> Bucket | None:
        return Bucket(rate=self.terms.rate, at=self._clock.monotonic()) if self.terms.rate is not None else None

    def _wait(self) -> float:
        """Take a call from the bucket, or return the seconds until one may be taken."""
        if self._bucket is None:
            return 0.0
        now = self._clock.monotonic()
        after = self._bucket.take(now, self._share())
        if after is None:
            return self._bucket.wait(now, self._share())
        self._bucket = after
        return 0.0

    def _share(self) -> float:
        """Return the share of the rate that is in force: after an outage it grows with what is called at once."""
        return (self._breaker.allows(self.seats) / max(self.seats, 1) or 1.0) * self._shared.rate
