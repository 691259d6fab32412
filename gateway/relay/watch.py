"""Looks for what needs a person, counts it, and tells each cause once: when it begins and when it is over."""

from __future__ import annotations

from collections import Counter
from functools import partial

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.attention import Cause, Entry, Patience, by_urgency
from gateway.relay.chores import Chores
from gateway.relay.gear import Gear

_log: FilteringBoundLogger = structlog.get_logger()


class Watch:
    """Looks at once, then again and again; a store that is away postpones it. Without patience nobody watches."""

    def __init__(self, gear: Gear) -> None:
        self._gear = gear
        self._chores = Chores(gear.clock, gear.metrics)
        self._shown: frozenset[Cause] = frozenset()  #: causes with a gauge

    async def run(self) -> None:
        """Run until cancelled."""
        while (patience := self._gear.config.patience) is not None:
            await self._chores.attempt("watch", partial(self.look, patience))
            await self._gear.clock.sleep(self._gear.config.look_every.total_seconds())

    async def look(self, patience: Patience) -> None:
        """Look once; seven hundred failures of one cause are one alert, and one more when they are over."""
        seen = by_urgency(await self._gear.store.attention(patience.bounds))
        self._count(seen)
        found = await self._gear.store.follow(seen, calm=patience.calm)
        for episode in found.opened:
            _log.warning("attention_opened", **_bound(episode.cause), number=episode.peak, alert=True)
        for episode in found.resolved:
            since, peak = episode.opened_at.isoformat(timespec="seconds"), episode.peak
            _log.info("attention_resolved", **_bound(episode.cause), since=since, peak=peak, alert=True)

    def _count(self, seen: tuple[Entry, ...]) -> None:
        """Set the gauge of every cause; of those that are gone to 0."""
        numbers = Counter[Cause]({entry.cause: entry.number for entry in seen})
        for cause in self._shown.union(numbers):
            self._gear.metrics.gauge("attention", numbers[cause], **_bound(cause))
        self._shown = frozenset(numbers)


def _bound(cause: Cause) -> dict[str, str]:
    return {"matter": str(cause.matter), "system": cause.system, "reason": cause.why}
