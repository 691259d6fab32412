"""One incarnation of the gateway: a whole relay and its doors in a process that may die between any two turns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

from gateway.app.wakeups import LoopWakeups
from gateway.core.delivery import Delivery
from gateway.core.doubt import Declarations, Declared, Doubt
from gateway.core.ids import NodeId, SystemId
from gateway.core.outcome import Finding, Outcome, Shadowed
from gateway.core.planning import Planning
from gateway.core.policy import RetryPolicy
from gateway.core.reason import Reason, Why
from gateway.core.routing import RouteBook
from gateway.core.terms import Terms
from gateway.core.ways import Way
from gateway.exchange.gate import Gate
from gateway.exchange.pipeline import Pipeline
from gateway.intake.intake import Intake, IntakeGear
from gateway.observability.metrics import MemoryMetrics
from gateway.ports.store import Accepted, Slots
from gateway.relay.gear import Gear
from gateway.relay.link import Link, RelayConfig
from gateway.relay.relay import Relay
from gateway.stores.store import TransactionalStore
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.ids import FakeIds
from gateway.testing.relay_house import FakeFetches
from gateway.testing.simulation import scene
from gateway.testing.simulation.auditor import Auditor
from gateway.testing.simulation.clock import VirtualClock
from gateway.testing.simulation.controls import Control, OpenGate, settling_first
from gateway.testing.simulation.loop import Process, VirtualLoop
from gateway.testing.simulation.partners import Partner

T = TypeVar("T")

TIMEOUT = timedelta(seconds=30)
CONCURRENCY = 4
TERMS = Terms(concurrency=CONCURRENCY, exchange=TIMEOUT)
_PATIENT = RetryPolicy(longest_wait=timedelta(minutes=1), max_attempts=6, max_reclaims=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all incarnations of one seed share."""

    loop: VirtualLoop
    clock: VirtualClock
    ids: FakeIds
    store: TransactionalStore
    partners: Mapping[SystemId, Partner]
    book: RouteBook
    auditor: Auditor
    metrics: MemoryMetrics = field(default_factory=MemoryMetrics)
    control: Control | None = None
    terms: Mapping[SystemId, Terms] = field(default_factory=dict[SystemId, Terms])  #: of those that have their own
    lease: timedelta = timedelta(seconds=60)
    policy: RetryPolicy = _PATIENT
    version: str = "config-0"  #: other words have another one, the same words the same

    def terms_of(self, system: SystemId) -> Terms:
        """Return on which terms a system is called."""
        return self.terms.get(system, TERMS)


class Unreachable(Exception):
    """Nobody answers: the process has not started yet, or has died meanwhile."""


