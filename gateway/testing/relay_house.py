"""A relay over a memory store, with fake partners, a fake clock, and a store that can be taken away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from gateway.app.wakeups import LoopWakeups
from gateway.core.attention import Patience
from gateway.core.delivery import State
from gateway.core.errors import StoreUnavailable
from gateway.core.ids import DeliveryId, NodeId, SystemId
from gateway.core.message import Blob, Draft, PendingFile, Receipt
from gateway.core.planning import Planning
from gateway.core.policy import RetryPolicy
from gateway.core.reason import Reason, Why
from gateway.core.retention import Rule
from gateway.core.routing import RouteBook
from gateway.core.terms import Terms
from gateway.core.ways import Way
from gateway.exchange.gate import Gate
from gateway.exchange.pipeline import Pipeline
from gateway.observability.metrics import MemoryMetrics
from gateway.ports.adapter import Probes
from gateway.ports.store import DeliveryView
from gateway.relay.gear import Gear, Past, only_the_present
from gateway.relay.link import Link, RelayConfig
from gateway.relay.relay import Relay
from gateway.stores.memory import MemoryStore
from gateway.stores.tables import Transaction
from gateway.testing.adapter import FakeAdapter
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.books import a_book
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.signals import until

T = TypeVar("T")

_TIMEOUT = timedelta(seconds=30)


class UnsteadyStore(MemoryStore):
    """A memory store that answers only while ``up``."""

    up = True
    largest = 0  #: drafts of one transaction

    async def _write(
        self, work: Callable[[Transaction], T], *, about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        self._check()
        self.largest = max(self.largest, len(about))
        return await super()._write(work, about=about, of=of)

    async def _read(self, work: Callable[[Transaction], T]) -> T:
        self._check()
        return await super()._read(work)

    def _check(self) -> None:
        if not self.up:
            raise StoreUnavailable("taken away by the test")


class FakeFetches:
    """Has the files it was given, by address; of ``endless`` hosts no file ever ends."""

    def __init__(self, blobs: MemoryBlobs) -> None:
        self._blobs = blobs
        self.files: dict[str, bytes] = {}
        self.says: dict[str, Reason] = {}  #: why one of the others is not had
        self.asked: list[str] = []
        self.endless: set[str] = set()

    async def fetch(self, pending: PendingFile, *, deadline: float) -> Blob | Reason:
        del deadline
        self.asked.append(pending.url)
        if urlsplit(pending.url).hostname in self.endless:
            await asyncio.Event().wait()
        data = self.files.get(pending.url)
        if data is None:
            return self.says.get(pending.url, Reason(Why.FILE_MISSING))
        return replace(self._blobs.hold(data, name=pending.name), file_id=pending.file_id)


class RelayHouse:
    """Everything round a relay. Change ``links`` before the first ``running``."""

    def __init__(
        self,
        adapters: Mapping[SystemId, FakeAdapter],
        book: RouteBook | None = None,
        *,
        terms: Mapping[SystemId, Terms] | None = None,
        beside: RelayHouse | None = None,
        clock: FakeClock | None = None,
        silence: timedelta | None = None,
    ) -> None:
        """``beside`` is the house of another node, over a store that holds a node for dead after this ``silence``."""
        self.clock: FakeClock = clock or (beside.clock if beside else FakeClock())
        self.ids: FakeIds = beside.ids if beside else FakeIds()
        self.metrics = MemoryMetrics()
        self.wakeups: LoopWakeups = beside.wakeups if beside else LoopWakeups()
        self.store: UnsteadyStore = beside.store if beside else self._new_store(silence)
        self.blobs = MemoryBlobs()
        self.fetches = FakeFetches(self.blobs)
        self.adapters = adapters
        self.patience: Patience | None = None  #: nobody watches unless a test says when
        self.retention: Rule | None = None  #: nothing is erased unless a test says so
        self.version = "config-1"
        self.lease = timedelta(seconds=60)
        self.past: Past = only_the_present
        self.book = book or a_book()
        self.plan = Planning(book=self.book, new_id=self.ids.new)
        given = terms or {}
        self.links = {system: self._link(system, adapter, given.get(system)) for system, adapter in adapters.items()}

    def _new_store(self, silence: timedelta | None) -> UnsteadyStore:
        return UnsteadyStore(clock=self.clock, ids=self.ids, notify=self.wakeups.wake, silence=silence)

    def _link(self, system: SystemId, adapter: FakeAdapter, terms: Terms | None) -> Link:
        connected = self.book.systems[system]
        terms = terms or Terms(concurrency=4, exchange=_TIMEOUT)
        gate = Gate(system, terms, clock=self.clock, ids=self.ids, metrics=self.metrics)
        return Link(
            id=system,
            role=connected.role,
            mode=connected.mode,
            pipeline=Pipeline.for_system(adapter, gate=gate, clock=self.clock, metrics=self.metrics),
            policy=lambda kind: RetryPolicy(declared=connected.declarations.of(kind), exchange=_TIMEOUT),
            declarations=connected.declarations,
            gate=gate,
            timeout=_TIMEOUT,
            probes=adapter if isinstance(adapter, Probes) else None,
        )

    def config(self, node: str) -> RelayConfig:
        """Return the values by which a node relays, as the house stands now."""
        return RelayConfig(
            node=NodeId(node),
            version=self.version,
            links=self.links,
            lease=self.lease,
            shadow_routes=self.book.shadow_routes,
            ways={name: Way(feed=one.feed, declarations=one.declarations) for name, one in self.book.systems.items()},
            patience=self.patience,
            retention=self.retention,
            grace=timedelta(milliseconds=20),
        )

    def relay(self, node: str) -> Relay:
        """Return a relay that nobody runs yet."""
        gear = Gear(
            config=self.config(node),
            store=self.store,
            blobs=self.blobs,
            fetches=self.fetches,
            plan=self.plan,
            past=self.past,
            clock=self.clock,
            ids=self.ids,
            metrics=self.metrics,
            wakeups=self.wakeups,
        )
        return Relay(gear)

    @asynccontextmanager
    async def running(self, node: str = "node-1") -> AsyncGenerator[Relay, None]:
        """Run a relay, and stop it in order."""
        relay = self.relay(node)
        life = asyncio.create_task(relay.run())
        try:
            await relay.ready.wait()
            yield relay
        finally:
            relay.stop()
            await life

    @asynccontextmanager
    async def doomed(self, node: str) -> AsyncGenerator[Relay, None]:
        """Run a relay, and let it vanish without a last word to the store."""
        relay = self.relay(node)
        life = asyncio.create_task(relay.run())
        try:
            await relay.ready.wait()
            yield relay
        finally:
            self.store.up = False
            life.cancel()
            await self._bury(life)
            self.store.up = True

    async def _bury(self, life: asyncio.Task[None]) -> None:
        """Let a cancelled relay give up on the store it no longer has."""
        while not life.done():
            await asyncio.wait((life,), timeout=0.002)
            self.clock.advance(1)

    async def accept(self, *drafts: Draft) -> tuple[Receipt, ...]:
        """Accept these, one after the other."""
        found = [(await self.store.accept((draft,), plan=self.plan)).results[0] for draft in drafts]
        refused = [result for result in found if not isinstance(result, Receipt)]
        if refused:
            raise AssertionError(f"not accepted: {refused}")
        return tuple(result for result in found if isinstance(result, Receipt))

    async def legs(self, destination: SystemId, *kinds: str) -> tuple[DeliveryView, ...]:
        """Return what was ever meant for a system, in lane order; only of these kinds, if any are named."""
        found = await self.store.find(destination=destination)
        return tuple(sorted((leg for leg in found if not kinds or leg.kind in kinds), key=lambda leg: leg.lane_seq))

    async def until(self, destination: SystemId, *states: State, kinds: Iterable[str] = ()) -> None:
        """Let time pass until the legs to a system stand so, in lane order."""

        async def stands() -> bool:
            return tuple(leg.state for leg in await self.legs(destination, *kinds)) == states

        await until(stands, self.clock)
