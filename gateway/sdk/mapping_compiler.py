"""From a mapping table as it is written, in TOML or in a sheet, to the rows that fill a document."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Tables
from dataclasses import dataclass
from typing import Literal

import msgspec

from gateway.core.errors import ConfigError
from gateway.sdk.cell import NO_TABLES, Cell, CellTable, Scalar
from gateway.sdk.expression import Expression
from gateway.sdk.mapping import LINK, Direction, Field, ItemList, Mapping, Repeat, Row
from gateway.sdk.mapping_sheet import BadTable, from_grid
from gateway.sdk.reading import Reader, Table
from gateway.sdk.source import ASKING, INBOUND, OUTBOUND, Form, Reference, Trimmed
from gateway.wire.sheets import BadSheet, read_rows

_CONTENT = frozenset({"base64", "content", "stream"})
_WITH_LINKS = frozenset({"files", "item", "dossier", "event", "data"})
_ROOTS = {Direction.OUT: OUTBOUND, Direction.IN: INBOUND, Direction.ASK: ASKING}


class RowTable(CellTable, frozen=True, kw_only=True):
    """One ``[[row]]``."""

    to: str
    from_: str | tuple[str, ...] | None = msgspec.field(name="from", default=None)
    value: object = msgspec.UNSET
    jsonata: str = ""
    note: str = ""  #: for people
    each: str | tuple[str, ...] | None = None
    rows: tuple[dict[str, object], ...] = ()


class _MappingTable(Table, frozen=True, kw_only=True):
    version: Literal["1"]
    tables: dict[str, dict[str, Scalar]] = msgspec.field(default_factory=dict[str, dict[str, Scalar]])
    row: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the rows of one level may refer to."""

    direction: Direction
    roots: Collection[str]
    files: bool = False  #: ``item`` is one of our files

    def inner(self, lists: Sequence[ItemList]) -> _Scope:
        files = any(one.reference.root == "files" for one in lists)
        return _Scope(self.direction, frozenset({*self.roots, "item", "parent"}), files=files)


def file_of(name: str, raw: object) -> str:
    """Return where a table stands, below the configuration directory."""
    return f"mappings/{name}.{'xlsx' if isinstance(raw, bytes) else 'toml'}"


def read_table(raw: object, reader: Reader) -> object:
    """Return a table as TOML would give it; of a sheet that is none the problem is noted, and nothing is in it."""
    if not isinstance(raw, bytes):
        return raw
    try:
        return from_grid(read_rows(raw))
    except (BadSheet, BadTable) as error:
        reader.wrong("", str(error))
        return {"version": "1", "row": []}


def table_of(raw: object, name: str) -> object:
    """Return a table as TOML would give it; raises ConfigError for a sheet that is none."""
    reader = Reader(file_of(name, raw))
    table = read_table(raw, reader)
    reader.check()
    return table


def compile_mapping(name: str, raw: object, direction: Direction) -> Mapping:
    """Compile ``mappings/<name>.toml``, or the bytes of a sheet; raises ConfigError with all its problems."""
    reader = Reader(file_of(name, raw))
    table = reader.read(_MappingTable, read_table(raw, reader), "")
    roots = _ROOTS[direction]
    compiler = _Compiler(reader, table.tables if table else NO_TABLES)
    rows = compiler.rows(table.row, "row", _Scope(direction, roots)) if table else ()
    reader.check()
    return Mapping(name, rows, frozenset(compiler.content), compiler.computes)


