"""Time, injected: nothing inside reads a clock by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for records, monotonic time for deadlines, uptime to notice that the wall clock was set."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow; a fake moves them apart from ``now``."""
        ...

    def uptime(self) -> float:
        """Return seconds since the machine started, those asleep too: the same count for all its processes."""
        ...

    def boot_id(self) -> str:
        """Name this start of the machine; another start has another name."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait on the monotonic clock; cancellable."""
        ...
