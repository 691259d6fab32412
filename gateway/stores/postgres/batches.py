"""Rows of many tables written by one statement, each column of them as one value: an exchange costs more than a row.

A column of texts or numbers travels as one text, because the driver looks at each element of an array several times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gateway.stores.postgres.dialect import value_types
from gateway.stores.sql.access import Many, Row

#: Rows of one kind to be written.
Part: TypeAlias = tuple[Many, Sequence[Row]]
#: The type of each column of each table.
Types: TypeAlias = Mapping[str, Mapping[str, str]]

# All tables' columns, and of what type each is.
COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()
"""
_INSERT = re.compile(r"\s*INSERT INTO (?P<table>\w+) \((?P<columns>[^)]*)\)")
_KEY = re.compile(r"ON CONFLICT \((?P<columns>[^)]*)\) DO UPDATE")
_LARGEST = 32 * 1024 * 1024  #: bytes that one statement carries: what is larger goes row by row
_UNIT, _NOTHING = "\x1f", "\x1e"  #: before each element, and in the place of NULL


class NotToBeJoined(Exception):
    """An element has what stands between elements."""


def types_of(rows: Iterable[Row]) -> Types:
    """Return what the answer to ``COLUMNS`` says."""
    types: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        types.setdefault(table, {})[column] = kind
    return types


def lookup(many: Many) -> str:
    """Return the shared statement that looks many keys up, each column of them joined."""
    return f"{many.head}{_given(['?'] * many.width, value_types(many))}{many.tail}"


def lookups(asked: Iterable[tuple[int, Many]]) -> str:
    """Return the shared statement that looks up keys of several kinds.

    Its rows are the place of a kind, and a row of it as JSON: an object of its columns, in their order, with different
    names and no bytes.
    """
    parts = (f"SELECT {place}, row_to_json(found)::text FROM ({lookup(many)}) AS found" for place, many in asked)  # noqa: S608 - constants
    return " UNION ALL ".join(parts)


def keys(many: Many, rows: Sequence[Row]) -> list[object]:
    """Return the values of ``lookup``; raises NotToBeJoined."""
    return [_joined(kind, column) for kind, column in zip(value_types(many), zip(*rows, strict=True), strict=True)]


@dataclass(frozen=True, slots=True)
class Batches:
    """Statements made of others, each made once."""

    _types: Types
    _kinds: dict[Many, Sequence[str]] = field(default_factory=dict[Many, Sequence[str]])
    _made: dict[tuple[Many, ...], str] = field(default_factory=dict[tuple[Many, ...], str])

    def values(self, part: Part) -> list[object]:
        """Return a part's columns as the statement takes them; raises NotToBeJoined."""
        many, rows = part
        columns = zip(*rows, strict=True)
        return [_joined(kind, column) for kind, column in zip(self._kinds_of(many), columns, strict=True)]

    def over(self, parts: tuple[Many, ...]) -> str:
        """Return the statement that writes rows of each kind, the columns of one after those of the other."""
        text = self._made.get(parts)
        if text is None:
            text = self._made[parts] = self._together(parts)
        return text

    def _together(self, parts: tuple[Many, ...]) -> str:
        *others, last = map(self._one, parts, _firsts(parts))
        named = ", ".join(f"part{number} AS ({text})" for number, text in enumerate(others))
        return f"WITH {named} {last}" if named else last

    def _one(self, many: Many, first: int) -> str:
        marks = [f"${place}" for place in range(first, first + many.width)]
        return f"{many.head} {_given(marks, self._kinds_of(many))} {many.tail}"

    def _kinds_of(self, many: Many) -> Sequence[str]:
        kinds = self._kinds.get(many)
        if kinds is None:
            found = _INSERT.match(many.head)
            named = found["columns"].split(",") if found else ()
            kinds = [self._types[found["table"]][name.strip()] for name in named] if found else value_types(many)
            self._kinds[many] = kinds
        return kinds


def distinct(many: Many, rows: Sequence[Row]) -> Sequence[Row]:
    """Return the rows of which the last of each key counts, where a statement replaces: it may touch each once."""
    found = _KEY.search(many.tail) if len(rows) > 1 else None
    if found is None:
        return rows
    width = found["columns"].count(",") + 1  # the key comes first
    return list({row[:width]: row for row in rows}.values())


def _firsts(parts: Iterable[Many]) -> Iterator[int]:
    first = 1
    for many in parts:
        yield first
        first += many.width


def _given(marks: Sequence[str], kinds: Sequence[str]) -> str:
    columns = ", ".join(_split(mark, kind) for mark, kind in zip(marks, kinds, strict=True))
    names = ", ".join(f"column{place}" for place in range(1, len(marks) + 1))
    return f"SELECT * FROM unnest({columns}) AS given ({names})"  # noqa: S608 - names out of the schema


def _split(mark: str, kind: str) -> str:
    """Return an array of a column; what stands before the first element would be an element of its own."""
    if kind == "bytea":
        return f"{mark}::bytea[]"
    return f"((string_to_array({mark}::text, E'\\x1f', E'\\x1e'))[2:])::{kind}[]"


def _joined(kind: str, column: Sequence[Any]) -> object:
    if kind == "bytea":
        if sum(len(value) for value in column if value) > _LARGEST:
            raise NotToBeJoined
        return column
    if kind == "bigint":
        return _UNIT + _UNIT.join([_NOTHING if value is None else str(+value) for value in column])
    empty = column.count(None)
    given = [_NOTHING if value is None else value for value in column] if empty else column
    text = _UNIT + _UNIT.join(given)
    if text.count(_UNIT) != len(column) or text.count(_NOTHING) != empty:
        raise NotToBeJoined
    return text
