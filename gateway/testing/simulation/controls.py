"""Gateways broken on purpose, in nine ways: what is not found in them would not be found in the real one either."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from gateway.core.delivery import Delivery, State, Transition
from gateway.core.errors import Fenced
from gateway.core.ids import DeliveryId, DossierId, NodeId, SystemId
from gateway.core.message import Draft
from gateway.core.outcome import Outcome
from gateway.core.planning import Planner
from gateway.core.weather import Fleet, Tally
from gateway.exchange.gate import Gate
from gateway.exchange.pipeline import Pipeline
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.ports.store import Outbox, Settlement, Slots
from gateway.stores.memory.deliveries import MemoryDeliveries
from gateway.stores.rows import DeliveryRow
from gateway.stores.store import Notify
from gateway.stores.tables import Transaction
from gateway.testing.simulation.store import Watched
from gateway.testing.simulation.stores import Opener, WatchedMemory, memory

T = TypeVar("T")


class Control(StrEnum):
    """What is broken."""

    PLAIN_RETRY = "plain_retry"  #: whatever has not answered is sent again
    SETTLE_BEFORE_SEND = "settle_before_send"  #: an attempt is settled as «to be repeated» before it is made
    IGNORE_LANES = "ignore_lanes"  #: everything is ready at once
    NO_RECLAIM = "no_reclaim"  #: what a lost worker had leased waits for nobody
    ANSWER_BEFORE_COMMIT = "answer_before_commit"  #: a receipt that a failing commit takes back
    IGNORE_GATES = "ignore_gates"  #: no breaker, pause or rate keeps anything back
    SEND_IN_SHADOW = "send_in_shadow"  #: what is to be rehearsed is sent
    SHARE_LEASES = "share_leases"  #: what one relay has claimed, the other is given, too
    NEVER_FENCED = "never_fenced"  #: a node that another has ended is not told so, and goes on


#: What shows only where two relays work over one store.
OF_TWO = frozenset({Control.SHARE_LEASES, Control.NEVER_FENCED})


def settling_first(pipeline: Pipeline, store: Outbox, plan: Planner) -> Pipeline:
    """Return the pipeline with a settlement before one send in four."""

    async def send(delivery: Delivery, *, deadline: float) -> Outcome:
        if delivery.lease is not None and delivery.lease.token[0] in "0123":
            early = Settlement(lease=delivery.lease, transition=Transition(to=State.DELAYED), attempt=None)
            await store.settle(early, plan=plan)
        return await pipeline.send(delivery, deadline=deadline)

    return replace(pipeline, send=send)


class OpenGate(Gate):
    """Learns as any gate does, and keeps nothing back."""

    def free(self, in_hand: int, uncalled: int) -> int:
        del uncalled
        return max(self.seats - in_hand, 0)

    def admits(self, delivery: DeliveryId) -> bool:
        del delivery
        return True

    async def enter(self, delivery: DeliveryId) -> bool:
        return self.admits(delivery)


class _Laneless(MemoryDeliveries):
    """Every delivery stands alone."""

    def lane_end(self, destination: SystemId, dossier: DossierId) -> tuple[int, bool]:
        last, _ = super().lane_end(destination, dossier)
        return last, False

    def save(self, row: DeliveryRow) -> None:
        self._put(row)


class _LanelessStore(WatchedMemory):
    deliveries = _Laneless


class _Unreclaimed(WatchedMemory):
    async def reclaim(self, slots: Slots, *, limit: int) -> Sequence[Delivery]:
        del slots, limit
        return ()


class _TakenBack(Exception):
    """Undoes a transaction whose result is given all the same."""


class _Hasty(WatchedMemory):
    """Answers some accepts whose commit then fails."""

    async def _write(
        self, work: Callable[[Transaction], T], *, about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        if not about or self.dice.random() > 0.05:  # noqa: PLR2004 - one accept in twenty
            return await super()._write(work, about=about, of=of)

        results: list[T] = []

        def undone(tx: Transaction) -> T:
            results.append(work(tx))
            raise _TakenBack

        with suppress(_TakenBack):
            await super()._write(undone, about=about, of=of)
        return results[-1]


class _Generous(WatchedMemory):
    """Gives whoever claims next what another relay has just claimed as well."""

    _claimed: Sequence[Delivery] = ()
    _by: NodeId | None = None

    async def claim(self, slots: Slots) -> Sequence[Delivery]:
        claimed = await super().claim(slots)
        others = self._claimed if self._by != slots.node else ()
        self._claimed, self._by = claimed, slots.node
        return (*claimed, *others)


class _Secretive(WatchedMemory):
    """Keeps to itself which nodes have ended."""

    async def beat(self, node: NodeId, tallies: Mapping[SystemId, Tally]) -> Fleet:
        with suppress(Fenced):
            return await super().beat(node, tallies)
        fleet = await self.fleet()
        return replace(fleet, nodes=(*fleet.nodes, node))


_STORES: Mapping[Control, type[WatchedMemory]] = {
    Control.IGNORE_LANES: _LanelessStore,
    Control.NO_RECLAIM: _Unreclaimed,
    Control.ANSWER_BEFORE_COMMIT: _Hasty,
    Control.SHARE_LEASES: _Generous,
    Control.NEVER_FENCED: _Secretive,
}


@contextmanager
def broken(control: Control, silence: timedelta | None = None) -> Generator[Opener]:
    """Give stores that are broken so; where the fault is not the store's, sound ones. ``silence`` as of ``memory``."""
    kind = _STORES.get(control)
    if kind is None:
        with memory(silence) as opener:
            yield opener
        return

    def opened(clock: Clock, ids: Ids, notify: Notify) -> Watched:
        return kind(clock=clock, ids=ids, notify=notify, silence=silence)

    yield opened
