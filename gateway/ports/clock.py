"""Time, injected: nothing inside reads a clock by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for records, monotonic time for deadlines."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow; a fake moves them apart from ``now``."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait on the monotonic clock; cancellable."""
        ...
