"""What a test of the contract holds in its hands: a store, its clock, and short ways to act."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.delivery import Delivery, DoubtMark, State
from gateway.core.ids import DeliveryId, NodeId, SystemId
from gateway.core.message import Draft, ItemResult, Known, Receipt
from gateway.core.planning import Planned, Planner
from gateway.core.reason import Reason, Why
from gateway.core.routing import RouteBook
from gateway.ports.store import DeliveryView, Settled, Settlement, Slots, Store
from gateway.testing.books import CIVIL_STATUS, a_draft, a_planner, a_settlement
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds

NODE = NodeId("node-1")
LEASE = timedelta(seconds=30)


def slots(
    *systems: SystemId,
    free: int = 8,
    again: int | None = None,
    node: NodeId = NODE,
    hold_kinds: Mapping[SystemId, Collection[str]] | None = None,
) -> Slots:
    """Return so many free slots for each system, ``civil_status`` where none is named."""
    return Slots(
        node=node,
        config="config-1",
        lease_for=LEASE,
        free=dict.fromkeys(systems or (CIVIL_STATUS,), free),
        again={} if again is None else dict.fromkeys(systems or (CIVIL_STATUS,), again),
        hold_kinds=hold_kinds or {},
    )


@dataclass(slots=True)
class World:
    """A store at a known time, under one route book."""

    store: Store
    clock: FakeClock
    ids: FakeIds
    plan: Planner

    def use(self, book: RouteBook) -> None:
        """Route by this book from now on."""
        self.plan = a_planner(self.ids, book)

    def poison(self, kind: str) -> None:
        """Let planning fail from now on over what is said of this kind about a dossier that is known."""
        planned = self.plan

        def plan(draft: Draft, known: Known) -> Planned:
            if known.dossier is not None and draft.kind == kind:
                raise RuntimeError("poison")
            return planned(draft, known)

        self.plan = plan

    async def accept(self, *drafts: Draft) -> tuple[ItemResult, ...]:
        """Accept drafts in one call."""
        return (await self.store.accept(drafts, plan=self.plan)).results

    async def receive(self, draft: Draft) -> Receipt:
        """Accept one draft that must get a receipt."""
        (result,) = await self.accept(draft)
        assert isinstance(result, Receipt), result
        return result

    async def claim(self, *systems: SystemId, free: int = 8, again: int | None = None) -> Sequence[Delivery]:
        """Claim for the first node."""
        return await self.store.claim(slots(*systems, free=free, again=again))

    async def claim_one(self, *systems: SystemId) -> Delivery:
        """Claim what must be exactly one delivery."""
        (delivery,) = await self.claim(*systems)
        return delivery

    async def take_over(self, *, after: float = 31) -> Delivery:
        """Let a lease lapse, and claim what must be the one delivery that was lost by it."""
        self.clock.advance(after)
        (lost,) = await self.store.reclaim(slots(), limit=8)
        return lost

    async def refuse(self, *codes: str) -> list[Delivery]:
        """Let submissions of these codes be refused; return their deliveries."""
        return await self._stop(codes, State.DEAD, DoubtMark.KEEP, Why.REFUSED_BY_PARTNER)

    async def doubt(self, *codes: str) -> list[Delivery]:
        """Let submissions of these codes be held in doubt; return their deliveries."""
        return await self._stop(codes, State.HELD, DoubtMark.SET, Why.TIMEOUT)

    async def _stop(self, codes: Sequence[str], state: State, doubt: DoubtMark, why: Why) -> list[Delivery]:
        for code in codes:
            await self.receive(a_draft(code))
        taken = list(await self.claim(free=500))
        for delivery in taken:
            await self.settle(delivery, state, doubt=doubt, reason=Reason(why))
        return taken

    async def settle(
        self,
        delivery: Delivery,
        to: State = State.DELIVERED,
        *,
        then: tuple[Draft, ...] = (),
        **changes: object,
    ) -> Settled:
        """Settle a claimed delivery."""
        return await self.end(a_settlement(delivery, to, then=then, **changes))

    async def end(self, settlement: Settlement) -> Settled:
        """Settle by a settlement made before."""
        return await self.store.settle(settlement, plan=self.plan)

    async def view(self, delivery: DeliveryId) -> DeliveryView:
        """Return how a delivery stands."""
        found = await self.store.delivery(delivery)
        assert found is not None
        return found[0]

    async def states(self, receipt: Receipt) -> list[State]:
        """Return how the deliveries of a receipt stand."""
        return [(await self.view(delivery)).state for delivery in receipt.deliveries]


class StoreCase(ABC):
    """Opens a fresh world for each test."""

    @abstractmethod
    def open_store(self, folder: Path, clock: FakeClock, ids: FakeIds, /) -> AbstractAsyncContextManager[Store]:
        """Return a store that is closed at the end of its context."""

    @pytest.fixture
    async def world(self, tmp_path: Path) -> AsyncGenerator[World]:
        """An empty store under the plain book."""
        clock, ids = FakeClock(), FakeIds()
        async with self.open_store(tmp_path, clock, ids) as store:
            yield World(store, clock, ids, a_planner(ids))
