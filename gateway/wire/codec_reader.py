"""The body of a message to plain values: what zeep would read, in a small part of its time.

Only what stands exactly where a plain type has it is read: its own fields, in their order, none missing, none with an
attribute but ``xsi:nil``. The rest is left to zeep, and so is every text that its types cannot read: zeep's way names
the field.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from zeep import xsd

from gateway.wire.codec_plan import Leaf, Plain, PlainField, Unfit
from gateway.wire.transfer_encoding import unbroken
from gateway.wire.xml import Element

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_LEFT_TO_ZEEP = (Unfit, ValueError, TypeError, ArithmeticError, RecursionError)

_Value: TypeAlias = Callable[[str], object]


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """How one field is read."""

    place: int
    name: str
    least: int
    most: int | None
    value: _Value | None  #: None for a text that is its own value
    below: Plain | None


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """How the fields of one type are read."""

    by_tag: Mapping[str, _Row]
    needed: int  #: fields that must be there


@dataclass(slots=True)
class Reader:
    """Reads the plain types of one WSDL."""

    _known: dict[int, _Rows] = field(default_factory=dict[int, _Rows])

    def read(self, root: Plain, element: Element) -> dict[str, object] | None:
        """Return the values of a body's child; None where it is zeep's to read, or to say what is wrong."""
        try:
            return None if element.keys() else self._fields(root, element) or {}
        except _LEFT_TO_ZEEP:
            return None

    def _fields(self, plain: Plain, element: Element) -> dict[str, object] | None:
        """Return the fields below an element that has no attributes; None where it is empty."""
        rows = self._rows_of(plain)
        found: dict[str, object] = {}
        last, needed = -1, rows.needed
        for child in element:
            row = rows.by_tag.get(child.tag)
            if row is None or row.place < last:
                raise Unfit
            value = _nothing(row, child) if child.keys() else self._value(row, child)
            if row.place == last:
                _add(found, row, value)
                continue
            last = row.place
            needed -= row.least > 0
            if row.most != 1:
                found[row.name] = [value]
            elif value is not None:
                found[row.name] = value
        if needed:
            raise Unfit
        return found if last >= 0 else None

    def _value(self, row: _Row, child: Element) -> object:
        if row.below is not None:
            return self._fields(row.below, child)
        if len(child):
            raise Unfit
        text = child.text
        return text if text is None or row.value is None else row.value(text)

    def _rows_of(self, plain: Plain) -> _Rows:
        found = self._known.get(id(plain))
        if found is None:
            rows = {one.tag: _row(place, one) for place, one in enumerate(plain.fields) if one.leaf or one.below}
            needed = sum(one.least > 0 for one in plain.fields)
            found = self._known[id(plain)] = _Rows(rows, needed)
        return found


def _nothing(row: _Row, child: Element) -> object:
    """Return what stands for an element that is nil: .NET writes all fields that it has no value for."""
    if child.keys() != [_NIL] or len(child) or child.text is not None:
        raise Unfit
    if row.below is None:
        return None
    if not row.below.is_bare:
        raise Unfit
    return {}


def _add(found: dict[str, object], row: _Row, value: object) -> None:
    """Add one more to a list."""
    items = cast("list[object]", found.get(row.name))
    if row.most == 1 or (row.most is not None and len(items) >= row.most):
        raise Unfit
    items.append(value)


def _row(place: int, one: PlainField) -> _Row:
    return _Row(place, one.name, one.least, one.most, _value_of(one.leaf) if one.leaf else None, one.below)


def _value_of(leaf: Leaf) -> _Value | None:
    if isinstance(leaf, xsd.Base64Binary):
        return _bytes
    return None if type(leaf).pythonvalue is cast("Any", xsd.String).pythonvalue else leaf.pythonvalue


def _bytes(text: str) -> bytes:
    return base64.b64decode(unbroken(text), validate=True)
