"""In-process wake-ups: who waits for work or for news need not ask the store over and over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from gateway.core.ids import SystemId


class Wakeups(Protocol):
    """A hint that something changed for these systems; missing one costs time, never correctness."""

    def wake(self, systems: Iterable[SystemId]) -> None:
        """Wake everybody who waits for one of these; must be called from the event loop's thread."""
        ...

    async def wait(self, systems: Iterable[SystemId], *, seconds: float) -> bool:
        """Wait until one of these is woken; False after so many seconds."""
        ...
