"""What an operator decides: one delivery at a time, always under a name and with a reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.acts import Act, ActId, By, Target
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.judging import Decision, Standing, UnknownDelivery, decided
from gateway.core.planning import Planner
from gateway.ports.acts import Acts
from gateway.ports.decisions import Decisions
from gateway.ports.store import AttemptView, DeliveryView, Ledger


def standing_of(view: DeliveryView, systems: Collection[SystemId]) -> Standing:
    """Return what a decision that sends looks at."""
    return Standing(
        state=view.state,
        in_doubt=view.in_doubt_since is not None,
        destination=view.destination,
        gone=view.destination not in systems,
    )


class DecidingStore(Acts, Decisions, Ledger, Protocol):
    """The parts of a store that deciding uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Serves whoever decides; their name and reason come with each call."""

    store: DecidingStore = field(repr=False)
    plan: Planner = field(repr=False)
    systems: Collection[SystemId]  #: that are configured: to no other is anything sent

    async def decide(
        self, delivery: DeliveryId, decision: Decision, *, by: By, codes: Mapping[str, str] | None = None
    ) -> Act:
        """Apply a decision. Raises UnknownDelivery, Undecidable, TooMany."""
        if decision is Decision.RETRY:
            view, _ = await self.delivery(delivery)
            decided(decision, standing_of(view, self.systems))
        return await self.store.decide(delivery, decision, by=by, plan=self.plan, codes=codes)

    async def delivery(self, delivery: DeliveryId) -> tuple[DeliveryView, Sequence[AttemptView]]:
        """Return how a delivery stands. Raises UnknownDelivery."""
        found = await self.store.delivery(delivery)
        if found is None:
            raise UnknownDelivery(delivery)
        return found

    async def acts(self, target: Target | None, *, before: ActId | None, limit: int) -> Sequence[Act]:
        """Return what people did, the newest first."""
        return await self.store.acts(target, before=before, limit=limit)
