"""Queries as kept: written before they are sent, read newest first, never with an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.core.errors import GatewayError
from gateway.core.ids import SystemId
from gateway.core.query import Ending, Query, QueryId, QueryRecord


class UnknownQuery(GatewayError):
    """No query of this id was kept."""

    def __init__(self, query: QueryId) -> None:
        super().__init__(f"no query has the id {query}")
        self.query = query


class Inquiries(Protocol):
    """What registers are asked, on whose behalf, and how it ended."""

    async def record_query(self, query: Query) -> QueryRecord:
        """Keep who asks what and why, durably, before a byte of it leaves."""
        ...

    async def conclude_query(self, query: QueryId, ending: Ending) -> QueryRecord:
        """Keep how it ended, once: a second ending changes nothing. Raises UnknownQuery."""
        ...

    async def queries(
        self,
        *,
        system: SystemId | None = None,
        since: datetime | None = None,
        before: QueryId | None = None,
        limit: int = 100,
    ) -> Sequence[QueryRecord]:
        """Return queries of one system or all, asked at that time or later, the newest first.

        ``before`` goes on where a page ended.
        """
        ...
