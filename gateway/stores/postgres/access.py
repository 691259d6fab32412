"""Statements and transactions over one connection to PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec

from gateway.core.errors import PutBack, StoreError, StoreFull, StoreUnavailable
from gateway.core.ids import SystemId
from gateway.stores.postgres.batches import (
    COLUMNS,
    Batches,
    NotToBeJoined,
    Part,
    distinct,
    keys,
    lookup,
    lookups,
    types_of,
)
from gateway.stores.postgres.bell import notices, ring
from gateway.stores.postgres.connection import ERRORS, LOCK, SESSION, Connection
from gateway.stores.postgres.dialect import one_row, statement
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access, Ask, Many, Row, Values, unavailable
from gateway.stores.sql.schema import OLDEST

_OBJECTS = msgspec.json.Decoder(dict[str, Any])
_NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
# The time, what code must know to work here, and whose session this is.
_TIME = f"SELECT {_NOW}, ({OLDEST}), current_setting('{SESSION}', true)"
# And who wrote last, whether anybody may write here, and by how much the nodes have moved what waits.
_MOVED = "(SELECT coalesce(max(at), 0) FROM boot)"
# Whether a gateway has missed here what it had committed, and nobody has said since that this was put back.
_SIGN = "(SELECT value FROM meta WHERE name = 'put_back') = (SELECT value FROM meta WHERE name = 'epoch')"
_TURN = f"{_TIME}, writer, current_setting('transaction_read_only'), {_MOVED}, {_SIGN} FROM turn"
# Let no gateway go on here, until the epoch is another; it is one already in another database, or one that was marked.
STOP_ALL = """
INSERT INTO meta (name, value) SELECT 'put_back', value FROM meta WHERE name = 'epoch' AND value = ?
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
LACKS = (
    "this database does not know what a gateway had committed to it: a standby that lagged behind, or an earlier copy,"
    " has taken its place. Lead the address back to the server that has it; or, where that is gone, stop every"
    " gateway, run ./run_gateway.py db restored (docs/how-to/back-up-and-restore.md), and start them"
)

