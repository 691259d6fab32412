"""One cell of a mapping: a value found becomes the value that the other side wants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from gateway.core.composing import composed
from gateway.sdk.enclosed import Enclosed
from gateway.sdk.formats import DateFormat
from gateway.sdk.reading import Table
from gateway.sdk.words import as_text, has_control, is_missing, unaccented

Scalar = str | int | float | bool
Kind = Literal["text", "int", "bool", "raw"]
NO_TABLES: Mapping[str, Mapping[str, Scalar]] = {}
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


class Unfit(Exception):
    """The value is missing or cannot be said; the text never repeats it."""


class CellTable(Table, frozen=True, kw_only=True):
    """What may stand beside `from`, `value` or `each`."""

    required: bool = False
    default: Scalar | msgspec.UnsetType = msgspec.UNSET
    format: str | None = None
    as_: Kind = msgspec.field(name="as", default="text")
    table: dict[str, Scalar] | str = msgspec.field(default_factory=dict[str, Scalar])  #: or its name in ``[tables]``
    otherwise: Scalar | msgspec.UnsetType = msgspec.UNSET
    max_length: Annotated[int, msgspec.Meta(gt=0)] | None = None
    upper: bool = False
    unaccented: bool = False
    omit_empty: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How a value is made: code table, date format, type, letters, length; in this order."""

    table: CellTable
    codes: Mapping[str, Scalar]
    dates: Callable[[object], object] | None
    is_plain: bool  #: a text goes out as it is: no code table, no date, no other type

    @classmethod
    def of(cls, table: CellTable, *, inbound: bool, tables: Mapping[str, Mapping[str, Scalar]] = NO_TABLES) -> Cell:
        """Compile; raises ValueError for a bad date format, or a code table that is not there."""
        codes = _named(table.table, tables) if isinstance(table.table, str) else table.table
        if table.format is None:
            return cls(table=table, codes=codes, dates=None, is_plain=table.as_ == "text" and not codes)
        dates = DateFormat.parse(table.format)
        return cls(table=table, codes=codes, dates=dates.read if inbound else dates.render, is_plain=False)

    @property
    def required(self) -> bool:
        """Whether nothing is not enough."""
        return self.table.required

    @property
    def has_no_default(self) -> bool:
        """Whether nothing is written in place of nothing."""
        return self.table.default is msgspec.UNSET

    @property
    def known(self) -> Mapping[str, Scalar]:
        """Return all values that it makes by a code table, by the keys they stand at; none without one."""
        place = f"tables.{self.table.table}" if isinstance(self.table.table, str) else "table"
        made = {f"{place}.{code}": value for code, value in self.codes.items()}
        beside = {"otherwise": self.table.otherwise, "default": self.table.default} if self.codes else {}
        return {key: one for key, one in (made | beside).items() if not (is_missing(one) or one is msgspec.UNSET)}

    @property
    def omit_empty(self) -> bool:
        """Whether nothing is left out rather than written as an empty text."""
        return self.table.omit_empty

    def make(self, value: object) -> tuple[bool, object]:
        """Return whether there is something to write, and what; raises Unfit."""
        if self.is_plain and value and type(value) is str:  # what most values are
            return True, _written(value, self.table)
        made = value if is_missing(value) else self._made(value)
        if is_missing(made) and self.table.default is not msgspec.UNSET:
            made = self.table.default
        if not is_missing(made):
            return True, made
        if self.required:
            raise Unfit("missing")
        return not self.omit_empty, "" if made is None else made

    def _made(self, value: object) -> object:
        if self.codes:
            value = self._coded(self.codes, value)
        if self.dates is not None and not is_missing(value):
            value = self._dated(self.dates, value)
        if is_missing(value) or isinstance(value, bytes | Enclosed):  # the content of a file
            return value
        return _CASTS[self.table.as_](value, self.table)

    def _coded(self, table: Mapping[str, Scalar], value: object) -> object:
        text = as_text(_whole(value))
        if text is not None and text in table:
            return table[text]
        if self.table.otherwise is msgspec.UNSET:
            raise Unfit("not in the code table")
        return self.table.otherwise

    def _dated(self, dates: Callable[[object], object], value: object) -> object:
        try:
            return dates(value)
        except (ValueError, OverflowError, OSError):
            if self.table.otherwise is msgspec.UNSET:
                raise Unfit(f"not a date that can be written or read as {self.table.format}") from None
            return self.table.otherwise


def _named(name: str, tables: Mapping[str, Mapping[str, Scalar]]) -> Mapping[str, Scalar]:
    if name not in tables:
        known = ", ".join(sorted(tables)) or "none"
        raise ValueError(f"no code table `{name}` in this file; it has {known}: write [tables.{name}]")
    return tables[name]


def _text(value: object, table: CellTable) -> str:
    text = as_text(value)
    if text is None:
        raise Unfit("not a single value")
    return _written(text, table)


def _written(text: str, table: CellTable) -> str:
    if has_control(text):
        raise Unfit("holds control characters")
    text = text if text.isascii() or unicodedata.is_normalized("NFC", text) else composed(text)
    text = unaccented(text) if table.unaccented else text
    return (text.upper() if table.upper else text)[: table.max_length]


def _int(value: object, _: CellTable) -> int:
    text = (as_text(_whole(value)) or "").strip()
    if not _WHOLE.fullmatch(text):
        raise Unfit("not a whole number")
    return int(text)


def _whole(value: object) -> object:
    """Return a number without its fraction of nothing: 150000.0, as JSON writers of decimals have it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _bool(value: object, _: CellTable) -> bool:
    text = (as_text(value) or "").lower()
    if text not in _TRUE | _FALSE:
        raise Unfit("neither true nor false")
    return text in _TRUE


def _raw(value: object, _: CellTable) -> object:
    return value


_CASTS: Mapping[Kind, Callable[[object, CellTable], object]] = {
    "text": _text,
    "int": _int,
    "bool": _bool,
    "raw": _raw,
}
