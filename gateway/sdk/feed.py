"""A system that reads its feed instead of being called."""

from __future__ import annotations

from gateway.core.delivery import Delivery
from gateway.core.outcome import Outcome, Retryable
from gateway.core.reason import Reason, Why


class FeedAdapter:
    """Has nothing to do: feed deliveries are never claimed."""

    async def send(self, delivery: Delivery, *, deadline: float) -> Outcome:
        """Return that nothing was sent, for a delivery from before the system changed to the feed."""
        del delivery, deadline
        return Retryable(reason=Reason(Why.NO_OPERATION, "the system reads its feed"))
