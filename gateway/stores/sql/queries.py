"""Queries in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from gateway.core.ids import SystemId
from gateway.core.query import Officer, QueryId, QueryRecord, QueryState
from gateway.core.reason import Why
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access
from gateway.stores.sql.acts import actor, actor_column

_COLUMNS = (
    "id, asked_at, system, operation, actor, officer, purpose, salt, subject, state, ended_at, reason, http_status,"
    " duration_us, answer"
)
_SELECT = f"SELECT {_COLUMNS} FROM query "  # noqa: S608 - constants of this module
# Add a query, or replace how it stands; it keeps its place.
SAVE = c.replace_one("query", _COLUMNS, key="id", moving="state, ended_at, reason, http_status, duration_us, answer")
# One query.
GET = _SELECT + "WHERE id = ?"
_PAGE = (
    "(asked_at >= :since OR :since IS NULL)"
    " AND (seq < (SELECT seq FROM query WHERE id = :before) OR :before IS NULL) ORDER BY seq DESC LIMIT :limit"
)
# All queries, the newest first.
NEWEST = f"{_SELECT}WHERE {_PAGE}"
# Those of one system.
NEWEST_OF = f"{_SELECT}WHERE system = :system AND {_PAGE}"

_ENCODER = msgspec.json.Encoder()
_OFFICERS = msgspec.json.Decoder(Officer)
#: What stands for an officer who cannot be read.
_NOBODY = Officer(name="x.gateway.damaged")


class SqlQueries:
    """``query_tables.QueryTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._run = access.run

    def save(self, item: QueryRecord) -> None:
        self._run(
            SAVE,
            (
                item.id,
                c.micros(item.asked_at),
                item.system,
                item.operation,
                actor_column(item.actor),
                _ENCODER.encode(item.officer),
                item.purpose,
                item.salt,
                item.subject,
                item.state,
                c.micros_or_none(item.ended_at),
                item.reason,
                item.http_status,
                None if item.duration is None else item.duration // c.MICROSECOND,
                item.answer,
            ),
        )

    def get(self, query: QueryId) -> QueryRecord | None:
        row = self._run(GET, (query,)).fetchone()
        return None if row is None else _item(row)

    def newest(
        self, system: SystemId | None, since: datetime | None, before: QueryId | None, limit: int
    ) -> Sequence[QueryRecord]:
        values: dict[str, object] = {"since": c.micros_or_none(since), "before": before, "limit": limit}
        if system is None:
            return [_item(row) for row in self._run(NEWEST, values).fetchall()]
        return [_item(row) for row in self._run(NEWEST_OF, {**values, "system": system}).fetchall()]


def _item(row: tuple[Any, ...]) -> QueryRecord:
    return QueryRecord(
        id=row[0],
        asked_at=c.moment(row[1]),
        system=row[2],
        operation=row[3],
        actor=actor(row[4]),
        officer=_officer(row[5]),
        purpose=row[6],
        salt=row[7],
        subject=row[8],
        state=QueryState(row[9]),
        ended_at=c.moment_or_none(row[10]),
        reason=None if row[11] is None else Why(row[11]),
        http_status=row[12],
        duration=None if row[13] is None else row[13] * c.MICROSECOND,
        answer=row[14],
    )


def _officer(column: bytes) -> Officer:
    """Return who asked; one who cannot be read keeps no other question from being shown."""
    try:
        return _OFFICERS.decode(column)
    except c.UNREADABLE:
        return _NOBODY
