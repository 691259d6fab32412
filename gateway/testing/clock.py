"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

MONDAY_MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass(order=True, slots=True)
class _Sleeper:
    wakes_at: float
    number: int
    done: asyncio.Future[None] = field(compare=False)


class FakeClock:
    """Wall and monotonic time under a test's control."""

    def __init__(self, start: datetime = MONDAY_MORNING) -> None:
        self._now = start
        self._monotonic = 0.0
        self._sleepers: list[_Sleeper] = []
        self._numbers = itertools.count()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def uptime(self) -> float:
        return self.monotonic()

    def boot_id(self) -> str:
        return "one-boot"

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        done = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, _Sleeper(self._monotonic + seconds, next(self._numbers), done))
        await done

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks, and wake who has slept long enough."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds
        while self._sleepers and self._sleepers[0].wakes_at <= self._monotonic:
            sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done.done():
                sleeper.done.set_result(None)

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back, as an administrator or NTP would; the monotonic one stays."""
        self._now += timedelta(seconds=seconds)


class WrongClock(FakeClock):
    """That of another machine, where the time passes with a right one: wall time is off by so much."""

    def __init__(self, right: FakeClock, off: timedelta) -> None:
        super().__init__()
        self._right = right
        self._off = off

    def now(self) -> datetime:
        return self._right.now() + self._off

    def monotonic(self) -> float:
        return self._right.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._right.sleep(seconds)

    def advance(self, seconds: float) -> None:
        self._right.advance(seconds)
