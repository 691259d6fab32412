"""Claims what is due for the systems that have room, and owns the workers' tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.breaker import Phase
from gateway.core.delivery import Delivery
from gateway.core.errors import Fenced, StoreFull, StoreUnavailable
from gateway.core.ids import SystemId
from gateway.ports.store import Slots
from gateway.relay.bench import Bench
from gateway.relay.chores import Chores
from gateway.relay.gear import Gear
from gateway.relay.job import Job
from gateway.relay.patience import waits
from gateway.relay.pause import Pause
from gateway.relay.pulse import Pulse
from gateway.relay.worker import Worker

_log: FilteringBoundLogger = structlog.get_logger()

_LISTEN = 60.0  # seconds of one wait for wake-ups; only how often the wait is begun anew
_SHORTEST = 0.05  # seconds between two looks that found nothing, so that a lagging clock makes no busy loop


class Dispatcher:
    """One per node. Everything it has leased ends settled, released, or left to its lease."""

    def __init__(self, gear: Gear, worker: Worker, pulse: Pulse) -> None:
        self._gear = gear
        self._worker = worker
        self._pulse = pulse
        self._benches: dict[SystemId, Bench] = {}
        self._on: dict[SystemId, Bench] = {}  #: those for which something is claimed
        self._pause = Pause(gear.clock)
        self._chores = Chores(gear.clock, gear.metrics)
        self._stopping = False
        self._waits = waits()
        self._sit()

    def turn(self) -> None:
        """Claim by the configuration that is in force now; what was claimed before ends as it began."""
        self._sit()
        self._gear.wakeups.wake(self._benches)  # who listens begins anew, for the new systems too
        self._pause.ring()

    def _sit(self) -> None:
        links = [link for link in self._gear.config.links.values() if link.is_on()]
        for link in links:  # a system that was gone comes back with another gate
            self._benches.setdefault(link.id, Bench(link.gate)).gate = link.gate
        self._on = {link.id: self._benches[link.id] for link in links}
        self._hold_kinds = self._gear.config.hold_kinds()

    def slots(self) -> Slots:
        """Return what this node can take now; nothing once it is stopping."""
        return self._slots_of({} if self._stopping else self._free())

    async def take(self, deliveries: Iterable[Delivery], slots: Slots) -> None:
        """Take on what an accept has leased to this node under these slots; give it back once this node is stopping.

        The leases are counted from when the slots were given: the accept may have taken its time. Where another
        configuration is in force since, they are given back, too: what was leased to be rehearsed has not begun, and a
        first byte by the other one would leave no doubt behind.
        """
        until = slots.asked_at + slots.lease_for.total_seconds()
        jobs = [Job.of(delivery, until, self._gear.config) for delivery in deliveries]
        if self._stopping or slots.config != self._gear.config.version:
            await self._release(jobs)
            return
        for job in jobs:
            self._seat(job)

    def wake(self) -> None:
        """Look at the store soon: something may be ready."""
        self._pause.ring()

    def stop(self) -> None:
        """Claim nothing more; ``run`` returns when what is in flight has ended, been released or settled."""
        self._stopping = True
        self._pause.ring()

    @property
    def in_flight(self) -> int:
        """How many leased deliveries are in this node's hands."""
        return sum(len(bench.working) + len(bench.queue) for bench in self._benches.values())

    async def run(self) -> None:
        """Claim and start until stopped or cancelled. Raises Fenced."""
        listener = asyncio.create_task(self._listen())
        try:
            while not self._stopping:
                await self._pause.wait(await self._look())
        finally:
            self._stopping = True
            listener.cancel()
            await asyncio.wait((listener,))
            await self._drain()

    async def _listen(self) -> None:
        """Pass on what others ring for our systems."""
        while True:
            if await self._gear.wakeups.wait(self._benches, seconds=_LISTEN):
                self._pause.ring()

    async def _look(self) -> float:
        """Claim once; return the seconds until the next look is worth it."""
        try:
            return await self._claim()
        except (StoreUnavailable, StoreFull) as error:
            wait = next(self._waits)
            _log.warning("store_unavailable", what="claim", error=type(error).__name__, again_in=wait)
            self._gear.metrics.count("relay_store_unavailable_total")
            return wait
        except Fenced:
            raise
        except Exception as bug:  # noqa: BLE001 - what one row spoils must not end the doors, and end them at every start
            self._chores.failed("claim", bug)
            return next(self._waits)

    async def _claim(self) -> float:
        await self._give_up()
        free = self._free()
        if not free:
            return self._until_free()
        await self._pulse.confirm()
        config = self._gear.config
        until = self._gear.clock.monotonic() + config.lease.total_seconds()
        claimed = await self._gear.store.claim(self._slots_of(free))
        for delivery in claimed:
            self._seat(Job.of(delivery, until, config))
        self._waits = waits()
        self._chores.worked("claim")
        return 0.0 if claimed else await self._until_due()

    async def _give_up(self) -> None:
        """Give back what has waited here for a seat until its lease is about to lapse: it would count as begun.

        Accepts that come at once are each offered all the seats that are free, so more may be leased than there are.
        """
        config = self._gear.config
        before = self._gear.clock.monotonic() + config.margin + config.idle.total_seconds()
        await self._release([job for bench in self._benches.values() for job in bench.give_up(before)])

    async def _until_due(self) -> float:
        due = await self._gear.store.next_due()
        free = self._until_free()
        return free if due is None else min(max(due.total_seconds(), _SHORTEST), free)

    def _until_free(self) -> float:
        """Return the seconds until a system may be called again for which time alone brings it."""
        idle = self._gear.config.idle.total_seconds()
        waits = (bench.gate.again_in() for bench in self._on.values())
        return min(max(min((wait for wait in waits if wait is not None), default=idle), _SHORTEST), idle)

    def _free(self) -> Mapping[SystemId, int]:
        free = {system: min(bench.free, self._gear.config.batch) for system, bench in self._on.items()}
        return {system: seats for system, seats in free.items() if seats > 0}

    def _slots_of(self, free: Mapping[SystemId, int]) -> Slots:
        config = self._gear.config
        return Slots(
            node=config.node,
            config=config.version,
            lease_for=config.lease,
            free=free,
            again={system: self._benches[system].again for system in free},
            hold_kinds=self._hold_kinds,
            shadow_routes=config.shadow_routes,
            fresh_first=frozenset(system for system, seats in free.items() if self._is_fresh_first(system, seats)),
            asked_at=self._gear.clock.monotonic(),
        )

    def _is_fresh_first(self, system: SystemId, seats: int) -> bool:
        """Whether a fresh one is to find out how the system is, or has the turn: a retry had the last single seat."""
        bench = self._benches[system]
        return bench.gate.breaker.phase is Phase.HALF_OPEN or (seats == 1 and bench.was_again)

    def _seat(self, job: Job) -> None:
        bench = self._benches[job.delivery.destination]
        bench.take(job)
        if not self._stopping:
            self._start(bench)

    def _start(self, bench: Bench) -> None:
        while bench.queue and (job := bench.next()) is not None:
            job.on_answered = partial(self._answered, bench)
            task = asyncio.create_task(self._worker.work(job))
            bench.working[task] = job
            task.add_done_callback(partial(self._ended, bench))

    def _answered(self, bench: Bench, job: Job) -> None:
        """Give the seat to the next one."""
        bench.answered(job)
        if not self._stopping:
            self._start(bench)
        self._pause.ring()

    def _ended(self, bench: Bench, task: asyncio.Task[None]) -> None:
        """Look again: a settlement readies what waited behind it."""
        bench.gate.done(bench.end(task).delivery.id)
        if not self._stopping:
            self._start(bench)
        self._pause.ring()

    async def _drain(self) -> None:
        """Release what waits, let what is at work finish, then cut it off: it settles or releases itself."""
        queued = [bench.queue.popleft() for bench in self._benches.values() for _ in range(len(bench.queue))]
        await self._release(queued)
        working = {task for bench in self._benches.values() for task in bench.working}
        if not working:
            return
        _, unfinished = await asyncio.wait(working, timeout=self._gear.config.grace.total_seconds())
        for task in unfinished:
            task.cancel()
        if unfinished:
            _log.warning("cut_off", deliveries=len(unfinished))
            await asyncio.wait(unfinished)

    async def _release(self, jobs: list[Job]) -> None:
        if not jobs:
            return
        try:
            await self._gear.store.release([job.lease for job in jobs])
        except (StoreUnavailable, StoreFull):
            _log.warning("left_to_their_leases", deliveries=len(jobs))
