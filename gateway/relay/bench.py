"""The jobs of one system: those at the partner, those that are being settled, and those that wait for a seat."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from gateway.exchange.gate import Gate
from gateway.relay.job import Job


@dataclass(slots=True)
class Bench:
    """As many seats as a system's terms allow; preleased jobs beyond them wait here rather than at the partner.

    A job whose exchange has ended keeps no seat, so that the partner need not wait for our disk. So that a store that
    does not answer leaves no more to be sent again, not more than as many again may be settled at once.
    """

    gate: Gate
    working: dict[asyncio.Task[None], Job] = field(default_factory=dict[asyncio.Task[None], Job])
    queue: deque[Job] = field(default_factory=deque[Job])
    settling: int = 0  #: of those at work, so many have had their answer
    retries: int = 0  #: of those in hand that have not had it, so many were tried before
    was_again: bool = False  #: the last that took a seat was a retry

    @property
    def free(self) -> int:
        """How many more jobs can be taken on."""
        jobs = (*self.working.values(), *self.queue) if self.gate.terms.rate else ()
        uncalled = sum(not job.begun for job in jobs) if jobs else 0
        free = self.gate.free(self._seated + len(self.queue), uncalled)
        return max(min(free, self._room - len(self.queue)), 0)

    @property
    def again(self) -> int:
        """How many of these may be retries: half of the seats are never theirs, however long each may wait there."""
        return max(max(self.gate.seats // 2, 1) - self.retries, 0)

    def take(self, job: Job) -> None:
        """Let a job wait for a seat."""
        self.queue.append(job)
        self.retries += job.is_again

    def next(self) -> Job | None:
        """Return the next job, if there is one and a seat for it."""
        if self.queue and self._seated < max(self.gate.seats, 1) and self._room > 0:
            job = self.queue.popleft()
            self.was_again = job.is_again
            return job
        return None

    def give_up(self, before: float) -> list[Job]:
        """Let go of what still waits for a seat and is surely ours only until then; the first has waited longest."""
        late: list[Job] = []
        while self.queue and self.queue[0].until < before:
            late.append(self.queue.popleft())
            self.retries -= late[-1].is_again
        return late

    def answered(self, job: Job) -> None:
        """Take the seat back from a job that only waits for its settlement now."""
        self.settling += 1
        self.retries -= job.is_again

    def end(self, task: asyncio.Task[None]) -> Job:
        """Take away what has ended."""
        job = self.working.pop(task)
        if job.answered:
            self.settling -= 1
        else:
            self.retries -= job.is_again
        return job

    @property
    def _seated(self) -> int:
        return len(self.working) - self.settling

    @property
    def _room(self) -> int:
        return 2 * max(self.gate.seats, 1) - len(self.working)
