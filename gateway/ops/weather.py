"""Operators and the systems' weather: how each stands, and stopping, resuming and trying it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.acts import Act, By, Target, Verb
from gateway.core.errors import GatewayError
from gateway.core.ids import SystemId
from gateway.core.sky import Condition, Sky, sky_of
from gateway.core.terms import Terms
from gateway.core.weather import Tally
from gateway.ports.acts import Acts
from gateway.ports.adapter import Health
from gateway.ports.clock import Clock
from gateway.ports.weather import Weather


class NotCalled(GatewayError):
    """There is nothing to pause or to try: the system reads a feed, is off, or is none."""

    def __init__(self, system: SystemId) -> None:
        super().__init__(f"{system} is not called by this gateway")
        self.system = system


class CannotProbe(GatewayError):
    """A system that may not be called now cannot be tried either."""

    def __init__(self, condition: Condition | None) -> None:
        super().__init__("no gateway serves" if condition is None else f"the system is {condition}")
        self.condition = condition


class Live(Protocol):
    """The relay of this process."""

    def skies(self) -> Mapping[SystemId, Sky]:
        """Return how each system that is called stands."""
        ...

    async def refresh(self) -> None:
        """Learn at once what the store knows."""
        ...

    async def probe(self, system: SystemId) -> Health | None:
        """Try a system now; return what a call without effect found, None where only a delivery can find out."""
        ...


class WeatherBook(Weather, Acts, Protocol):
    """The parts of a store that are used here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Serves whoever looks after the systems; their name and reason come with each call."""

    store: WeatherBook = field(repr=False)
    clock: Clock = field(repr=False)
    terms: Mapping[SystemId, Terms]  #: of the systems that are called
    live: Live | None = field(default=None, repr=False)  #: None while no gateway serves

    async def skies(self) -> Mapping[SystemId, Sky]:
        """Return how each system stands: as the relay sees it, else as the store last heard."""
        if self.live is not None:
            return self.live.skies()
        fleet, now = await self.store.fleet(), self.clock.now()
        return {
            system: sky_of(terms, fleet.tallies.get(system, Tally()), fleet.pauses.get(system), now)
            for system, terms in self.terms.items()
        }

    async def pause(self, system: SystemId, *, by: By) -> Act:
        """Let nothing be sent to a system. Raises NotCalled."""
        self._check(system)
        act = await self.store.pause(system, by=by)
        await self._refresh()
        return act

    async def resume(self, system: SystemId, *, by: By) -> Act:
        """End its pause. Raises NotCalled, NotPaused."""
        self._check(system)
        act = await self.store.resume(system, by=by)
        await self._refresh()
        return act

    async def probe(self, system: SystemId, *, by: By) -> tuple[Act, Health | None]:
        """Try a system now. Raises NotCalled, CannotProbe."""
        self._check(system)
        if self.live is None:
            raise CannotProbe(None)
        condition = self.live.skies()[system].condition
        if condition in {Condition.PAUSED, Condition.CLOSED}:
            raise CannotProbe(condition)
        act = await self.store.record_act(Verb.PROBE, Target.system(system), by=by)
        return act, await self.live.probe(system)

    def _check(self, system: SystemId) -> None:
        if system not in self.terms:
            raise NotCalled(system)

    async def _refresh(self) -> None:
        if self.live is not None:
            await self.live.refresh()
