"""The jobs of one system: those at work, and those that wait for a free slot."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from gateway.exchange.gate import Gate
from gateway.relay.job import Job


@dataclass(slots=True)
class Bench:
    """As many seats as a system's terms allow; preleased jobs beyond them wait here rather than at the partner."""

    gate: Gate
    working: dict[asyncio.Task[None], Job] = field(default_factory=dict[asyncio.Task[None], Job])
    queue: deque[Job] = field(default_factory=deque[Job])

    @property
    def free(self) -> int:
        """How many more jobs can be taken on."""
        jobs = (*self.working.values(), *self.queue) if self.gate.terms.rate else ()
        return self.gate.free(len(self.working) + len(self.queue), sum(not job.begun for job in jobs))

    def next(self) -> Job | None:
        """Return the next job, if there is one and a seat for it."""
        if self.queue and len(self.working) < self.gate.terms.concurrency:
            return self.queue.popleft()
        return None
