"""Goes on with replays, whoever began them and from where: no terminal need stay open, and no crash ends one."""

from __future__ import annotations

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.replay import RunState
from gateway.relay.chores import Chores
from gateway.relay.gear import Gear

_log: FilteringBoundLogger = structlog.get_logger()

_EVERY = 1.0  # seconds between two looks


class Replayer:
    """Releases what may go; the store has it ready for the dispatcher, which is woken by that."""

    def __init__(self, gear: Gear) -> None:
        self._gear = gear
        self._chores = Chores(gear.clock, gear.metrics)

    async def run(self) -> None:
        """Go on until cancelled; a store that is away postpones it."""
        await self._chores.every(_EVERY, "replay", self.advance)

    async def advance(self) -> None:
        """Go on with every open run once, and tell of those that have ended or stopped."""
        for run, state in (await self._gear.store.advance(plan=self._gear.plan)).items():
            if state is RunState.STOPPED:
                _log.error("replay_stopped", replay=run, alert=True)
            elif state is RunState.FINISHED:
                _log.info("replay_finished", replay=run)
            self._gear.metrics.count("relay_replays_advanced_total", state=str(state))
