"""Replays in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.core.ids import DeliveryId
from gateway.core.message import Actor
from gateway.core.replay import OPEN_RUNS, Item, ItemState, Left, Run, RunId, Tally
from gateway.stores.memory.journal import Journal, Table


class TwoRuns(Exception):
    """A delivery would be in two open runs: a bug."""


class MemoryReplays:
    """``replay_tables.ReplayTable`` in dictionaries."""

    def __init__(self, journal: Journal) -> None:
        self._runs = Table[RunId, Run](journal)
        self._items = Table[tuple[RunId, int], Item](journal)
        self._open = Table[DeliveryId, tuple[RunId, int]](journal)

    def save_run(self, run: Run) -> None:
        self._runs.put(run.id, run)

    def run(self, run: RunId) -> Run | None:
        return self._runs.get(run)

    def newest(self, limit: int) -> Sequence[Run]:
        return self._runs.values()[::-1][:limit]

    def open_runs(self) -> Sequence[Run]:
        return [run for run in self._runs.values() if run.state in OPEN_RUNS]

    def alone_since(self, moment: datetime) -> Sequence[tuple[Actor, int]]:
        alone = [run for run in self._runs.values() if run.proposal is None]
        return [(run.by.actor, sum(_is_sent_or_chosen(item, moment) for item in self._of(run.id))) for run in alone]

    def add_items(self, items: Iterable[Item]) -> None:
        for item in items:
            self.save_item(item)

    def save_item(self, item: Item) -> None:
        key = (item.run, item.place)
        self._items.put(key, item)
        if item.state not in {ItemState.CHOSEN, ItemState.SENT}:
            if self._open.get(item.delivery) == key:
                self._open.drop(item.delivery)
        elif self._open.get(item.delivery) in {None, key}:
            self._open.put(item.delivery, key)
        else:
            raise TwoRuns(item.delivery)

    def follow(self, item: Item, delivery: DeliveryId) -> None:
        self._open.drop(item.delivery)
        self.save_item(replace(item, delivery=delivery))

    def skip_chosen(self, run: RunId, why: Left, now: datetime) -> None:
        for item in self._of(run):
            if item.state is ItemState.CHOSEN:
                self.save_item(replace(item, state=ItemState.SKIPPED, why=why, ended_at=now))

    def _of(self, run: RunId) -> list[Item]:
        return [item for item in self._items.values() if item.run == run]

    def items(self, run: RunId, state: ItemState | None, after: int, limit: int) -> Sequence[Item]:
        return [item for item in self._of(run) if item.place > after and state in {None, item.state}][:limit]

    def of_delivery(self, delivery: DeliveryId) -> Item | None:
        key = self._open.get(delivery)
        return None if key is None else self._items.get(key)

    def tally(self, run: RunId) -> Tally:
        counts = Counter(str(item.state) for item in self._of(run))
        return Tally(**counts)

    def sent_since(self, run: RunId, moment: datetime) -> int:
        return sum(item.sent_at is not None and item.sent_at > moment for item in self._of(run))


def _is_sent_or_chosen(item: Item, since: datetime) -> bool:
    return item.state is ItemState.CHOSEN or (item.sent_at is not None and item.sent_at > since)
