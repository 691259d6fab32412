"""What left when a delivery came in doubt: noted with it, so that it leaves again as it was, or not at all (G8)."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.delivery import Delivery

_SENT = "sent"


def noted(delivery: Delivery, sent: str) -> Mapping[str, str]:
    """Return the note of what left (``Trace.sent``) for a delivery that is in doubt from here on."""
    return {_SENT: f"{_doubt_of(delivery)} {sent}"} if sent else {}


def is_as_it_left(delivery: Delivery, sent: str) -> bool:
    """Whether this left in the doubt that a delivery is in, as far as a note of that very doubt and step says so."""
    doubt, _, noted_sent = delivery.notes.get(_SENT, "").partition(" ")
    if doubt != _doubt_of(delivery):
        return True
    return noted_sent == sent or _step_of(noted_sent) != _step_of(sent)


def _step_of(sent: str) -> str:
    return sent.partition(" ")[0]


def _doubt_of(delivery: Delivery) -> str:
    """Name a doubt: by when it began, which is when the delivery was claimed."""
    return (delivery.in_doubt_since or delivery.due_at).isoformat()
