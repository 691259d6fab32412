"""The body of a webhook: ``{type, timestamp, data}``, where data is the canonical event."""

from __future__ import annotations

import msgspec

from gateway.core.delivery import Delivery
from gateway.model.envelope import event_of
from gateway.model.event import Event
from gateway.model.names import NATIONAL_MEDIA_TYPE as NATIONAL
from gateway.model.names import to_national

__all__ = ["NATIONAL", "body_of"]


def body_of(delivery: Delivery, *, national: bool = False) -> bytes:
    """Return the bytes, the same on every try while the dossier's codes are.

    The payload is the one that Standard Webhooks recommends; ``timestamp`` is when the event was accepted.
    """
    message, event = delivery.message, event_of(delivery)
    data = to_national(Event, msgspec.to_builtins(event)) if national else event
    return msgspec.json.encode({"type": delivery.kind, "timestamp": message.accepted_at, "data": data})
