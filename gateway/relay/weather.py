"""Tends what stands before the systems: finds out whether one answers again, and shares it with the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.acts import By
from gateway.core.errors import Fenced, StoreFull, StoreUnavailable
from gateway.core.ids import GATEWAY, NodeId, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.share import Share
from gateway.core.sky import Sky
from gateway.core.weather import Fleet, Tally, ahead
from gateway.exchange.gate import Gate
from gateway.exchange.guard import class_of, contained, place_of
from gateway.model.texts import text
from gateway.ports.adapter import Health, Probes
from gateway.relay.chores import Chores
from gateway.relay.gear import Gear
from gateway.relay.link import Link
from gateway.relay.patience import waits
from gateway.relay.pause import Pause
from gateway.relay.pulse import Pulse

_log: FilteringBoundLogger = structlog.get_logger()

_GATEWAY = Actor(kind=ActorKind.GATEWAY, name=GATEWAY)
_LOOK = 1.0  # seconds between two looks at the hour
_COUNTED_AFTER = 1.0  # seconds since it joined that the others have to make room for a node
_LISTEN = 60.0  # seconds of one wait for the others; only how often the wait is begun anew


class Weather:
    """One per node. Only what it half-opens is tried again."""

    def __init__(self, gear: Gear, pulse: Pulse, wake: Callable[[], None]) -> None:
        self._gear = gear
        self._pulse = pulse
        self._links = self._on()
        self._wake = wake
        self._pause = Pause(gear.clock)
        self._chores = Chores(gear.clock, gear.metrics)
        self._ahead = timedelta(0)  #: by which the store's clock is before ours; nodes compare by the store's
        self._seen: Mapping[SystemId, Tally] = {}  #: at the last beat, by our clock
        self._told: Mapping[SystemId, Tally] = {}  #: by this node, by the store's clock
        self._kept: Mapping[SystemId, Tally] = {}  #: by whichever node told last, by the store's clock
        self._nodes: tuple[NodeId, ...] = ()  #: that live
        self._counted_at = 0.0  #: when the others surely know of this one
        self._probing: set[SystemId] = set()
        self._is_new = False  #: something that the store should know at once

    async def greet(self, links: Iterable[Link]) -> None:
        """Let the gates of systems that are about to be called learn what the store knows of them."""
        fleet = await self._gear.store.fleet()
        for link in links:
            if link.is_on() and link.id not in self._links:
                self._begin(link, fleet)

    def turn(self) -> None:
        """Watch the systems of the configuration that is in force now."""
        before, self._links = self._links, self._on()
        for system in before.keys() - self._links.keys():
            before[system].gate.leave()
        for system in self._links.keys() - before.keys():
            self._links[system].gate.join()
        self._pause.ring()

    def _on(self) -> Mapping[SystemId, Link]:
        return {link.id: link for link in self._gear.config.links.values() if link.is_on()}

    def _begin(self, link: Link, fleet: Fleet) -> None:
        link.gate.begin(fleet.tallies.get(link.id, Tally()).shifted(-self._ahead))
        link.gate.on_change = self._changed
        link.gate.paused(fleet.pauses.get(link.id))

    def gate(self, system: SystemId) -> Gate | None:
        """Return what stands before a system; None where it is not called."""
        link = self._links.get(system)
        return link.gate if link else None

    def heard(self, system: SystemId) -> None:
        """Take note that a system called us."""
        gate = self.gate(system)
        if gate is not None:
            gate.heard()

    def skies(self) -> Mapping[SystemId, Sky]:
        """Return how each system stands now."""
        return {system: link.gate.sky() for system, link in self._links.items()}

    async def refresh(self) -> None:
        """Learn at once what the store knows."""
        await self.beat()

    async def probe(self, system: SystemId) -> Health | None:
        """Try a system now: by a call without effect where it has one, and by its next delivery."""
        link = self._links[system]
        health = await self._health(link)
        if health is None or health.reachable:
            link.gate.half_open()
        return health

    async def begin(self) -> None:
        """Begin with what the store knows. Raises Fenced."""
        fleet = await self._say({})
        self._counted_at = self._gear.clock.monotonic() + _COUNTED_AFTER
        for link in self._links.values():
            self._begin(link, fleet)
            link.gate.join()
        self._seen = {system: tally.shifted(-self._ahead) for system, tally in fleet.tallies.items()}
        self._told = fleet.tallies
        self._learn(fleet)

    async def beat(self) -> None:
        """Say that this node lives and how it sees the systems; learn what all know. Raises Fenced."""
        self._is_new = False
        seen = {system: link.gate.tally for system, link in self._links.items()}
        news = {
            system: tally.shifted(self._ahead)
            for system, tally in seen.items()
            if self._seen.get(system, Tally()) != tally
        }
        fleet = await self._say(news)
        self._seen, self._told = seen, {**self._told, **news}
        self._learn(fleet)

    async def _say(self, news: Mapping[SystemId, Tally]) -> Fleet:
        """Tell the store, and learn how far its clock is from ours."""
        clock = self._gear.clock
        before = clock.now()
        fleet = await self._pulse.say(news)
        self._ahead = ahead(fleet.now, before, clock.now())
        return fleet

    async def run(self) -> None:
        """Watch until cancelled. Raises Fenced."""
        back_off = waits()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            while True:
                try:
                    await self._look(group)
                    back_off, wait = waits(), _LOOK
                except (StoreUnavailable, StoreFull) as error:
                    wait = next(back_off)
                    _log.warning("store_unavailable", what="weather", error=type(error).__name__, again_in=wait)
                await self._pause.wait(wait)

    async def _listen(self) -> None:
        """Beat as soon as a node joins or leaves: it waits for its share, or has left it to the others."""
        while True:
            if await self._gear.wakeups.wait((GATEWAY,), seconds=_LISTEN):
                self._is_new = True
                self._pause.ring()

    def _changed(self) -> None:
        self._is_new = True
        self._pause.ring()
        self._wake()

    def _learn(self, fleet: Fleet) -> None:
        self._nodes = fleet.nodes
        self._share()
        for system, link in self._links.items():
            link.gate.paused(fleet.pauses.get(system))
            kept = fleet.tallies.get(system, Tally())
            if kept not in {self._told.get(system), self._kept.get(system)}:
                link.gate.told(kept)
        self._kept = fleet.tallies

    def _share(self) -> None:
        counted = self._gear.clock.monotonic() >= self._counted_at
        share = Share.among(self._gear.config.node, self._nodes, counted=counted)
        for link in self._links.values():
            link.gate.shared(share)

    async def _look(self, group: asyncio.TaskGroup) -> None:
        self._share()
        for link in self._links.values():
            await self._apart(self._tend(link, group))
        if self._is_new:
            await self._apart(self.beat())

    async def _apart(self, work: Awaitable[None]) -> None:
        """Wait for one thing of several; what one row spoils is told, and must end neither the others nor the relay."""
        try:
            await work
        except (Fenced, StoreUnavailable, StoreFull):
            raise
        except Exception as bug:  # noqa: BLE001 - see above
            self._chores.failed("weather", bug)
        else:
            self._chores.worked("weather")

    async def _tend(self, link: Link, group: asyncio.TaskGroup) -> None:
        link.gate.look()
        if link.id not in self._probing and link.gate.is_ripe() and await self._is_ours(link):
            self._probing.add(link.id)
            group.create_task(self._try(link))
        if link.gate.pause is None:
            await self._stop(link)

    async def _stop(self, link: Link) -> None:
        """Pause a system that must not be tried any further: somebody has to ask it first."""
        store, gate = self._gear.store, link.gate
        if gate.refuses_all:  # what it has refused is held: no dossier is to blame
            refused = gate.refused
            by = By(actor=_GATEWAY, reason=text("pause.refuses_all", "vi", count=len(refused)))
            await store.doubt(gate.system, refused, by=by, plan=self._gear.plan)
        elif gate.doubted and link.needs_begin(gate.doubted):  # the next trial would need a person's decision, too
            _log.error("trial_in_doubt", system=gate.system, alert=True)
            await store.pause(gate.system, by=By(actor=_GATEWAY, reason=text("pause.trial_in_doubt", "vi")))
        else:
            return
        self._is_new = True

    async def _is_ours(self, link: Link) -> bool:
        """Whether no other node is about to find out."""
        node = self._gear.config.node
        return await self._gear.store.take_probe(link.id, node, lease_for=2 * link.timeout)

    async def _try(self, link: Link) -> None:
        """Let one delivery find out; where a person would have to end its doubt, only after a call without effect."""
        try:
            health = await self._health(link) if link.declarations.needs_people() else None
            if health is None or health.reachable:
                link.gate.half_open()
            else:
                link.gate.stay_open()
        finally:
            self._probing.discard(link.id)

    async def _health(self, link: Link) -> Health | None:
        """Return what a call without effect finds; None where there is none, or its turn does not come."""
        if link.probes is None or not await link.gate.enter_call(is_probe=True):
            return None
        return await self._ask(link, link.probes)

    async def _ask(self, link: Link, probes: Probes) -> Health:
        """Probe; whatever goes wrong is a no."""
        seconds = link.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                with contained():
                    return await probes.probe(deadline=self._gear.clock.monotonic() + seconds)
        except TimeoutError:
            return Health(reachable=False, text="timeout")
        except Exception as error:  # noqa: BLE001 - an adapter that fails must not end the watch
            _log.error("adapter_bug", system=link.id, error=class_of(error), where=place_of(error))
            return Health(reachable=False, text=class_of(error))
