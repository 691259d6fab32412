"""Following what is let hold at another gateway over the same database; each has the files in its own directory."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.acts import Act, ActId, Target
from gateway.core.errors import ConfigError, StoreFull, StoreUnavailable
from gateway.ports.acts import Acts
from gateway.ports.clock import Clock
from gateway.ports.configurations import ConfigurationMoved, Configurations

_log: FilteringBoundLogger = structlog.get_logger()

_EVERY = 1.0  #: seconds between two looks
_AGAIN = 15.0  #: seconds, where the directory does not hold what it should: the files may still be on their way


@dataclass(kw_only=True)
class Follower:
    """One per node of a shared database. What it lets hold was decided, and is on record, already."""

    store: Acts
    live: Configurations
    clock: Clock
    _followed: ActId | None = field(default=None, init=False)
    _told: ActId | None = field(default=None, init=False)
    _blind: bool = field(default=False, init=False)  #: the last look has seen nothing

    async def run(self) -> None:
        """Follow until cancelled; what cannot be followed is told once, and tried again."""
        while True:
            await self.clock.sleep(_EVERY if await self._look() else _AGAIN)

    async def _look(self) -> bool:
        """Follow the last change; whether all is well. An outage of the database is told once, and so is its end."""
        try:
            acts = await self.store.acts(Target.configuration(), limit=1)
            well = await self._follow(acts[0]) if acts and acts[0].id != self._followed else True
        except (StoreUnavailable, StoreFull) as error:
            if not self._blind:
                _log.warning("configuration_unseen", error=type(error).__name__)
            self._blind = True
            return True
        if self._blind:
            _log.info("configuration_seen_again")
        self._blind = False
        return well

    async def _follow(self, act: Act) -> bool:
        wanted = act.facts.get("after", "")  # of a row that the disk has damaged no version is known
        try:
            async with self.live.prepared(wanted) as prepared:
                if not prepared.change.is_empty:
                    await prepared.keep()
                    prepared.commit()
        except ConfigurationMoved as moved:
            if self.live.version != wanted:
                return self._tell(act, wanted, found=moved.version)
        except ConfigError as error:
            places = [f"{problem.file} {problem.key}".strip() for problem in error.problems]
            return self._tell(act, wanted, problems=places)
        self._followed = act.id
        return True

    def _tell(self, act: Act, wanted: str, **why: object) -> bool:
        if self._told != act.id:
            self._told = act.id
            _log.error("configuration_not_followed", wanted=wanted, holds=self.live.version, alert=True, **why)
        return False
