"""No exchange outlives its deadline; what it had sent by then is unknown."""

from __future__ import annotations

import asyncio

from gateway.core.reason import Reason, Why
from gateway.exchange.signature import Exchange, R, S, Verdicts
from gateway.ports.clock import Clock


def deadline(inner: Exchange[S, R], verdicts: Verdicts[R], clock: Clock) -> Exchange[S, R]:
    """End the exchange at its deadline, in doubt; do not begin it past that. Cancellation passes."""

    async def bounded(subject: S, *, deadline: float) -> R:
        seconds = deadline - clock.monotonic()
        if seconds <= 0:
            return verdicts.unsent(Reason(Why.NOT_SENT))
        try:
            async with asyncio.timeout(seconds):
                return await inner(subject, deadline=deadline)
        except TimeoutError:
            return verdicts.unsure(Reason(Why.TIMEOUT))

    return bounded