class Node:
    """Begins to live when it is made."""

    def __init__(self, around: Surroundings, process: Process, before: Process | None = None) -> None:
        """``before`` ran at the same place, and has surely ended."""
        self.around = around
        self.process = process
        self._before = before
        self.wakeups = LoopWakeups()
        self.plan = Planning(book=around.book, new_id=around.ids.new)
        self.gone = around.loop.create_future()  #: ends with the process
        self._gates = {system: self._gate(system) for system in around.partners}
        relay = self._relay()
        self.relay = relay

        async def on_accepted(accepted: Accepted, slots: Slots | None) -> None:
            if slots is not None:
                await relay.take(accepted.leased, slots)
            relay.wake()

        self._doors = IntakeGear(
            inbox=around.store, files=around.store, planning=self.plan, slots=relay.slots, on_accepted=on_accepted
        )
        self.intake = Intake(self._doors)
        self._life = around.loop.begin(self.process, self._live())

    @property
    def is_up(self) -> bool:
        """Whether its doors are open."""
        return not self.gone.done() and self.relay.ready.is_set() and not self.process.frozen

    def kill(self) -> None:
        """End it without a last word."""
        self.around.loop.kill(self.process)
        self._end()

    def stop(self) -> None:
        """Ask it to end in order."""
        self.around.loop.begin(self.process, self._stop())

    async def turn(self, around: Surroundings) -> None:
        """Go on by other routes, modes, terms and patience, as after `config apply`. Raises StoreUnavailable."""
        config = self._config(around)
        await self.relay.meet(config)
        for system, gate in self._gates.items():
            gate.turn(around.terms_of(system), moved=False)
        self.around = around
        self.plan = Planning(book=around.book, new_id=around.ids.new)
        self.relay.turn(config, self.plan)
        self.intake = Intake(replace(self._doors, planning=self.plan))

    async def call(self, what: Callable[[Node], Awaitable[T]], *, patience: float = 60.0) -> T:
        """Call it from outside. Raises Unreachable, TimeoutError, and what the call raises."""
        if not self.is_up:
            raise Unreachable
        answer: asyncio.Future[T] = self.around.loop.create_future()

        async def handle() -> None:
            try:
                result = await what(self)
            except Exception as error:  # noqa: BLE001 - the caller hears of it
                if not answer.done():
                    answer.set_exception(error)
            else:
                if not answer.done():
                    answer.set_result(result)

        self.around.loop.begin(self.process, handle())
        await asyncio.wait((answer, self.gone), timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        raise Unreachable

    async def _live(self) -> None:
        try:
            await self.relay.run()
        except Exception:  # noqa: BLE001 - whatever ends it, it has ended; the next incarnation goes on
            self.around.auditor.step(f"{self.process.name} gave up")
        finally:
            self.around.loop.kill(self.process)
            self._end()

    async def _stop(self) -> None:
        self.relay.stop()

    def _end(self) -> None:
        if not self.gone.done():
            self.gone.set_result(None)

    def _config(self, around: Surroundings) -> RelayConfig:
        around.auditor.versions.keep(around.version, around.book, around.policy.max_attempts)
        return RelayConfig(
            node=NodeId(self.process.name),
            version=around.version,
            links={system: self._link(around, partner) for system, partner in around.partners.items()},
            shadow_routes=around.book.shadow_routes,
            ways={name: Way(feed=one.feed, declarations=one.declarations) for name, one in around.book.systems.items()},
            lease=around.lease,
            idle=timedelta(seconds=20),
        )

    def _relay(self) -> Relay:
        around = self.around
        blobs = MemoryBlobs()
        fetches = FakeFetches(blobs)
        fetches.says[scene.GONE.url] = Reason(Why.FILE_NOT_THERE)
        gear = Gear(
            config=self._config(around),
            predecessor=NodeId(self._before.name) if self._before is not None else None,
            store=around.store,
            blobs=blobs,
            fetches=fetches,
            plan=self.plan,
            clock=around.clock,
            ids=around.ids,
            metrics=around.metrics,
            wakeups=self.wakeups,
        )
        return Relay(gear)

    def _gate(self, system: SystemId) -> Gate:
        around = self.around
        kind = OpenGate if around.control is Control.IGNORE_GATES else Gate
        gate = kind(system, around.terms_of(system), clock=around.clock, ids=around.ids, metrics=around.metrics)
        around.partners[system].gates[self.process.place] = gate
        return gate

    def _link(self, around: Surroundings, partner: Partner) -> Link:
        connected = around.book.systems[partner.id]
        gate = self._gates[partner.id]
        at_once = around.terms_of(partner.id).concurrency
        pipeline = Pipeline.for_system(partner, gate=gate, clock=around.clock, metrics=around.metrics, at_once=at_once)
        declarations = connected.declarations
        if around.control is Control.PLAIN_RETRY:
            declarations = Declarations(by_kind={"*": Declared(doubt=Doubt.RESEND)})
        policy = replace(around.policy, declared=declarations.of("*"), exchange=TIMEOUT)
        pipeline = _overheard(pipeline, around.auditor)
        if around.control is Control.SETTLE_BEFORE_SEND:
            pipeline = settling_first(pipeline, around.store, self.plan)
        if around.control is Control.SEND_IN_SHADOW:
            pipeline = replace(pipeline, rehearse=pipeline.send)
        return Link(
            id=partner.id,
            role=connected.role,
            mode=connected.mode,
            pipeline=pipeline,
            policy=lambda _kind: policy,
            declarations=declarations,
            gate=gate,
            timeout=TIMEOUT,
            probes=partner if partner.probed else None,
        )


def _overheard(pipeline: Pipeline, auditor: Auditor) -> Pipeline:
    """Return the pipeline with an ear at its inner end: what the worker is told."""

    async def send(delivery: Delivery, *, deadline: float) -> Outcome:
        result = await pipeline.send(delivery, deadline=deadline)
        assert delivery.lease is not None
        auditor.told(delivery.lease.token, result)
        return result

    async def lookup(delivery: Delivery, *, deadline: float) -> Finding:
        result = await pipeline.lookup(delivery, deadline=deadline)
        assert delivery.lease is not None
        auditor.told(delivery.lease.token, result)
        return result

    async def rehearse(delivery: Delivery, *, deadline: float) -> Shadowed | Outcome:
        result = await pipeline.rehearse(delivery, deadline=deadline)
        assert delivery.lease is not None
        auditor.told(delivery.lease.token, result)
        return result

    return replace(pipeline, send=send, lookup=lookup, rehearse=rehearse)
