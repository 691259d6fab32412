"""What a driver offers for replays; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from gateway.core.ids import DeliveryId
from gateway.core.message import Actor
from gateway.core.replay import Item, ItemState, Left, Run, RunId, Tally


class ReplayTable(Protocol):
    """Runs in the order begun, and their items in the order of release."""

    def save_run(self, run: Run) -> None:
        """Add or replace a run; it keeps its place."""
        ...

    def run(self, run: RunId) -> Run | None:
        """Return one run."""
        ...

    def newest(self, limit: int) -> Sequence[Run]:
        """Return runs, the newest first."""
        ...

    def open_runs(self) -> Sequence[Run]:
        """Return the runs that have not ended, oldest first."""
        ...

    def alone_since(self, moment: datetime) -> Sequence[tuple[Actor, int]]:
        """Return who has begun each run alone, and how many of its items were sent after this time or may still be."""
        ...

    def add_items(self, items: Iterable[Item]) -> None:
        """Keep the items of a new run."""
        ...

    def save_item(self, item: Item) -> None:
        """Replace what may change of an item."""
        ...

    def follow(self, item: Item, delivery: DeliveryId) -> None:
        """Let an item be about another delivery from here on: the one by which it amends."""
        ...

    def skip_chosen(self, run: RunId, why: Left, now: datetime) -> None:
        """Skip every item of a run that was not sent yet."""
        ...

    def items(self, run: RunId, state: ItemState | None, after: int, limit: int) -> Sequence[Item]:
        """Return a run's items behind this place, in order."""
        ...

    def of_delivery(self, delivery: DeliveryId) -> Item | None:
        """Return the item, chosen or sent, that has this delivery; there is one at most."""
        ...

    def tally(self, run: RunId) -> Tally:
        """Return how many items of a run stand how."""
        ...

    def sent_since(self, run: RunId, moment: datetime) -> int:
        """Return how many items were released after this time."""
        ...
