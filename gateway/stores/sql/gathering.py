"""Jobs gathered on the event loop until it has nothing nearer to do, and handed over as one batch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

J = TypeVar("J")

LARGEST = 256  #: jobs of one batch
_ROUNDS = 4  #: of the loop without a new job: what a request needs to come from its socket to the store, and one more
_LONGEST = 0.03  #: seconds that a job waits for a loop that never comes to rest


@dataclass(slots=True)
class Gathering(Generic[J]):
    """What waits for the writer's thread; it lives on the loop's.

    Both threads share one interpreter. While both want it, they pay for every turn: the loop a fifth of its time, the
    writer a third. So a batch is handed over when the loop has come to rest, and the next one not before the last has
    been answered; meanwhile all that arrives joins it, and shares its sync. A single caller waits for a few rounds of
    an idle loop, which take microseconds.
    """

    loop: asyncio.AbstractEventLoop
    hand_over: Callable[[Sequence[J]], None]
    _waiting: list[J] = field(default_factory=list[J])
    _since: float = 0.0  #: when the first of them came, by the loop's clock
    _is_watching: bool = False
    _is_out: bool = False  #: a batch is, and not answered yet

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, job: J) -> None:
        """Take a job into the next batch."""
        if not self._waiting:
            self._since = self.loop.time()
        self._waiting.append(job)
        self._watch()

    def answered(self) -> None:
        """Hear that the last batch has been answered."""
        self._is_out = False
        self._watch()

    def take_all(self) -> Sequence[J]:
        """Return what waits, and wait no longer."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def _watch(self) -> None:
        if self._waiting and not self._is_watching and not self._is_out:
            self._is_watching = True
            self.loop.call_soon(self._look, len(self._waiting), _ROUNDS)

    def _look(self, seen: int, rounds: int) -> None:
        """Go on looking, once a round, until the loop rests or it has lasted too long."""
        count = len(self._waiting)
        left = rounds - 1 if count == seen else _ROUNDS
        if left and count < LARGEST and self.loop.time() - self._since < _LONGEST:
            self.loop.call_soon(self._look, count, left)
            return
        self._is_watching = False
        if count:
            batch, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
            self._is_out = True
            self.hand_over(batch)
