"""The machine's clocks."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

_BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")  #: proc(5)


def _boot_id() -> str:
    """Return the kernel's name for this start; where it has none, what an earlier process saw says nothing."""
    try:
        return _BOOT_ID_FILE.read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_hex(16)


_BOOT_ID = _boot_id()


class SystemClock:
    """Wall time for records, monotonic time for deadlines: those of the operating system."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)

    #: Return seconds that only grow. Nothing is asked as often.
    monotonic = staticmethod(time.monotonic)

    def uptime(self) -> float:
        """Return seconds since the machine started, those asleep too."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def boot_id(self) -> str:
        """Name this start of the machine."""
        return _BOOT_ID

    async def sleep(self, seconds: float) -> None:
        """Wait on the monotonic clock."""
        await asyncio.sleep(seconds)
