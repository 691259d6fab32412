"""What becomes of a delivery after an attempt: total, pure, and the only place that decides it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from gateway.core.delivery import Delivery, DoubtMark, State, Step, Transition
from gateway.core.doubt import UNDECLARED, Declared, Doubt
from gateway.core.outcome import (
    Absent,
    Ambiguous,
    Blame,
    Delivered,
    Rejected,
    Result,
    Retryable,
    Shadowed,
    Unknown,
)
from gateway.core.reason import Reason, Why
from gateway.core.sent import noted

#: How far the partner's clock may go otherwise than ours within a window.
CLOCK_MARGIN = timedelta(seconds=2)
#: A partner may not park us for longer than this.
LONGEST_RETRY_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How patient we are with one system for one kind of event."""

    first_wait: timedelta = timedelta(seconds=5)
    factor: float = 2.0
    longest_wait: timedelta = timedelta(minutes=15)
    max_attempts: int = 8  #: tries that the message itself is to blame for
    max_reclaims: int = 3  #: workers that may die over one delivery in a row
    declared: Declared = UNDECLARED
    refuses_all: bool = False  #: the system refuses whatever it is sent: no message is to blame
    exchange: timedelta = timedelta(0)  #: how long after it was allowed an attempt may still reach the partner


def back_off(policy: RetryPolicy, tries: int, jitter: float) -> timedelta:
    """Wait exponentially longer with each try; ``jitter`` in [0, 1) takes up to half of it away."""
    exponent = min(max(tries - 1, 0), 32)
    seconds = policy.first_wait.total_seconds() * policy.factor**exponent
    seconds = min(seconds, policy.longest_wait.total_seconds())
    return timedelta(seconds=seconds * (1 - jitter / 2))


def decide(
    result: Result,
    delivery: Delivery,
    policy: RetryPolicy,
    now: datetime,
    *,
    jitter: float,
    rehearsed: bool = False,
) -> Transition:
    """Return the transition that follows from one attempt's result.

    ``delivery`` is as claimed, before this attempt is counted. ``rehearsed``: nobody was sent or asked anything, so
    the result says nothing of what was in doubt. Never raises.
    """
    if rehearsed and delivery.in_doubt_since is not None:
        result = Shadowed()  # a person decides about it, whether it could be shown or not
    match result:
        case Delivered():
            return Transition(
                to=State.DELIVERED,
                doubt=DoubtMark.CLEAR,
                codes=result.codes,
                facts=result.facts,
            )
        case Shadowed():
            return _rehearsed(delivery)
        case Retryable():
            return _retry(result, delivery, policy, now, jitter)
        case Rejected():
            return _refuse(result, delivery, policy)
        case Ambiguous():
            return _doubt(result, delivery, policy, now, jitter)
        case Absent() | Unknown():
            return _looked(result, delivery, policy, now, jitter)
        case _:
            assert_never(result)


def is_timeless(delivery: Delivery) -> bool:
    """Whether an attempt at it is allowed whatever the time is: it is not in doubt and never expires."""
    return delivery.in_doubt_since is None and delivery.expires_at is None


def before_attempt(delivery: Delivery, policy: RetryPolicy, now: datetime) -> Transition | None:
    """Return what forbids this attempt, if anything: time may have passed since it was planned.

    A RESEND whose window is over would be a second effect; an expired dossier must not be sent.
    """
    if delivery.step is Step.LOOKUP:
        return None
    if delivery.in_doubt_since is None:
        return _give_up(delivery, Reason(Why.EXPIRED), consumes=False) if _is_expired(delivery, now) else None
    way = _way_out(delivery, policy, now)
    if way is Doubt.RESEND:
        return None
    if way is Doubt.LOOKUP:
        return Transition(to=State.DELAYED, step=Step.LOOKUP, reason=_doubted(delivery, Reason(Why.TIMEOUT)))
    return Transition(to=State.HELD, reason=_doubted(delivery, Reason(Why.TIMEOUT)))


def _doubted(delivery: Delivery, reason: Reason) -> Reason:
    """Return why a delivery is in doubt: by this, unless nothing was tried since the database was put back."""
    restored = delivery.reason is not None and delivery.reason.code is Why.RESTORED
    return Reason(Why.RESTORED) if restored else reason


def _rehearsed(delivery: Delivery) -> Transition:
    """End what was never to be sent; what may have left before the system's mode changed needs a person."""
    in_doubt = delivery.in_doubt_since is not None
    return Transition(to=State.HELD if in_doubt else State.CANCELLED, reason=Reason(Why.SHADOW))


def _looked(
    result: Absent | Unknown,
    delivery: Delivery,
    policy: RetryPolicy,
    now: datetime,
    jitter: float,
) -> Transition:
    """A no before the quiet time is over proves nothing yet; and never, where no look-up is declared."""
    if isinstance(result, Unknown):
        return _look_again(result, delivery, policy, jitter)
    if not policy.declared.looks_up:
        reason = _doubted(delivery, Reason(Why.LOOKUP_UNCLEAR))
        return Transition(to=State.HELD, step=Step.LOOKUP, reason=reason)
    closed = delivery.closed_at
    if closed is not None and now - closed < policy.declared.quiet:
        return _look_again(Unknown(reason=Reason(Why.LOOKUP_UNCLEAR)), delivery, policy, jitter)
    return Transition(to=State.READY, doubt=DoubtMark.CLEAR, reason=Reason(Why.NOT_FOUND_THERE))


