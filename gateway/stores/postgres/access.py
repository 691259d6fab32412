"""Statements and transactions over one connection to PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from gateway.core.errors import StoreError, StoreFull
from gateway.core.ids import SystemId
from gateway.stores.postgres.bell import RING, notices
from gateway.stores.postgres.connection import LOCK, Connection
from gateway.stores.postgres.dialect import one_row, statement
from gateway.stores.sql.access import Access, Many, Row, Values, unavailable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
# The time, and who wrote last.
_TURN = f"SELECT {_NOW}, writer FROM turn"  # noqa: S608 - constants of this module
# From now on this one did.
_TAKE_TURN = "UPDATE turn SET writer = $1"
# The time.
_TIME = f"SELECT {_NOW}"


@dataclass(slots=True)
class Answer:
    """What a statement gave."""

    rows: list[Any]
    rowcount: int
    _next: int = 0

    def fetchone(self) -> Any:  # noqa: ANN401 - a row's columns have the types of their table
        """Return the next row, or None."""
        return next(iter(self), None)

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that are left."""
        while self._next < len(self.rows):
            self._next += 1
            yield self.rows[self._next - 1]


class PostgresAccess(Access):
    """``sql.access.Access``. Whoever writes holds one lock of the whole database until its commit."""

    errors = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

    def __init__(self, connection: Connection, node: str) -> None:
        """Ask over a connection of this node's, which may have several."""
        super().__init__()
        self._connection = connection
        self._node = node
        self._name = secrets.token_hex(8)  #: of this connection: what it knows is its own
        self._has_turn = False  #: this connection wrote last of all
        self._writes = False  #: in this transaction
        self.now = _EPOCH  #: by the server's clock, when the transaction began

    def look(self, statement_: str, values: Values = (), /) -> Answer:
        asked = statement(statement_)
        given = asked.arrange(values)
        if asked.reads:
            return Answer(self._connection.read(asked.text, given), 0)
        self._writes = True
        return Answer([], self._connection.change(asked.text, given))

    def write_many(self, many: Many, rows: Sequence[Row]) -> None:
        self._writes = True
        self._connection.write(one_row(many), list(rows))

    @staticmethod
    def told(error: Exception) -> StoreError:
        if isinstance(error, asyncpg.DiskFullError):
            return StoreFull("the database's disk is full: nothing of this was kept")
        return unavailable(error)

    def begin(self) -> bool:
        self._connection.change(f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
        ((now, writer),) = self._connection.read(_TURN, ())
        self.now = _EPOCH + timedelta(microseconds=now)
        self._has_turn, self._writes = bool(writer == self._name), False
        return self._has_turn

    def begin_to_read(self) -> None:
        self._connection.change("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        ((now,),) = self._connection.read(_TIME, ())
        self.now = _EPOCH + timedelta(microseconds=now)

    def ring(self, systems: Collection[SystemId]) -> None:
        for notice in notices(self._node, systems):
            self.look(RING, (notice,))

    def commit(self) -> None:
        if self._writes and not self._has_turn:  # who only looks, and finds nothing to claim, voids nobody's knowledge
            self._connection.change(_TAKE_TURN, (self._name,))
        self._connection.change("COMMIT")

    def roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.change("ROLLBACK")

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    @property
    def is_open(self) -> bool:
        return self._connection.is_open

    def close(self) -> None:
        self._connection.close()
