"""What a driver offers for queries; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.core.ids import SystemId
from gateway.core.query import QueryId, QueryRecord


class QueryTable(Protocol):
    """Queries in the order they were asked."""

    def save(self, item: QueryRecord) -> None:
        """Add a query, or replace how it stands; it keeps its place."""
        ...

    def get(self, query: QueryId) -> QueryRecord | None:
        """Return one query."""
        ...

    def newest(
        self, system: SystemId | None, since: datetime | None, before: QueryId | None, limit: int
    ) -> Sequence[QueryRecord]:
        """Return queries, the newest first, those asked before this one where it is named."""
        ...