def _retry(
    result: Retryable,
    delivery: Delivery,
    policy: RetryPolicy,
    now: datetime,
    jitter: float,
) -> Transition:
    """Come again later, unless time or patience has run out."""
    consumes = result.blame is Blame.MESSAGE
    if consumes and delivery.attempts + 1 >= policy.max_attempts:
        reason = Reason(Why.ATTEMPTS_EXHAUSTED, result.reason.detail)
        return _give_up(delivery, reason, consumes=True)
    if _is_expired(delivery, now):
        return _give_up(delivery, Reason(Why.EXPIRED, result.reason.detail), consumes=consumes)
    return Transition(
        to=State.DELAYED,
        wait=_wait(result.retry_after, delivery, policy, jitter),
        step=delivery.step,
        reason=result.reason,
        consumes=consumes,
        notes=result.notes,
    )


def _refuse(result: Rejected, delivery: Delivery, policy: RetryPolicy) -> Transition:
    """Stop: refused. A refused resend proves nothing about the first send, so a person decides.

    A look-up that finds the refusal is a final answer about the first send. Where all is refused, a person decides.
    """
    if delivery.step is Step.LOOKUP:
        return Transition(to=State.DEAD, reason=result.reason, doubt=DoubtMark.CLEAR, consumes=True)
    if result.holds or policy.refuses_all:
        return Transition(to=State.HELD, reason=result.reason, consumes=True)
    return _give_up(delivery, result.reason, consumes=True)


def _doubt(
    result: Ambiguous,
    delivery: Delivery,
    policy: RetryPolicy,
    now: datetime,
    jitter: float,
) -> Transition:
    """Bytes left, no verdict: go by what the partner has declared."""
    way = _way_out(delivery, policy, now)
    if result.reason.code is Why.WORKER_LOST and delivery.reclaims >= policy.max_reclaims:
        return _hold(Reason(Why.QUARANTINED, result.reason.detail), result)
    if way is Doubt.HOLD:
        return _hold(result.reason, result)
    wait = back_off(policy, delivery.tries + 1, jitter)
    if way is Doubt.LOOKUP:
        wait = max(wait, policy.declared.quiet)
    return Transition(
        to=State.DELAYED,
        wait=wait,
        step=Step.LOOKUP if way is Doubt.LOOKUP else Step.SEND,
        reason=result.reason,
        doubt=DoubtMark.SET,
        notes={**result.notes, **noted(delivery, result.trace.sent)},
    )


def _way_out(delivery: Delivery, policy: RetryPolicy, now: datetime) -> Doubt:
    """Past its window a RESEND partner no longer deduplicates: look, or ask a person.

    The window runs from the claim, which is ``due_at`` of what is leased: the first byte left later. An attempt that is
    allowed now may arrive as late as its exchange may last, so it must end, and not only begin, inside the window.
    """
    declared = policy.declared
    if declared.doubt is not Doubt.RESEND or declared.dedup_window is None:
        return declared.doubt
    since = delivery.in_doubt_since or min(delivery.due_at, now)
    latest = now + policy.exchange + CLOCK_MARGIN
    return Doubt.RESEND if latest - since < declared.dedup_window else declared.after_window


def _look_again(
    result: Unknown,
    delivery: Delivery,
    policy: RetryPolicy,
    jitter: float,
) -> Transition:
    """A look-up that gave no final answer is repeated; one that can never answer needs a person."""
    if result.reason.code is Why.LOOKUP_MISSING:
        return Transition(to=State.HELD, reason=_doubted(delivery, result.reason), step=Step.LOOKUP)
    return Transition(
        to=State.DELAYED,
        wait=_wait(result.retry_after, delivery, policy, jitter),
        step=Step.LOOKUP,
        reason=result.reason,
    )


def _give_up(delivery: Delivery, reason: Reason, *, consumes: bool) -> Transition:
    """End the tries: DEAD only if surely nothing was taken."""
    in_doubt = delivery.in_doubt_since is not None
    return Transition(to=State.HELD if in_doubt else State.DEAD, reason=reason, consumes=consumes)


def _hold(reason: Reason, result: Ambiguous) -> Transition:
    return Transition(to=State.HELD, reason=reason, doubt=DoubtMark.SET, notes=result.notes)


def _is_expired(delivery: Delivery, now: datetime) -> bool:
    return delivery.expires_at is not None and delivery.expires_at <= now


def _wait(
    asked: timedelta | None,
    delivery: Delivery,
    policy: RetryPolicy,
    jitter: float,
) -> timedelta:
    """Honour the partner's Retry-After within a day, never less than our own back-off's start."""
    own = back_off(policy, delivery.tries + 1, jitter)
    if asked is None:
        return own
    return min(max(asked, min(own, policy.first_wait)), LONGEST_RETRY_AFTER)
