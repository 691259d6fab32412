"""Keeps the house: says that the node lives, takes over what others lost, repairs lanes, sweeps files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import StoreFull, StoreUnavailable
from gateway.core.routing import Mode
from gateway.exchange.guard import place_of
from gateway.ports.store import Slots
from gateway.relay.chores import Chores
from gateway.relay.gear import Gear
from gateway.relay.job import Job
from gateway.relay.pulse import EVERY, Pulse
from gateway.relay.sweeper import Sweeper
from gateway.relay.weather import Weather
from gateway.relay.worker import Worker

_log: FilteringBoundLogger = structlog.get_logger()

_RECLAIM_BATCH = 100
_REPAIR_EVERY = 60.0
_SWEEP_AGAIN = 900.0  # of what the first sweep found: a gateway that is restarted every hour removes files, too
_SWEEP_EVERY = 3600.0
_EXPIRE_EVERY = 5.0
_EXPIRE_BATCH = 100  # of one transaction: everybody who writes waits for it


class Janitor:
    """Does its chores at once, then again and again; a store that is away postpones them."""

    def __init__(self, gear: Gear, worker: Worker, pulse: Pulse, weather: Weather, wake: Callable[[], None]) -> None:
        self._gear = gear
        self._worker = worker
        self._pulse = pulse
        self._weather = weather
        self._wake = wake
        self._sweeper = Sweeper(gear.store, gear.blobs, gear.clock)
        self._chores = Chores(gear.clock, gear.metrics)

    async def run(self) -> None:
        """Run until cancelled. Raises Fenced (in a group) where another incarnation has taken over."""
        lease, every = self._gear.config.lease.total_seconds(), self._chores.every
        async with asyncio.TaskGroup() as group:
            group.create_task(every(min(lease / 6, EVERY), "beat", self._weather.beat))
            group.create_task(every(lease / 4, "reclaim", self.reclaim))
            group.create_task(every(_REPAIR_EVERY, "repair", self.repair))
            group.create_task(self._sweep())
            group.create_task(every(_EXPIRE_EVERY, "expire", self.expire))

    async def reclaim(self) -> None:
        """Settle in doubt what a lost worker had begun; what it had not begun is ready again. Raises Fenced."""
        full = True
        while full:
            await self._pulse.confirm()  # what a node that is over took over would be lost once more
            until = self._gear.clock.monotonic() + self._gear.config.lease.total_seconds()
            lost = await self._gear.store.reclaim(self._slots(), limit=_RECLAIM_BATCH)
            full = len(lost) == _RECLAIM_BATCH
            for delivery in lost:
                _log.warning("worker_lost", delivery=delivery.id, system=delivery.destination)
                self._gear.metrics.count("relay_reclaimed_total", system=delivery.destination)
                await self._settle_lost(Job.of(delivery, until, self._gear.config))
        self._wake()

    async def _settle_lost(self, job: Job) -> None:
        """Settle one; a fault of our own leaves it to its lease, and must not keep the others, or a start, back."""
        try:
            await self._worker.lost(job)
        except (StoreUnavailable, StoreFull, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - one delivery's fault is not the relay's
            _log.error("reclaim_failed", delivery=job.delivery.id, error=type(error).__name__, at=place_of(error))

    async def repair(self) -> None:
        """Give a head to each lane that has none though something waits: never needed unless there is a bug."""
        repaired = await self._gear.store.repair()
        if repaired:
            _log.error("lanes_repaired", lanes=repaired, alert=True)
            self._gear.metrics.count("relay_lanes_repaired_total", repaired)
            self._wake()

    async def expire(self) -> None:
        """End what nobody could send in time, also where its system is off, closed or down."""
        expired = _EXPIRE_BATCH
        while expired == _EXPIRE_BATCH:
            expired = await self._gear.store.expire(plan=self._gear.plan, limit=_EXPIRE_BATCH)
            if expired:
                _log.warning("expired", deliveries=expired)
                self._gear.metrics.count("relay_expired_total", expired)

    async def _sweep(self) -> None:
        await self._chores.attempt("sweep", self._sweeper.sweep)
        await self._gear.clock.sleep(_SWEEP_AGAIN)
        await self._chores.every(_SWEEP_EVERY, "sweep", self._sweeper.sweep)

    def _slots(self) -> Slots:
        config = self._gear.config
        return Slots(
            node=config.node,
            config=config.version,
            lease_for=config.lease,
            free={},
            shadow_routes=config.shadow_routes,
            shadow_systems=frozenset(link.id for link in config.links.values() if link.mode is Mode.SHADOW),
        )
