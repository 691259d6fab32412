"""What may have been taken leaves again as it left, or not at all (G8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from gateway.core.delivery import Delivery
from gateway.core.outcome import Ambiguous, Outcome, Rejected, Retryable
from gateway.core.reason import Reason, Why
from gateway.core.sent import is_as_it_left
from gateway.sdk.request import Outgoing

#: A request without its credentials, or why there is none.
Written: TypeAlias = Outgoing | Rejected | Retryable


def as_it_left(delivery: Delivery, kind: str, written: Written) -> Written:
    """Return the request; of a delivery in doubt only where it is the one that left, else it is for a person."""
    if not isinstance(written, Outgoing) or delivery.in_doubt_since is None:
        return written
    if is_as_it_left(delivery, _named(kind, written)):
        return written
    return Rejected(reason=Reason(Why.BYTES_DIFFER), holds=True)


def in_doubt_of(outcome: Outcome, kind: str, outgoing: Outgoing) -> Outcome:
    """Return the outcome; one in doubt with what left, so that it can be told whether the same leaves again."""
    if not isinstance(outcome, Ambiguous):
        return outcome
    return replace(outcome, trace=replace(outcome.trace, sent=_named(kind, outgoing)))


def _named(kind: str, outgoing: Outgoing) -> str:
    return f"{kind} {outgoing.fingerprint()}"
