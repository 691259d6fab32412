"""A wait that can be ended from outside, on the injected clock."""

from __future__ import annotations

import asyncio

from gateway.ports.clock import Clock


class Pause:
    """Who waits here goes on when rung, or when the time is over. A ring is never lost: the next wait ends at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the wait, or the next one."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until rung."""
        if self._rung.is_set():  # while it is busy it is rung all the time: no alarm is needed
            await asyncio.sleep(0)
            self._rung.clear()
            return
        alarm = asyncio.create_task(self._alarm(seconds))
        try:
            await self._rung.wait()
        finally:
            alarm.cancel()
            await asyncio.wait((alarm,))
        self._rung.clear()

    async def _alarm(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._rung.set()
