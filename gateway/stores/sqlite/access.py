"""One connection: statements at once, and rows that are written many at a time.

Every statement lets go of the interpreter and has to get it back from a busy event loop, so what a batch adds is kept
until something is read that could need it, or until the commit, and then written with one statement per table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

Row: TypeAlias = tuple[Any, ...]

_AT_ONCE = 64  #: rows of one statement; each number of rows is a statement of its own in the cache


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """A statement over any number of rows of ``width`` values; one constant each, known by its identity."""

    head: str
    width: int
    tail: str = ""

    def over(self, rows: int) -> str:
        """Return the statement for so many rows."""
        return _text(self, rows)


@lru_cache(maxsize=1024)
def _text(many: Many, rows: int) -> str:
    row = f"({', '.join('?' * many.width)})"
    return f"{many.head} VALUES {', '.join([row] * rows)} {many.tail}"


class Access:
    """One connection's statements. What was put off is written before ``run``, and by ``flush``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._added: dict[Many, list[Row]] = {}
        self._changed: dict[Many, dict[object, Row]] = {}
        self._counted: dict[Many, dict[Row, int]] = {}
        self._waiting = False
        #: Runs a statement that no row put off can concern.
        self.look = connection.execute

    def run(self, statement: str, values: Sequence[object] | Mapping[str, object] = ()) -> sqlite3.Cursor:
        """Run one statement now, after all that was put off."""
        if self._waiting:
            self.flush()
        return self._connection.execute(statement, values)

    def add(self, many: Many, row: Row) -> None:
        """Add a row later."""
        self._waiting = True
        self._added.setdefault(many, []).append(row)

    def change(self, many: Many, row: Row) -> None:
        """Change the row whose key comes first, later; the last change counts."""
        self._waiting = True
        self._changed.setdefault(many, {})[row[0]] = row

    def count(self, many: Many, key: Row) -> None:
        """Count one more of this key, later."""
        self._waiting = True
        counts = self._counted.setdefault(many, {})
        counts[key] = counts.get(key, 0) + 1

    def flush(self) -> None:
        """Write what was put off: what is new before what has changed."""
        added, changed, counted = self._added, self._changed, self._counted
        self.forget()
        for many, rows in added.items():
            self._write(many, iter(rows))
        for many, by_key in changed.items():
            self._write(many, iter(by_key.values()))
        for many, counts in counted.items():
            self._write(many, ((*key, number) for key, number in counts.items()))

    def forget(self) -> None:
        """Drop what was put off: its transaction is undone."""
        self._added, self._changed, self._counted = {}, {}, {}
        self._waiting = False

    def find(self, many: Many, rows: Sequence[Row]) -> Iterator[Row]:
        """Look many keys up at once, after all that was put off."""
        waiting = iter(rows)
        while some := list(islice(waiting, _AT_ONCE)):
            yield from self.run(many.over(len(some)), [value for row in some for value in row]).fetchall()

    def _write(self, many: Many, rows: Iterator[Row]) -> None:
        while some := list(islice(rows, _AT_ONCE)):
            # one execution of "many", because it does not ask for the last rowid, which lets go once more
            self._connection.executemany(many.over(len(some)), ([value for row in some for value in row],))
