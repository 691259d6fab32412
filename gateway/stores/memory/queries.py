"""Queries in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import dropwhile, islice

from gateway.core.ids import SystemId
from gateway.core.query import QueryId, QueryRecord
from gateway.stores.memory.journal import Journal, Table


class MemoryQueries:
    """``query_tables.QueryTable`` in a dictionary."""

    def __init__(self, journal: Journal) -> None:
        self._items = Table[QueryId, QueryRecord](journal)

    def save(self, item: QueryRecord) -> None:
        self._items.put(item.id, item)

    def get(self, query: QueryId) -> QueryRecord | None:
        return self._items.get(query)

    def newest(
        self, system: SystemId | None, since: datetime | None, before: QueryId | None, limit: int
    ) -> Sequence[QueryRecord]:
        items = self._items.values()[::-1]
        if before is not None:
            items = list(dropwhile(lambda item: item.id != before, items))[1:]
        found = (item for item in items if system in {None, item.system} and (since is None or item.asked_at >= since))
        return list(islice(found, limit))
