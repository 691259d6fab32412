"""Plain values to the envelope of a message: the same bytes as zeep's, in a small part of its time.

The markup is known once the WSDL is loaded. A message is put together as text and then read by an XML parser, which
refuses the characters that XML cannot carry. What is not plain is left to zeep, and so is every mistake: zeep's way
names the field.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple, TypeAlias, cast

from lxml import etree

from gateway.wire.codec_plan import Plain, PlainField, Unfit
from gateway.wire.codec_text import Text, escaped, string, text_of
from gateway.wire.soap import SoapVersion
from gateway.wire.xml import Element

_LEFT_TO_ZEEP = (Unfit, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError, etree.XMLSyntaxError)
_SOAP = "soap-env:"  #: as zeep writes it
_NIL = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'

_Scope: TypeAlias = Mapping[str, str]  #: prefixes with their colons, by namespace


class _Row(NamedTuple):
    """How one field is written."""

    name: str
    head: str  #: its tags; empty where its namespace is declared on it each time
    tail: str
    needed: bool
    text: Text | None  #: what writes its value,
    below: _Rows | None  #: or the fields below it; both None where they are zeep's
    is_quick: bool  #: a text stands between the tags as it is
    field: PlainField


@dataclass(slots=True, eq=False)
class _Rows:
    """How the fields of a type are written where these prefixes are known; worked out when first needed."""

    plain: Plain
    scope: _Scope
    known: dict[int, _Rows]  #: all types that were met in this scope
    made: tuple[_Row, ...] | None = None
    names: frozenset[str] = frozenset()

    def fill(self) -> tuple[_Row, ...]:
        """Return the rows."""
        self.names = frozenset(one.name for one in self.plain.fields)
        self.made = tuple(self._row(one) for one in self.plain.fields)
        return self.made

    def _row(self, one: PlainField) -> _Row:
        prefix = self.scope.get(one.space)
        head, tail = ("", "") if prefix is None else (f"<{prefix}{one.local}>", f"</{prefix}{one.local}>")
        text = text_of(one.leaf) if one.leaf is not None else None
        below = self.of(one.below) if one.below is not None else None
        is_quick = text is string and prefix is not None
        return _Row(one.name, head, tail, one.least > 0, text, below, is_quick, one)

    def of(self, plain: Plain) -> _Rows:
        """Return another type's in the same scope."""
        return self.known.setdefault(id(plain), _Rows(plain, self.scope, self.known))


class _Ink(NamedTuple):
    """What one message needs while it is written."""

    put: Callable[[str], None]
    fresh: Iterator[int]  #: numbers of prefixes, which lxml counts through a document


def _our_parser() -> etree.XMLParser:
    """Return a parser for what was just written, however long its texts are."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


@dataclass(slots=True, eq=False)
class Writer:
    """Writes one message of a WSDL."""

    _root: _Rows
    _open: str
    _close: str
    _taken: int  #: prefixes that the root itself takes
    _parser: etree.XMLParser = field(default_factory=_our_parser)

    @classmethod
    def of(cls, root: Plain, tag: str, version: SoapVersion) -> Writer | None:
        """Return the writer of a body's child by its type and its name, as lxml writes it; None where it is zeep's."""
        name = etree.QName(tag)
        space, local = name.namespace or "", name.localname
        if space == version.namespace:
            return None
        prefix, declared = ("ns0:", f' xmlns:ns0="{html.escape(space)}"') if space else ("", "")
        scope = {version.namespace: _SOAP, "": "", space: prefix}
        head = f'<{_SOAP}Envelope xmlns:{_SOAP[:-1]}="{version.namespace}"><{_SOAP}Body><{prefix}{local}{declared}>'
        tail = f"</{prefix}{local}></{_SOAP}Body></{_SOAP}Envelope>"
        return cls(_Rows(root, scope, {}), head, tail, 1 if space else 0)

    def write(self, values: Mapping[str, object]) -> Element | None:
        """Return the envelope; None where it is zeep's to write, or to say what is wrong."""
        try:
            return etree.fromstring(self.text(values), self._parser)
        except _LEFT_TO_ZEEP:
            return None

    def text(self, values: Mapping[str, object]) -> bytes:
        """Return the envelope before anybody has read it; raises Unfit, or whatever a value's type raises."""
        parts = [self._open]
        _fields(self._root, values, _Ink(parts.append, count(self._taken)))
        parts.append(self._close)
        return "".join(parts).encode()


def _fields(rows: _Rows, values: object, ink: _Ink) -> None:
    made, put = rows.made or rows.fill(), ink.put
    fields = _fields_of(values, rows.names)
    for row in made:
        name, head, tail, needed, text, _, is_quick, _ = row
        value = fields.get(name)
        if value is None:
            if needed:
                put(_nil(row))
        elif is_quick and type(value) is str:
            if not value or "&" in value or "<" in value or ">" in value or "\r" in value:
                value = escaped(value)
            put(f"{head}{value}{tail}")
        elif type(value) is list:
            _items(rows, row, cast("list[object]", value), ink)
        elif text is not None and head:
            put(f"{head}{text(value)}{tail}")
        else:
            _item(rows, row, value, ink)


def _fields_of(values: object, names: frozenset[str]) -> dict[str, object]:
    if type(values) is not dict:
        raise Unfit
    fields = cast("dict[str, object]", values)
    if not fields.keys() <= names:
        raise Unfit
    return fields


def _items(rows: _Rows, row: _Row, values: list[object], ink: _Ink) -> None:
    least, most = row.field.least, row.field.most
    if most == 1 or len(values) < least or (most is not None and len(values) > most):
        raise Unfit
    for value in values:
        _item(rows, row, value, ink)


def _nil(row: _Row) -> str:
    """Return an element that must be there and has no value."""
    if not row.field.nillable or not row.head:
        raise Unfit
    return row.head[:-1] + _NIL


def _item(rows: _Rows, row: _Row, value: object, ink: _Ink) -> None:
    _, head, tail, _, text, below, _, one = row
    if not head:
        prefix = f"ns{next(ink.fresh)}:"
        head = f'<{prefix}{one.local} xmlns:{prefix[:-1]}="{html.escape(one.space)}">'
        tail = f"</{prefix}{one.local}>"
        below = _Rows(below.plain, {**rows.scope, one.space: prefix}, {}) if below is not None else None
    if text is not None:
        ink.put(f"{head}{text(value)}{tail}")
    elif below is not None:
        ink.put(head)
        _fields(below, value, ink)
        ink.put(tail)
    else:
        raise Unfit
