"""The jobs of one system: those at work, and those that wait for a free slot."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from gateway.relay.job import Job


@dataclass(slots=True)
class Bench:
    """So many seats for one system; preleased jobs beyond them wait here rather than at the partner."""

    seats: int
    working: dict[asyncio.Task[None], Job] = field(default_factory=dict[asyncio.Task[None], Job])
    queue: deque[Job] = field(default_factory=deque[Job])

    @property
    def free(self) -> int:
        """How many more jobs can be taken on."""
        return max(self.seats - len(self.working) - len(self.queue), 0)

    def next(self) -> Job | None:
        """Return the next job, if there is one and a seat for it."""
        if self.queue and len(self.working) < self.seats:
            return self.queue.popleft()
        return None
