"""Mapping tables: one document into another, row by row, compiled once and strict about what they do not know."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Mapping as Tables
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias, cast

import msgspec

from gateway.core.errors import ConfigError
from gateway.sdk.cell import NO_TABLES, Cell, CellTable, Scalar, Unfit
from gateway.sdk.expression import Expression, Failed
from gateway.sdk.paths import Path, put
from gateway.sdk.reading import Reader, Table
from gateway.sdk.source import ASKING, INBOUND, OUTBOUND, Form, Missing, Reference, Source
from gateway.sdk.words import is_empty

_CONTENT = frozenset({"base64", "content", "stream"})
LINK = "link"  #: what a file's address is called that opens without a key
_WITH_LINKS = frozenset({"files", "item", "dossier", "event", "data"})


class Direction(StrEnum):
    """Which way a table is used: it decides what rows may refer to, and how dates are read."""

    OUT = "out"  #: from our event and dossier to a partner's document
    IN = "in"  #: from a partner's document to our event, or to the answer of a question
    ASK = "ask"  #: from a question to a partner's document


_ROOTS = {Direction.OUT: OUTBOUND, Direction.IN: INBOUND, Direction.ASK: ASKING}


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that could not be filled; never its value."""

    to: str
    source: str
    problem: str

    def __str__(self) -> str:
        """Return one line for people."""
        return f"{self.to} ← {self.source}: {self.problem}"


