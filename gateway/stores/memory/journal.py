"""Dictionaries that can be put back as they were: what makes a call on the memory store atomic."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Journal:
    """What to undo, newest last."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        self._depth = 0

    def note(self, undo: Callable[[], None]) -> None:
        """Remember how a change is undone, while somebody may want to."""
        if self._depth:
            self._undo.append(undo)

    @contextmanager
    def nested(self) -> Generator[None]:
        """Undo what is changed inside when it raises."""
        mark = len(self._undo)
        self._depth += 1
        try:
            yield
        except BaseException:
            while len(self._undo) > mark:
                self._undo.pop()()
            raise
        finally:
            self._depth -= 1
            if not self._depth:
                self._undo.clear()


class Table(Generic[K, V]):
    """A dictionary of immutable rows that keeps its order and tells a journal of each change."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return a row."""
        return self._rows.get(key)

    def these(self, keys: Iterable[K]) -> list[V]:
        """Return the rows of these keys in their order, but for keys without one."""
        get = self._rows.get
        return [row for key in keys if (row := get(key)) is not None]

    def put(self, key: K, row: V) -> None:
        """Add or replace a row; a replaced one keeps its place."""
        if key in self._rows:
            before = self._rows[key]
            self._journal.note(lambda: self._rows.__setitem__(key, before))
        else:
            self._journal.note(lambda: self._rows.__delitem__(key))
        self._rows[key] = row

    def drop(self, key: K) -> bool:
        """Remove a row; False where there is none."""
        if key not in self._rows:
            return False
        before = dict(self._rows)
        self._journal.note(lambda: self._restore(before))
        del self._rows[key]
        return True

    def _restore(self, rows: dict[K, V]) -> None:
        self._rows = rows

    def values(self) -> list[V]:
        """Return all rows in the order added."""
        return list(self._rows.values())

    def items(self) -> list[tuple[K, V]]:
        """Return all keys and rows in the order added."""
        return list(self._rows.items())

    def __contains__(self, key: K) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[K]:
        return iter(list(self._rows))

    def __len__(self) -> int:
        return len(self._rows)