#: A dump is read in by pieces: tables first, then their rows, their keys at the end.
IN_PIECES = (
    "tables, rows or keys of the database are not there: a copy is being put into it, or that broke off. Stop every"
    " gateway, put it back whole, run ./run_gateway.py db restored (docs/how-to/back-up-and-restore.md), and start them"
)
_PIECES = (asyncpg.UndefinedTableError, asyncpg.InvalidColumnReferenceError)  #: no table; no key for ON CONFLICT


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

    errors = ERRORS

    def __init__(self, connection: Connection, node: str) -> None:
        """Ask over a connection of this node's, which may have several."""
        super().__init__()
        self._connection = connection
        self._node = node
        self._has_turn = False  #: this connection wrote last of all
        self._writes = False  #: in this transaction
        self._news: list[str] = []  #: for the other nodes, of this transaction
        self._batches: Batches | None = None  #: None: nothing was written yet
        self.now = c.moment(0)  #: by the server's clock, when the transaction began
        self.moved = timedelta(0)  #: by so much all nodes have moved what waits, where that clock was set back

    def look(self, statement_: str, values: Values = (), /) -> Answer:
        asked = statement(statement_)
        given = asked.arrange(values)
        if asked.reads:
            return Answer(self._connection.read(asked.text, given), 0)
        self._writes = True
        return Answer([], self._connection.change(asked.text, given))

    def find(self, many: Many, rows: Sequence[Row]) -> Iterator[Row]:
        if not rows:
            return iter(())
        try:
            values = keys(many, rows)
        except NotToBeJoined:
            return super().find(many, rows)
        return iter(self.run(lookup(many), values).fetchall())

    def find_all(self, asks: Iterable[Ask]) -> Sequence[Sequence[Row]]:
        asked = list(asks)
        wanted = [(place, many, rows) for place, (many, rows) in enumerate(asked) if rows]
        if len(wanted) <= 1:
            return super().find_all(asked)
        try:
            values = [value for _, many, rows in wanted for value in keys(many, rows)]
        except NotToBeJoined:
            return super().find_all(asked)
        found: list[list[Row]] = [[] for _ in asked]
        for place, row in self.run(lookups([(place, many) for place, many, _ in wanted]), values):
            found[int(place)].append(tuple(_OBJECTS.decode(row).values()))
        return found

    def flush(self) -> None:
        added = [(many, distinct(many, rows)) for many, rows in self._added.items()]
        changed = [(many, list(by_key.values())) for many, by_key in self._changed.items()]
        counted = [(many, [(*key, number) for key, number in counts.items()]) for many, counts in self._counted.items()]
        is_apart = self._changes_what_is_new()
        self.forget()
        if is_apart:  # parts of one statement do not see each other's rows
            self._write_at_once(added)
            self._write_at_once([*changed, *counted])
        else:
            self._write_at_once([*added, *changed, *counted])

    def _changes_what_is_new(self) -> bool:
        new = {row[0] for rows in self._added.values() for row in rows} if self._changed else set[object]()
        return any(not new.isdisjoint(by_key) for by_key in self._changed.values())

    def _write_at_once(self, parts: Sequence[Part]) -> None:
        """Write parts that do not concern each other; what cannot be joined goes by itself."""
        batches = self._batches = self._batches or Batches(types_of(self._connection.read(COLUMNS, ())))
        joined: list[Many] = []
        values: list[object] = []
        for many, rows in parts:
            try:
                values += batches.values((many, rows))
                joined.append(many)
            except NotToBeJoined:
                self._write(many, iter(rows))
        if joined:
            self._writes = True
            self._connection.change(batches.over(tuple(joined)), tuple(values))

    def write_many(self, many: Many, rows: Sequence[Row]) -> None:
        self._writes = True
        self._connection.write(one_row(many), list(rows))

    @staticmethod
    def told(error: Exception) -> StoreError:
        if isinstance(error, asyncpg.DiskFullError):
            return StoreFull("the database's disk is full: nothing of this was kept")
        if isinstance(error, _PIECES):
            return StoreUnavailable(IN_PIECES)
        return unavailable(error)

    def begin(self) -> bool:
        self._connection.take(LOCK, first="BEGIN; ")
        found = self._connection.read(_TURN, ())
        if not found:
            raise StoreUnavailable(IN_PIECES)
        ((now, oldest, session, writer, read_only, moved, is_stopped),) = found
        self._let_in(now, oldest, session)
        if read_only == "on":  # a standby took its place, perhaps: the next connection goes where the address leads
            raise StoreUnavailable("the database takes no changes now; it may be repeated")
        if is_stopped and not self._connection.tuning.marks:
            raise PutBack(LACKS)
        self._has_turn, self._writes = bool(writer == session), False
        self.moved = timedelta(microseconds=moved)
        self._news = []
        return self._has_turn

    def begin_to_read(self) -> None:
        self._connection.change("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        ((now, oldest, session),) = self._connection.read(_TIME, ())
        self._let_in(now, oldest, session)

    def _let_in(self, now: int, oldest: str | None, session: str | None) -> None:
        """Note the time; raises StoreUnavailable where a newer gateway has taken away what this code needs.

        Or where a pooler led this transaction into another session.
        """
        self._connection.own(session)
        self._connection.tuning.schema.allow(oldest)
        self.now = c.moment(now)

    def ring(self, systems: Collection[SystemId]) -> None:
        self._news = [ring(notice) for notice in notices(self._node, systems)]

    def vouch(self) -> None:
        """Write something, where another connection wrote last: a commit of nothing waits for no disk and no standby.

        What it saw may be of one whose wait for a standby was broken off: that is there, but not yet at two servers.
        """
        self._writes = True

    def commit(self) -> None:
        last = [*self._news, "COMMIT"]
        if self._writes and not self._has_turn:  # who only looks, and finds nothing to claim, voids nobody's knowledge
            last.insert(0, f"UPDATE turn SET writer = '{self._connection.name}'")  # noqa: S608 - a name that we made
        self._connection.change("; ".join(last))

    def roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.change("ROLLBACK")

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def close(self) -> None:
        self._connection.close()