class CannotRender(Exception):
    """The document lacks what the partner requires, or holds what its format cannot say."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        super().__init__("; ".join(str(gap) for gap in gaps))
        self.gaps = tuple(gaps)


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

    def inner(self, lists: Sequence[_List]) -> _Scope:
        files = any(one.reference.root == "files" for one in lists)
        return _Scope(self.direction, frozenset({*self.roots, "item", "parent"}), files=files)


@dataclass(frozen=True, slots=True)
class _List:
    """Where items are: a list, or a list below every item of one, ``dossier.components[].files``."""

    reference: Reference
    below: Path | None

    @classmethod
    def parse(cls, text: str, roots: Collection[str]) -> _List:
        head, mark, tail = text.partition("[].")
        return cls(Reference.parse(head, roots), Path.parse(tail) if mark else None)

    def items(self, source: Source) -> Iterator[tuple[object, object]]:
        """Yield each item with the one that it is below, None at the top; raises Unfit for what is no list."""
        for one in _as_list(self.reference.find(source)):
            if self.below is None:
                yield one, None
            else:
                yield from ((item, one) for item in _as_list(self.below.find(one)))


def _as_list(found: object) -> Sequence[object]:
    if not is_empty(found) and not isinstance(found, list | tuple):
        raise Unfit("not a list")
    return cast("Sequence[object]", found or ())


@dataclass(frozen=True, slots=True)
class _Field:
    """One target with a value."""

    to: tuple[str, ...]
    references: tuple[Reference, ...]
    made: Form | Expression | None  #: instead of references
    cell: Cell

    def fill(self, target: dict[str, object], source: Source, gaps: list[Gap]) -> None:
        try:
            known, value = self.cell.make(self._value(source))
        except (Unfit, Missing, Failed) as error:
            gaps.append(Gap(".".join(self.to), self._origin(), str(error)))
        else:
            if known:
                put(target, self.to, value)

    def _value(self, source: Source) -> object:
        match self.made:
            case Form():
                return self.made.fill(source)
            case Expression():
                return self.made.find(source)
            case None:
                return self._found(source)

    def _found(self, source: Source) -> object:
        for one in self.references:
            value = one.find(source)
            if not is_empty(value):
                return value
        return None

    def _origin(self) -> str:
        if isinstance(self.made, Expression):
            return "jsonata"
        return " | ".join(one.text for one in self.references) or "value"


@dataclass(frozen=True, slots=True)
class _Repeat:
    """One target list, filled once per item of its source lists."""

    to: tuple[str, ...]
    each: tuple[_List, ...]
    rows: tuple[_Field | _Repeat, ...]
    cell: Cell

    def fill(self, target: dict[str, object], source: Source, gaps: list[Gap]) -> None:
        items: list[dict[str, object]] = []
        for one in self.each:
            try:
                items += [_filled(self.rows, source.within(*pair), gaps) for pair in one.items(source)]
            except Unfit as error:
                gaps.append(Gap(".".join(self.to), one.reference.text, str(error)))
                return
        if items or not self.cell.omit_empty:
            put(target, self.to, items)
        if not items and self.cell.required:
            gaps.append(Gap(".".join(self.to), self.each[0].reference.text, "missing"))


_Row: TypeAlias = _Field | _Repeat


def _filled(rows: Sequence[_Row], source: Source, gaps: list[Gap]) -> dict[str, object]:
    target: dict[str, object] = {}
    for row in rows:
        row.fill(target, source, gaps)
    return target


@dataclass(frozen=True, slots=True)
class Mapping:
    """A compiled table."""

    name: str
    rows: tuple[_Row, ...] = field(repr=False)
    content: frozenset[str] = frozenset()  #: what its rows ask of files: base64, content, stream, link
    computes: bool = False  #: it has expressions, which may take a while

    async def rendered(self, source: Source) -> dict[str, object]:
        """Return the target document; beside the event loop where it is computed. Raises CannotRender."""
        return await asyncio.to_thread(self.render, source) if self.computes else self.render(source)

    def render(self, source: Source) -> dict[str, object]:
        """Return the target document; raises CannotRender with every field that could not be filled."""
        gaps: list[Gap] = []
        target = _filled(self.rows, source, gaps)
        if gaps:
            raise CannotRender(gaps)
        return target


def compile_mapping(name: str, raw: object, direction: Direction) -> Mapping:
    """Compile ``mappings/<name>.toml``; raises ConfigError with all its problems."""
    reader = Reader(f"mappings/{name}.toml")
    table = reader.read(_MappingTable, raw, "")
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

    def rows(self, raws: Sequence[dict[str, object]], key: str, scope: _Scope) -> tuple[_Row, ...]:
        targets: dict[tuple[str, ...], str] = {}
        rows: list[_Row] = []
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

    def _row(self, table: RowTable, place: str, scope: _Scope) -> _Row | None:
        try:
            return self._repeat(table, place, scope) if table.each is not None else self._field(table, scope)
        except ValueError as error:
            self._reader.wrong(place, str(error))
            return None

    def _field(self, table: RowTable, scope: _Scope) -> _Field:
        ways = (table.from_ is not None, table.value is not msgspec.UNSET, bool(table.jsonata))
        if table.rows or sum(ways) != 1:
            raise ValueError("give exactly one of `from`, `value`, `jsonata`, and `each` with `rows`")
        given = (table.from_,) if isinstance(table.from_, str) else table.from_ or ()
        references = tuple(Reference.parse(text, scope.roots) for text in given)
        for reference in references:
            self._note_content(reference, scope)
        return _Field(_target(table.to), references, self._made(table, scope), self._cell(table, scope))

    def _made(self, table: RowTable, scope: _Scope) -> Form | Expression | None:
        if table.jsonata:
            return self._expression(table.jsonata, scope)
        return None if table.value is msgspec.UNSET else Form(table.value, scope.roots)

    def _expression(self, text: str, scope: _Scope) -> Expression:
        expression = Expression.parse(text, scope.roots, self._tables)
        self.computes = True
        if expression.links:
            self.content.add(LINK)
        return expression

    def _cell(self, table: RowTable, scope: _Scope) -> Cell:
        return Cell.of(table, inbound=scope.direction is Direction.IN, tables=self._tables)

    def _repeat(self, table: RowTable, place: str, scope: _Scope) -> _Repeat:
        others = table.from_ is not None or table.value is not msgspec.UNSET or table.jsonata
        if not table.rows or others or table.each is None:
            raise ValueError("`each` goes with `rows`, and with none of `from`, `value`, `jsonata`")
        if not table.to.endswith("[]"):
            raise ValueError("`each` fills a list: write `to` with [] at its end")
        given = (table.each,) if isinstance(table.each, str) else table.each
        each = tuple(_List.parse(text, scope.roots) for text in given)
        rows = self.rows(table.rows, f"{place}.rows", scope.inner(each))
        return _Repeat(_target(table.to.removesuffix("[]")), each, rows, self._cell(table, scope))

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
