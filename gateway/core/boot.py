"""Whether somebody has set the clock: the time at which the machine started moves only then.

What waits, is leased or is in doubt is measured in time that passed, and written in wall time. Where the clock is set,
what is written is moved along with it, so that a minute stays a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: Less is no setting: the clock is slewed (500 ppm), and two clocks are never read at once.
_TOLERANCE = timedelta(milliseconds=250)


@dataclass(frozen=True, slots=True)
class Boot:
    """One start of a machine."""

    id: str  #: another with every start
    at: datetime  #: when it was, by the clock as it is set now

    def now(self, uptime: float) -> datetime:
        """Return the time so many seconds after the start, by the clock as it was set then."""
        return self.at + timedelta(seconds=uptime)


def step(known: Boot, seen: Boot) -> timedelta:
    """Return by how much the clock was set between two looks; of another start of the machine nothing is known."""
    moved = seen.at - known.at
    return moved if known.id == seen.id and abs(moved) > _TOLERANCE else timedelta(0)
