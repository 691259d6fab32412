"""The signs of life of this node, and whether it may still be held for alive."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from gateway.core.ids import SystemId
from gateway.core.weather import Fleet, Tally
from gateway.ports.nodes import SILENCE
from gateway.relay.gear import Gear

#: Seconds from one sign of life to the next, at most: several may be late before anybody holds this node for dead.
EVERY = SILENCE.total_seconds() / 3
_SURE = 2 * EVERY


class Pulse:
    """Says that this node lives, and asks anew before something leaves it that has been silent for too long.

    A process that stood still (a paused machine, a debugger) goes on where it was, with leases that have not lapsed;
    another node may have ended it meanwhile and taken them over. So the machine's uptime counts: it goes on while that
    sleeps.
    """

    def __init__(self, gear: Gear) -> None:
        self._gear = gear
        self._said_at = gear.clock.uptime()  #: or later, the store has heard of this node
        self._asking = asyncio.Lock()

    async def say(self, news: Mapping[SystemId, Tally]) -> Fleet:
        """Say so, and how it sees some systems; return what all know. Raises Fenced, StoreUnavailable, StoreFull."""
        said_at = self._gear.clock.uptime()
        fleet = await self._gear.store.beat(self._gear.config.node, news)
        self._said_at = said_at
        return fleet

    async def confirm(self) -> None:
        """Make sure that nobody can have ended this node. Raises as ``say``."""
        if self._is_sure():
            return
        async with self._asking:  # one question is enough for all that wait for it
            while not self._is_sure():  # an answer may take so long that it says nothing any more
                await self.say({})

    def _is_sure(self) -> bool:
        return self._gear.clock.uptime() - self._said_at < _SURE
