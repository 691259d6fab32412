"""What every exchange tells about its system."""

from __future__ import annotations

from gateway.core.delivery import Delivery
from gateway.exchange.gate import Gate
from gateway.exchange.signature import Exchange, T


def breaker(inner: Exchange[Delivery, T], gate: Gate) -> Exchange[Delivery, T]:
    """Tell the gate how it ended. Whether it may begin was asked before: what may not is no attempt."""

    async def watched(delivery: Delivery, *, deadline: float) -> T:
        result = await inner(delivery, deadline=deadline)
        gate.record(delivery, result)
        return result

    return watched
