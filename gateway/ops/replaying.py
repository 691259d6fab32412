"""Sending many again: shown first, begun by one person, or proposed to a second where it is large."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.acts import By
from gateway.core.ids import SystemId
from gateway.core.message import Actor
from gateway.core.proposals import Proposal, TooMany
from gateway.core.replay import (
    Choice,
    Item,
    ItemState,
    Run,
    RunId,
    RunPlan,
    Selection,
    Steering,
    Tally,
    order,
    wish,
    within,
)
from gateway.ports.proposals import Proposals
from gateway.ports.replays import Replays


class ReplayingStore(Proposals, Replays, Protocol):
    """The parts of a store that replaying uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDesk:
    """Serves whoever sends many again; their name and reason come with each call."""

    store: ReplayingStore = field(repr=False)
    systems: Collection[SystemId]  #: that are configured: to no other is anything sent

    async def choose(self, selection: Selection, *, whose: Actor) -> Choice:
        """Return what a selection comes to now, for this person: the dry run."""
        return within(await self.store.choose(selection, whose=whose), self.systems)

    async def begin(self, selection: Selection, plan: RunPlan, *, by: By) -> Run | Proposal:
        """Begin a run of what the selection comes to now; where it is large, also with others, propose exactly that.

        Raises NothingChosen, Unapprovable.
        """
        choice = within(await self.store.choose(selection), self.systems)
        asked = order(choice, selection.words(), plan)
        try:
            return await self.store.begin_run(asked, by=by)
        except TooMany as many:
            return await self.store.propose(wish(asked, many.lately), by=by)

    async def steer(self, run: RunId, steering: Steering, *, by: By) -> tuple[Run, Tally]:
        """Pause, resume or cancel a run. Raises UnknownRun, RunClosed."""
        await self.store.steer_run(run, steering, by=by)
        return await self.store.run(run)

    async def run(self, run: RunId) -> tuple[Run, Tally]:
        """Return a run and how its items stand. Raises UnknownRun."""
        return await self.store.run(run)

    async def runs(self, *, limit: int) -> Sequence[tuple[Run, Tally]]:
        """Return runs, the newest first."""
        return await self.store.runs(limit=limit)

    async def items(self, run: RunId, state: ItemState | None, *, after: int, limit: int) -> Sequence[Item]:
        """Return a run's items behind this place. Raises UnknownRun."""
        return await self.store.run_items(run, state=state, after=after, limit=limit)
