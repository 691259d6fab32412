"""Wake-ups within one event loop."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from gateway.core.ids import SystemId


class LoopWakeups:
    """Futures by system: whoever waits for several is woken once."""

    def __init__(self) -> None:
        self._waiting: defaultdict[SystemId, set[asyncio.Future[bool]]] = defaultdict(set)

    def wake(self, systems: Iterable[SystemId]) -> None:
        """Wake everybody who waits for one of these; must be called from the event loop's thread."""
        for system in systems:
            for waiter in self._waiting.get(system, ()):
                if not waiter.done():
                    waiter.set_result(True)

    async def wait(self, systems: Iterable[SystemId], *, seconds: float) -> bool:
        """Wait until one of these is woken; False after so many seconds."""
        wanted = tuple(systems)
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        for system in wanted:
            self._waiting[system].add(waiter)
        try:
            async with asyncio.timeout(seconds):
                return await waiter
        except TimeoutError:
            return False
        finally:
            for system in wanted:
                self._forget(system, waiter)

    def _forget(self, system: SystemId, waiter: asyncio.Future[bool]) -> None:
        self._waiting[system].discard(waiter)
        if not self._waiting[system]:
            del self._waiting[system]
