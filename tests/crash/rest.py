"""When a town is at rest: by what is still under way in it, not by the clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from gateway.cli.demo.tally import Report

_LOOK = 0.25  #: seconds between two looks
_SURE = 2  #: looks, one after the other, that find nothing under way: between two calls a partner may take a breath
_VAIN = 3  #: rounds, one after the other, that bring nothing: another one would not, either
_UNMOVED = 30.0  #: seconds in which something is under way and nothing is done: another round begins, for what hangs


class Outside(Protocol):
    """What rest is seen by from outside."""

    @property
    def steps(self) -> int:
        """How much has been done once and for all."""
        ...

    @property
    def is_asking(self) -> bool:
        """Whether a partner waits for an answer of the gateway's."""
        ...

    @property
    def polls(self) -> int:
        """How often the gateway has asked for the news of the partner that does not call."""
        ...

    def report(self) -> Report:
        """What the books say."""
        ...


@dataclass(slots=True, kw_only=True)
class Rest:
    """Round after round until all is done, or nothing more comes.

    Each but the first begins with a restart in order, after which the gateway asks the partner that does not call for
    its news; each ends when nothing is under way any more.
    """

    town: Outside
    tend: Callable[[], Awaitable[object]]  #: a person settles what only one may
    sees_work: Callable[[], Awaitable[bool]]  #: at the gateway: whether anything there is on its way
    restart: Callable[[], Awaitable[None]]
    look: float = _LOOK
    unmoved: float = _UNMOVED

    async def come(self) -> None:
        """Return when the town is at rest."""
        vain, polls = 0, -1
        while True:
            before = self.town.steps
            if await self._has_ended(polls):
                return
            vain = vain + 1 if self.town.steps == before else 0
            if vain == _VAIN:
                return
            polls = self.town.polls
            await self.restart()

    async def _has_ended(self, polls: int) -> bool:
        """Wait until nothing is under way; say whether all is done then."""
        still, steps, until = 0, self.town.steps, time.monotonic() + self.unmoved
        while still < _SURE and time.monotonic() < until:
            await self.tend()
            is_moving = await self.sees_work() or self.town.is_asking or self.town.polls == polls
            if self.town.steps != steps:
                still, steps, until = 0, self.town.steps, time.monotonic() + self.unmoved
            elif is_moving:
                still = 0
            elif self.town.report().is_complete:
                return True
            else:
                still += 1
            await asyncio.sleep(self.look)
        return False
