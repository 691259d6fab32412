"""Wall and monotonic time of a virtual loop; the wall clock can be set."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from gateway.testing.clock import MONDAY_MORNING


class VirtualClock:
    """``ports.clock.Clock`` over the loop's time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._start = MONDAY_MORNING

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        return self._loop.time()

    def uptime(self) -> float:
        return self.monotonic()

    def boot_id(self) -> str:
        return "one-boot"

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back, as an administrator or NTP would; the monotonic one stays."""
        self._start += timedelta(seconds=seconds)