class _Compiler:
    """Turns tables into rows and notes their problems."""

    def __init__(self, reader: Reader, tables: Tables[str, Tables[str, Scalar]]) -> None:
        self._reader = reader
        self._tables = tables
        self.content: set[str] = set()
        self.computes = False

    def rows(self, raws: Sequence[dict[str, object]], key: str, scope: _Scope) -> tuple[Row, ...]:
        targets: dict[tuple[str, ...], str] = {}
        rows: list[Row] = []
        for position, raw in enumerate(raws):
            place = f"{key}[{position}]"
            table = self._reader.read(RowTable, raw, place)
            row = self._row(table, place, scope) if table else None
            if row is not None:
                self._claim(targets, row.to, place)
                rows.append(row)
        return tuple(rows)

    def _claim(self, targets: dict[tuple[str, ...], str], to: tuple[str, ...], place: str) -> None:
        for other, where in targets.items():
            if other[: len(to)] == to or to[: len(other)] == other:
                self._reader.wrong(f"{place}.to", f"the same target as {where}", "give every target one row")
        targets[to] = place

    def _row(self, table: RowTable, place: str, scope: _Scope) -> Row | None:
        if table.each is not None:
            return self._reader.made(place, self._repeat, table, place, scope)
        return self._reader.made(place, self._field, table, scope)

    def _field(self, table: RowTable, scope: _Scope) -> Field:
        ways = (table.from_ is not None, table.value is not msgspec.UNSET, bool(table.jsonata))
        if table.rows or sum(ways) != 1:
            raise ValueError("give exactly one of `from`, `value`, `jsonata`, and `each` with `rows`")
        given = (table.from_,) if isinstance(table.from_, str) else table.from_ or ()
        place = Trimmed if scope.direction is Direction.IN and table.as_ != "raw" else Reference
        references = tuple(place.parse(text, scope.roots) for text in given)
        for reference in references:
            self._note_content(reference, scope)
        return Field(_target(table.to), references, self._made(table, scope, place), self._cell(table, scope))

    def _made(self, table: RowTable, scope: _Scope, place: type[Reference]) -> Form | Expression | None:
        if table.jsonata:
            return self._expression(table.jsonata, scope)
        return None if table.value is msgspec.UNSET else Form(table.value, scope.roots, place)

    def _expression(self, text: str, scope: _Scope) -> Expression:
        expression = Expression.parse(text, scope.roots, self._tables)
        self.computes = True
        if expression.links:
            self.content.add(LINK)
        return expression

    def _cell(self, table: RowTable, scope: _Scope) -> Cell:
        return Cell.of(table, inbound=scope.direction is Direction.IN, tables=self._tables)

    def _repeat(self, table: RowTable, place: str, scope: _Scope) -> Repeat:
        others = table.from_ is not None or table.value is not msgspec.UNSET or table.jsonata
        if not table.rows or others or table.each is None:
            raise ValueError("`each` goes with `rows`, and with none of `from`, `value`, `jsonata`")
        if not table.to.endswith("[]"):
            raise ValueError("`each` fills a list: write `to` with [] at its end")
        given = (table.each,) if isinstance(table.each, str) else table.each
        each = tuple(ItemList.parse(text, scope.roots) for text in given)
        rows = self.rows(table.rows, f"{place}.rows", scope.inner(each))
        return Repeat(_target(table.to.removesuffix("[]")), each, rows, self._cell(table, scope))

    def _note_content(self, reference: Reference, scope: _Scope) -> None:
        last = reference.path.steps[-1] if reference.path else ""
        from_file = reference.root == "files" or (reference.root == "item" and scope.files)
        if (from_file and last in _CONTENT) or (last == LINK and reference.root in _WITH_LINKS):
            self.content.add(str(last))


def _target(text: str) -> tuple[str, ...]:
    names = tuple(text.split("."))
    if not all(names) or any(sign in text for sign in "[]{} "):
        raise ValueError(f"`{text}` is no target: write name or name.name")
    return names


def compile_all(
    names: Collection[tuple[str, Direction]], tables: Tables[str, object], reader: Reader
) -> dict[tuple[str, Direction], Mapping]:
    """Compile the named tables; what is missing or wrong is noted."""
    compiled: dict[tuple[str, Direction], Mapping] = {}
    for name, direction in sorted(names):
        if name not in tables:
            reader.wrong("options", f"no mapping `{name}`", f"write mappings/{name}.toml or correct the name")
            continue
        try:
            compiled[name, direction] = compile_mapping(name, tables[name], direction)
        except ConfigError as error:
            reader.adopt(error)
    return compiled
