"""Replays: many stopped deliveries sent again, carefully; the relay goes on with them by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.core.acts import By
from gateway.core.message import Actor
from gateway.core.planning import Planner
from gateway.core.replay import Choice, Item, ItemState, Order, Run, RunId, RunState, Selection, Steering, Tally


class Replays(Protocol):
    """For operators; by ``core.replay``."""

    async def choose(self, selection: Selection, *, whose: Actor | None = None) -> Choice:
        """Return what a selection comes to now, and what this person has begun alone lately; nothing is changed."""
        ...

    async def begin_run(self, order: Order, *, by: By) -> Run:
        """Freeze a run of exactly these deliveries. Raises TooMany where a second person must agree.

        What the same person has begun alone lately counts with it, decided in this transaction.
        """
        ...

    async def steer_run(self, run: RunId, steering: Steering, *, by: By) -> Run:
        """Pause, resume or cancel a run. Raises UnknownRun, RunClosed."""
        ...

    async def run(self, run: RunId) -> tuple[Run, Tally]:
        """Return a run and how its items stand. Raises UnknownRun."""
        ...

    async def runs(self, *, limit: int = 100) -> Sequence[tuple[Run, Tally]]:
        """Return runs, the newest first."""
        ...

    async def run_items(
        self, run: RunId, *, state: ItemState | None = None, after: int = 0, limit: int = 100
    ) -> Sequence[Item]:
        """Return a run's items behind this place. Raises UnknownRun."""
        ...


class Advances(Protocol):
    """For the relay."""

    async def advance(self, *, plan: Planner) -> Mapping[RunId, RunState]:
        """Release what may go of every open run, a transaction each; return how those stand that went on.

        A release and its mark are one transaction, so nothing is released twice however often this breaks off.
        """
        ...
