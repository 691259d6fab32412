"""Erases what has reached its age, a little at a time: where no rule is in force, nothing at all.

What is erased cannot be had again, so a clock that jumps must not do it: see ``_is_steady``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.retention import Case, Mark, Rule, Survey
from gateway.relay.chores import Chores
from gateway.relay.gear import Gear
from gateway.relay.pulse import Pulse

_log: FilteringBoundLogger = structlog.get_logger()

_LOOK = 100  #: dossiers of one look, which only reads
_BATCH = 100  #: messages of one transaction: everybody who writes waits for it
_EVERY = 3600.0  #: seconds from the end of one pass to the next
_REST = 1.0  #: seconds between two transactions at least
_SHARE = 10  #: of the writer's time it takes one part in so many
_JUMP = timedelta(hours=1)  #: by which the store's clock may gain on this machine's in one pass
_DISTRUST = 86_400.0  #: seconds in which nothing is erased after a jump: time for a person to look


class Eraser:
    """Goes through what has ended again and again, the oldest first; a store that is away postpones it."""

    def __init__(self, gear: Gear, pulse: Pulse) -> None:
        self._gear = gear
        self._pulse = pulse
        self._chores = Chores(gear.clock, gear.metrics)
        self._after: Mark | None = None
        self._seen: tuple[datetime, float] | None = None  #: the store's clock and this machine's, at the last look
        self._steady_from = 0.0

    async def run(self) -> None:
        """Run until cancelled. Raises Fenced."""
        while True:
            await self._chores.attempt("erase", self.turn)
            await self._gear.clock.sleep(_EVERY if self._after is None else _REST)

    async def turn(self) -> None:
        """Look at some, and erase those that may go."""
        rule, after, self._after = self._gear.config.retention, self._after, None
        if rule is None:
            return
        found = await self._gear.store.survey(rule, after=after, limit=_LOOK)
        if not self._is_steady(found):
            return
        for cases in _batches(found.ripe):
            await self._pulse.confirm()  # who is over may go by a rule that others have replaced
            if self._gear.config.retention != rule:
                return  # another configuration is in force
            await self._erase(cases, rule)
        self._after = found.next

    async def _erase(self, cases: Sequence[Case], rule: Rule) -> None:
        """Erase in one transaction, and leave the writer to others for a while."""
        clock = self._gear.clock
        begun = clock.monotonic()
        done = await self._gear.store.erase([case.root for case in cases], rule=rule)
        took = clock.monotonic() - begun
        if done:  # another node may have been first
            messages, parked = sum(erasure.messages for erasure in done), sum(erasure.parked for erasure in done)
            told = {"dossiers": len(done) - parked, "parked": parked, "messages": messages, "rule": str(rule)}
            _log.info("erased", **told, duration_ms=round(took * 1000))
        self._gear.metrics.count("relay_erased_total", len(done))
        await clock.sleep(max(_REST, took * (_SHARE - 1)))

    def _is_steady(self, found: Survey) -> bool:
        """Whether the store's clock goes as fast as this machine's; after a jump nothing is erased for a day.

        A clock that was set years ahead would make everything old at once.
        """
        now = self._gear.clock.monotonic()
        before, self._seen = self._seen, (found.now, now)
        gained = found.now - before[0] - timedelta(seconds=now - before[1]) if before else timedelta()
        if gained > _JUMP:
            self._steady_from = now + _DISTRUST
            _log.error("erasing_suspended", clock_gained_s=round(gained.total_seconds()), alert=True)
        return now >= self._steady_from


def _batches(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    """Yield as many as have so many messages together; a larger case goes alone, since it goes whole."""
    batch: list[Case] = []
    for case in cases:
        if batch and sum(one.messages for one in batch) + case.messages > _BATCH:
            yield batch
            batch = []
        batch.append(case)
    if batch:
        yield batch
