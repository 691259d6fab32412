"""Mapping tables: one document into another, row by row, compiled once and strict about what they do not know."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, cast

from gateway.sdk.cell import Cell, Unfit
from gateway.sdk.expression import Expression, Failed
from gateway.sdk.paths import Path, put
from gateway.sdk.source import Form, Missing, Reference, Source
from gateway.sdk.words import is_empty, is_missing

_THREADS = 2  #: that one table computes in: attachments are put on disk by others of the same few
LINK = "link"  #: what a file's address is called that opens without a key


class Direction(StrEnum):
    """Which way a table is used: it decides what rows may refer to, and how dates are read."""

    OUT = "out"  #: from our event and dossier to a partner's document
    IN = "in"  #: from a partner's document to our event, or to the answer of a question
    ASK = "ask"  #: from a question to a partner's document


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


@dataclass(frozen=True, slots=True)
class ItemList:
    """Where items are: a list, or a list below every item of one, ``dossier.components[].files``.

    With ``?`` at the end an item above that has none below is there, too, by itself.
    """

    reference: Reference
    below: Path | None
    alone: bool = False

    @classmethod
    def parse(cls, text: str, roots: Collection[str]) -> ItemList:
        """Read ``root.path``, ``root.path[].path`` or ``root.path[].path?``; raises ValueError."""
        head, mark, tail = text.partition("[].")
        below = Path.parse(tail.removesuffix("?")) if mark else None
        return cls(Reference.parse(head, roots), below, alone=bool(mark) and tail.endswith("?"))

    def items(self, source: Source) -> Iterator[tuple[object, object]]:
        """Yield each item with the one that it is below, None at the top; raises Unfit for what is no list."""
        for one in _as_list(self.reference.find(source)):
            if self.below is None:
                yield one, None
            else:
                found = _as_list(self.below.find(one)) or ([None] if self.alone else ())
                yield from ((item, one) for item in found)


def _as_list(found: object) -> Sequence[object]:
    if not is_empty(found) and not isinstance(found, list | tuple):
        raise Unfit("not a list")
    return cast("Sequence[object]", found or ())


@dataclass(frozen=True, slots=True)
class Field:
    """One target with a value."""

    to: tuple[str, ...]
    references: tuple[Reference, ...]
    made: Form | Expression | None  #: instead of references
    cell: Cell

    def fill(self, target: dict[str, object], source: Source, gaps: list[Gap]) -> None:
        """Put the value into the target, or note why there is none."""
        try:
            known, value = self.cell.make(self._value(source))
        except (Unfit, Missing, Failed) as error:
            gaps.append(Gap(".".join(self.to), self._origin(), str(error)))
        else:
            if known:
                put(target, self.to, value)

    def _value(self, source: Source) -> object:
        if self.made is not None:
            return self.made.fill(source) if isinstance(self.made, Form) else self.made.find(source)
        for one in self.references:
            value = one.find(source)
            if value or not is_missing(value):  # most are there
                return value
        return None

    def _origin(self) -> str:
        if isinstance(self.made, Expression):
            return "jsonata"
        return " | ".join(one.text for one in self.references) or "value"


@dataclass(frozen=True, slots=True)
class Repeat:
    """One target list, filled once per item of its source lists."""

    to: tuple[str, ...]
    each: tuple[ItemList, ...]
    rows: tuple[Field | Repeat, ...]
    cell: Cell

    def fill(self, target: dict[str, object], source: Source, gaps: list[Gap]) -> None:
        """Put the items into the target, and note what they lack."""
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


Row: TypeAlias = Field | Repeat


def _filled(rows: Sequence[Row], source: Source, gaps: list[Gap]) -> dict[str, object]:
    target: dict[str, object] = {}
    for row in rows:
        row.fill(target, source, gaps)
    return target


@dataclass(frozen=True, slots=True)
class Mapping:
    """A compiled table."""

    name: str
    rows: tuple[Row, ...] = field(repr=False)
    content: frozenset[str] = frozenset()  #: what its rows ask of files: base64, content, stream, link
    computes: bool = False  #: it has expressions, which may take a while
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_THREADS), repr=False, compare=False)

    @property
    def roots(self) -> frozenset[str]:
        """Return what it reads of a source."""
        return frozenset(_roots(self.rows))

    @property
    def takes_files(self) -> bool:
        """Return whether an event that it makes may hold files."""
        return self.computes or _name_files(self.rows)

    async def rendered(self, source: Source) -> dict[str, object]:
        """Return the target document; beside the event loop where it is computed. Raises CannotRender."""
        if not self.computes:
            return self.render(source)
        async with self._turns:
            return await asyncio.to_thread(self.render, source)

    def render(self, source: Source) -> dict[str, object]:
        """Return the target document; raises CannotRender with every field that could not be filled."""
        gaps: list[Gap] = []
        target = _filled(self.rows, source, gaps)
        if gaps:
            raise CannotRender(gaps)
        return target


def _name_files(rows: Sequence[Row]) -> bool:
    return any("files" in row.to or (isinstance(row, Repeat) and _name_files(row.rows)) for row in rows)


def _roots(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if isinstance(row, Repeat):
            yield from (one.reference.root for one in row.each)
            yield from _roots(row.rows)
            continue
        yield from (one.root for one in row.references)
        if isinstance(row.made, Expression):
            yield from row.made.roots
        elif row.made is not None:
            yield from (one.root for one in row.made.references)
