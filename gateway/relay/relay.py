"""The relay as a whole: one per node, owner of dispatcher, janitor, weather, poller, fetcher, replayer, eraser."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.delivery import Delivery
from gateway.core.errors import StoreFull, StoreUnavailable
from gateway.core.planning import Planner
from gateway.ports.store import Slots
from gateway.relay.dispatcher import Dispatcher
from gateway.relay.eraser import Eraser
from gateway.relay.fetcher import Fetcher
from gateway.relay.gear import Gear
from gateway.relay.janitor import Janitor
from gateway.relay.link import RelayConfig
from gateway.relay.patience import insist
from gateway.relay.poller import Poller
from gateway.relay.pulse import Pulse
from gateway.relay.reconciler import Reconciler
from gateway.relay.replayer import Replayer
from gateway.relay.watch import Watch
from gateway.relay.weather import Weather
from gateway.relay.worker import Worker

T = TypeVar("T")
_log: FilteringBoundLogger = structlog.get_logger()

_JOIN_FOR = 60.0  # seconds
_LANES = 500  #: of one system, turned in one transaction


class Relay:
    """From durable to delivered. ``run`` is its life; the other methods are for those who accept messages."""

    def __init__(self, gear: Gear) -> None:
        self._gear = gear
        self._stop = asyncio.Event()
        pulse = Pulse(gear)
        worker = Worker(gear, pulse)
        self._dispatcher = Dispatcher(gear, worker, pulse)
        self.weather = Weather(gear, pulse, self._dispatcher.wake)
        self._janitor = Janitor(gear, worker, pulse, self.weather, self._dispatcher.wake)
        self._poller = Poller(gear, self._dispatcher.wake)
        self._fetcher = Fetcher(gear, self._dispatcher.wake)
        self._replayer = Replayer(gear)
        self._reconciler = Reconciler(gear)
        self._watch = Watch(gear)
        self._eraser = Eraser(gear, pulse)
        self.ready = asyncio.Event()  #: set when the node has joined and what earlier incarnations lost is recovered

    def slots(self) -> Slots:
        """Return what an accept may lease to this node at once."""
        return self._dispatcher.slots()

    async def take(self, deliveries: Iterable[Delivery], slots: Slots) -> None:
        """Send what an accept has leased to this node under these slots; what comes too late is given back."""
        await self._dispatcher.take(deliveries, slots)

    def wake(self) -> None:
        """Look soon: something was accepted, or a person released something."""
        self._dispatcher.wake()
        self._fetcher.wake()

    async def meet(self, config: RelayConfig) -> None:
        """Prepare for another configuration: what the store knows of its new systems. Raises StoreUnavailable."""
        await self.weather.greet(config.links.values())

    def turn(self, config: RelayConfig, plan: Planner) -> None:
        """Relay by another configuration from now on; what is in a worker's hands ends by the one it began with.

        ``config`` is for the same node, has the same lease, and the same gate for a system that was there before; it
        has been met.
        """
        self._gear.config, self._gear.plan = config, plan
        self._dispatcher.turn()
        self.weather.turn()
        self._poller.turn()

    @property
    def in_flight(self) -> int:
        """How many leased deliveries are in this node's hands."""
        return self._dispatcher.in_flight

    def stop(self) -> None:
        """Ask ``run`` to end in order: nothing new is claimed, what is in flight finishes or is released."""
        self._stop.set()

    async def run(self) -> None:
        """Join, recover, relay until stopped or cancelled, leave.

        Raises StoreUnavailable where the store does not answer for a minute at the start, and a group with Fenced
        where another incarnation has taken over.
        """
        await self._insist("join", self._join)
        await self._turn()
        await self._insist("beat", self.weather.begin)
        try:
            await self._insist("reclaim", self._janitor.reclaim)
            self.ready.set()
            await self._live()
        finally:
            await self._leave()

    async def _insist(self, what: str, call: Callable[[], Awaitable[T]]) -> T:
        """Have the store do what a start needs, within a minute."""
        clock = self._gear.clock
        return await insist(call, what=what, until=clock.monotonic() + _JOIN_FOR, clock=clock)

    async def _join(self) -> None:
        config = self._gear.config
        await self._gear.store.join(config.node, config=config.version, after=self._gear.predecessor)

    async def _turn(self) -> None:
        """Let what was kept for a call be read in the feed, and the reverse, where a system's file has changed."""
        gear, lanes = self._gear, _LANES
        while lanes:
            lanes = await self._insist("serve", lambda: gear.store.serve(gear.config.ways, limit=_LANES))
            if lanes:
                _log.info("lanes_turned", lanes=lanes)

    async def _live(self) -> None:
        """Keep the parts alive; the first that fails ends them all."""
        async with asyncio.TaskGroup() as group:
            dispatcher = group.create_task(self._dispatcher.run())
            parts = [group.create_task(part.run()) for part in self._parts()]
            await self._stop.wait()
            self._dispatcher.stop()
            await asyncio.wait((dispatcher,))
            for part in parts:
                part.cancel()

    def _parts(self) -> tuple[Janitor | Weather | Poller | Fetcher | Replayer | Reconciler | Watch | Eraser, ...]:
        chores = (self._poller, self._fetcher, self._replayer, self._reconciler, self._watch, self._eraser)
        return self._janitor, self.weather, *chores

    async def _leave(self) -> None:
        try:
            await self._gear.store.leave(self._gear.config.node)
        except (StoreUnavailable, StoreFull):
            _log.warning("not_left", node=self._gear.config.node)
