"""So many exchanges with one system at once, and no more."""

from __future__ import annotations

import asyncio

from gateway.core.reason import Reason, Why
from gateway.exchange.signature import Exchange, R, S, Verdicts
from gateway.ports.clock import Clock


def limit(inner: Exchange[S, R], verdicts: Verdicts[R], room: asyncio.Semaphore, clock: Clock) -> Exchange[S, R]:
    """Wait for room until the deadline; without room nothing is sent."""

    async def limited(subject: S, *, deadline: float) -> R:
        try:
            if room.locked():
                async with asyncio.timeout(deadline - clock.monotonic()):
                    await room.acquire()
            else:
                await room.acquire()  # at once: no timer is needed
        except TimeoutError:
            return verdicts.unsent(Reason(Why.NOT_SENT))
        try:
            return await inner(subject, deadline=deadline)
        finally:
            room.release()

    return limited
