"""How hard the gateway is pressed, looked at now and then, so that no request has to look itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import StoreFull, StoreUnavailable, name_of
from gateway.core.pressure import CALM, Episode, Limits, Strain, Trouble, episodes, look
from gateway.ports.clock import Clock
from gateway.ports.metrics import Metrics
from gateway.ports.space import Space
from gateway.ports.store import Backlogs

_log: FilteringBoundLogger = structlog.get_logger()

_EVERY = 1.0  #: seconds between two looks
_SHARE = 20  #: a look that takes long is followed by so many times longer a pause


class Watched(Backlogs, Protocol):
    """The parts of a store that are used here."""

    @property
    def trouble(self) -> Trouble | None:
        """What keeps its database from taking changes though it answers."""
        ...


@dataclass(kw_only=True)
class Gauge:
    """One per node. ``strain`` is as old as the last look."""

    store: Watched
    space: Space
    files_failure: Callable[[], str]
    limits: Limits
    clock: Clock
    metrics: Metrics
    strain: Strain = field(default=CALM, init=False)
    _blind: bool = field(default=False, init=False)  #: the last look has seen nothing

    def now(self) -> Strain:
        """Return the strain at the last look."""
        return self.strain

    async def look(self) -> None:
        """Look once. Raises StoreUnavailable, StoreFull, OSError."""
        counts, free = await self.store.backlogs(), await self.space.free()
        before, strain = self.strain, look(self.strain, self.limits, free=free, counts=counts)
        self.strain = replace(strain, trouble=self.store.trouble, files=self.files_failure())
        for episode in episodes(before, self.strain):
            self._tell(episode, free)
        self._measure(free, before)
        await (self.space.set_aside() if self.strain.sets_aside else self.space.let_go())

    async def run(self) -> None:
        """Look until cancelled; what cannot be seen stays as it was."""
        while True:
            started = self.clock.monotonic()
            await self._look_again()
            await self.clock.sleep(max(_EVERY, _SHARE * (self.clock.monotonic() - started)))

    async def _look_again(self) -> None:
        """Look, and say once when nothing can be seen, and once when it can again."""
        try:
            await self.look()
        except (StoreUnavailable, StoreFull, OSError) as error:
            if not self._blind:
                _log.warning("pressure_unseen", error=name_of(error))
            self._blind = True
            return
        if self._blind:
            _log.info("pressure_seen_again")
        self._blind = False

    def _tell(self, episode: Episode, free: int) -> None:
        """Say once when a stretch begins, and once when it ends."""
        event = "pressure_begun" if episode.begun else "pressure_ended"
        tell = _log.warning if episode.begun else _log.info
        if episode.what == "files":
            tell(event, what=episode.what, error=self.strain.files, alert=True)
        elif episode.system is None:
            tell(event, what=episode.what, free=free, reserve=self.limits.reserve, alert=True)
        else:
            waiting = self.strain.counts.get(episode.system, 0)
            limit = self.limits.backlogs.get(episode.system)  # None: it is configured no more
            tell(event, what=episode.what, system=episode.system, waiting=waiting, limit=limit, alert=True)

    def _measure(self, free: int, before: Strain) -> None:
        self.metrics.gauge("pressure_disk_free_bytes", free)
        self.metrics.gauge("pressure_refuses", self.strain.space, what="space", system="")
        self.metrics.gauge("pressure_refuses", int(bool(self.strain.files)), what="files", system="")
        for system in self.limits.backlogs.keys() | before.backlog.keys():
            self.metrics.gauge("pressure_waiting", self.strain.counts.get(system, 0), system=system)
            self.metrics.gauge("pressure_refuses", self.strain.backlog.get(system, 0), what="backlog", system=system)
