"""One connection: statements at once, and rows that are written many at a time.

Every statement costs a turn (of the interpreter, or over the network), so what a batch adds is kept until something is
read that could need it, or until the commit, and then written with one statement per table.

Statements are written in what SQLite and PostgreSQL have in common, with ``?`` and ``:name`` for values; what an
access must write otherwise is its own affair.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar, Protocol, TypeAlias

from gateway.core.errors import StoreError, StoreUnavailable
from gateway.core.ids import SystemId

Row: TypeAlias = tuple[Any, ...]
Values: TypeAlias = Sequence[object] | Mapping[str, object]


def unavailable(error: BaseException) -> StoreUnavailable:
    """Return the error of a transaction that failed, or of which nobody knows whether it did."""
    found = StoreUnavailable(f"the transaction failed ({type(error).__name__}: {error}); it may be repeated")
    found.__cause__ = error
    return found


def name_of(error: BaseException) -> str:
    """Return what a log may say of why a transaction failed: our own words, else the error's class or code."""
    cause = error.__cause__ if isinstance(error, StoreError) and error.__cause__ is not None else error
    if isinstance(cause, StoreError):
        return str(cause)
    return str(getattr(cause, "sqlite_errorname", "")) or type(cause).__name__


_AT_ONCE = 64  #: rows of one statement; each number of rows is a statement of its own in the cache


class Cursor(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401 - a row's columns have the types of their table
        """Return the next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that are left."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """A statement over any number of rows of ``width`` values; one constant each, known by its identity.

    ``whole`` are the places (from 1) of whole numbers in what is no INSERT: there the columns do not say it.
    """

    head: str
    width: int
    tail: str = ""
    whole: frozenset[int] = frozenset()

    def over(self, rows: int) -> str:
        """Return the statement for so many rows."""
        return _text(self, rows)


#: Which keys are looked up, and how.
Ask: TypeAlias = tuple[Many, Sequence[Row]]


@lru_cache(maxsize=1024)
def _text(many: Many, rows: int) -> str:
    row = f"({', '.join('?' * many.width)})"
    return f"{many.head} VALUES {', '.join([row] * rows)} {many.tail}"


class Access(ABC):
    """One connection's statements and transactions. What was put off is written before ``run``, and by ``flush``."""

    errors: ClassVar[tuple[type[Exception], ...]]  #: what a statement may raise

    def __init__(self) -> None:
        self._added: dict[Many, list[Row]] = {}
        self._changed: dict[Many, dict[object, Row]] = {}
        self._counted: dict[Many, dict[Row, int]] = {}
        self._waiting = False

    @abstractmethod
    def look(self, statement: str, values: Values = (), /) -> Cursor:
        """Run a statement that no row put off can concern."""

    @abstractmethod
    def write_many(self, many: Many, rows: Sequence[Row]) -> None:
        """Write rows, few enough for one statement."""

    @staticmethod
    @abstractmethod
    def told(error: Exception) -> StoreError:
        """Return what a caller hears of one of ``errors``; of anything else, that the transaction may be repeated."""

    @abstractmethod
    def begin(self) -> bool:
        """Begin a transaction that writes, alone among all that do; say whether nobody else wrote since the last."""

    @abstractmethod
    def begin_to_read(self) -> None:
        """Begin one that only reads, on one consistent state."""

    def ring(self, systems: Collection[SystemId]) -> None:  # noqa: B027 - one process need not be told by its database
        """Let other nodes hear, once this is durable, which systems have something new."""

    def vouch(self) -> None:  # noqa: B027 - what one process finds in its file is as durable as its database makes it
        """Let the commit be as durable as all that the transaction saw: its answers tell of that."""

    def wipe(self) -> None:  # noqa: B027 - a server keeps house by itself
        """Let nothing stay of what this transaction deletes beside the database, either, soon after it is durable."""

    @abstractmethod
    def commit(self) -> None:
        """Make it durable."""

    @property
    def is_proof(self) -> bool:
        """Whether the last commit proves that changes are taken; where that is asked at its beginning, each does."""
        return True

    @abstractmethod
    def roll_back(self) -> None:
        """Undo it, if it is still there."""

    @property
    @abstractmethod
    def in_transaction(self) -> bool:
        """Whether one is open."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection. Raises nothing."""

    def run(self, statement: str, values: Values = ()) -> Cursor:
        """Run one statement now, after all that was put off."""
        if self._waiting:
            self.flush()
        return self.look(statement, values)

    def add(self, many: Many, row: Row) -> None:
        """Add a row later."""
        self._waiting = True
        self._added.setdefault(many, []).append(row)

    def change(self, many: Many, row: Row) -> None:
        """Change the row whose key comes first, later; the last change counts."""
        self._waiting = True
        self._changed.setdefault(many, {})[row[0]] = row

    def holds_back(self, many: Many) -> bool:
        """Whether changes by this statement wait to be written."""
        return many in self._changed

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

    def find_all(self, asks: Iterable[Ask]) -> Sequence[Sequence[Row]]:
        """Look keys of several kinds up, in one exchange where each costs something."""
        return [list(self.find(many, rows)) for many, rows in asks]

    def _write(self, many: Many, rows: Iterator[Row]) -> None:
        while some := list(islice(rows, _AT_ONCE)):
            self.write_many(many, some)
