"""How much may be under way at once: bytes of bodies in memory, and readers who wait for news."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from gateway.config.settings import Server


class Budget:
    """So much at once; who finds too little left waits in line."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._line: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def used(self) -> int:
        """Return how much is taken."""
        return self._used

    def take_now(self, amount: int) -> bool:
        """Take so much if it is there and nobody waits for it."""
        if self._line or self._used + amount > self._limit:
            return False
        self._used += amount
        return True

    async def take(self, amount: int, *, seconds: float) -> bool:
        """Take so much as soon as it is there; False, with nothing taken, after so many seconds."""
        if self.take_now(amount):
            return True
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append((amount, turn))
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as error:
            self._leave(amount, turn)
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def give_back(self, amount: int) -> None:
        """Let others have it."""
        self._used -= amount
        self._admit()

    def _leave(self, amount: int, turn: asyncio.Future[None]) -> None:
        """Go out of the line; what was given in this very moment goes back."""
        if turn.done() and not turn.cancelled():
            self.give_back(amount)
            return
        self._line = deque(place for place in self._line if place[1] is not turn)
        self._admit()

    def _admit(self) -> None:
        while self._line and self._used + self._line[0][0] <= self._limit:
            amount, turn = self._line.popleft()
            if not turn.done():
                self._used += amount
                turn.set_result(None)


@dataclass(frozen=True, slots=True)
class Room:
    """What all requests share."""

    documents: Budget  #: bytes
    files: Budget  #: bytes of files between a sender and the disk
    strangers: Budget  #: bytes of documents that must be read to learn who sends them
    polls: Budget  #: readers of the feed who wait

    @classmethod
    def of(cls, server: Server) -> Room:
        """Return the room that the settings give."""
        return cls(
            documents=Budget(server.bodies),
            files=Budget(server.bodies),
            strangers=Budget(server.bodies),
            polls=Budget(server.connections // 2),
        )


@dataclass(slots=True)
class Hold:
    """What one request has taken."""

    budget: Budget
    amount: int = 0

    async def grow(self, amount: int, *, seconds: float) -> bool:
        """Take so much more; False where it did not come free in time."""
        taken = await self.budget.take(amount, seconds=seconds)
        if taken:
            self.amount += amount
        return taken

    def grow_now(self, amount: int) -> bool:
        """Take so much more if it is there."""
        taken = self.budget.take_now(amount)
        if taken:
            self.amount += amount
        return taken

    def end(self) -> None:
        """Give all of it back."""
        amount, self.amount = self.amount, 0
        if amount:
            self.budget.give_back(amount)
