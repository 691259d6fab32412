"""Every fault of a document at once: a walk over the raw value along the type that it should have.

Runs only where the fast conversion has failed, or where the text looks suspicious.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from msgspec import NODEFAULT, inspect

from gateway.model.fault import Fault
from gateway.model.leaves import Shape, shape, wrong_with
from gateway.model.names import Vocabulary, body_of, fields_by_key, key
from gateway.model.types.shapes import Record

_KEY_LIMIT = 60
_PLAIN_KEY = re.compile(r"[^\w.:@/-]")


@dataclass(frozen=True, slots=True)
class Inspection:
    """A walk in one vocabulary."""

    names: Vocabulary

    def struct(self, raw: object, type_: type[Record], at: str = "") -> Iterator[Fault]:
        """Yield the faults of a value that should be this struct."""
        if not isinstance(raw, dict):
            yield Fault(path=at, code="type", expected="object")
            return
        given = cast("dict[str, object]", raw)
        fields = fields_by_key(type_, self.names)
        yield from self._unknown(given, type_, at)
        for name, field in fields.items():
            yield from self._field(_Place(type_, field, given, join(at, name)), name)
        yield from self._one_of(given, type_, at)

    def _field(self, place: _Place, name: str) -> Iterator[Fault]:
        body = body_of(place.type, place.field.name, place.given, self.names)
        value = place.given.get(name)
        if body:
            yield from self.struct({} if value is None else value, body, place.path)
        elif name in place.given:
            yield from self._value(value, shape(place.field.type), place.path)
        elif place.field.required and place.field.default is NODEFAULT:
            yield Fault(path=place.path, code="required", expected=_expected(shape(place.field.type)))

    def _value(self, value: object, wanted: Shape, at: str) -> Iterator[Fault]:
        if value is None and (wanted.nullable or isinstance(wanted.info, inspect.AnyType)):
            return
        if isinstance(wanted.info, inspect.StructType):
            yield from self.struct(value, cast("type[Record]", wanted.info.cls), at)
        elif isinstance(wanted.info, inspect.VarTupleType):
            yield from self._items(value, wanted.info, at)
        elif wrong := wrong_with(wanted, value):
            yield Fault(path=at, code=wrong.code, expected=wrong.expected)

    def _items(self, value: object, info: inspect.VarTupleType, at: str) -> Iterator[Fault]:
        if not isinstance(value, list | tuple):
            yield Fault(path=at, code="type", expected="list")
            return
        items = cast("list[object]", value)
        low, high = info.min_length or 0, info.max_length
        if len(items) < low or (high is not None and len(items) > high):
            yield Fault(path=at, code="length", expected=f"list of {low}..{high}")
            return
        wanted = shape(info.item_type)
        for position, item in enumerate(items):
            yield from self._value(item, wanted, f"{at}[{position}]")

    def _unknown(self, given: dict[str, object], type_: type[Record], at: str) -> Iterator[Fault]:
        known = fields_by_key(type_, self.names)
        for name in given:
            if name not in known:
                yield Fault(path=join(at, shown(name)), code="unknown_key", suggestion=self._nearest(name, type_))

    def _nearest(self, name: str, type_: type[Record]) -> str:
        """Return the known key that was probably meant: the other vocabulary's word, or one spelled alike."""
        for other in Vocabulary:
            field = fields_by_key(type_, other).get(name)
            if field:
                return key(type_, field.name, self.names)
        spelled = {item.lower(): item for item in fields_by_key(type_, self.names)}
        found = difflib.get_close_matches(name[:_KEY_LIMIT].lower(), spelled, n=1)
        return spelled[found[0]] if found else ""

    def _one_of(self, given: dict[str, object], type_: type[Record], at: str) -> Iterator[Fault]:
        names = [key(type_, field, self.names) for field in type_.one_of]
        if names and not any(given.get(name) not in (None, "") for name in names):
            yield Fault(path=join(at, names[0]), code="required", expected="one of: " + ", ".join(names))


@dataclass(frozen=True, slots=True)
class _Place:
    type: type[Record]
    field: inspect.Field
    given: dict[str, object]
    path: str


def join(at: str, name: str) -> str:
    """Return the path of a name inside ``at``."""
    return f"{at}.{name}" if at else name


def shown(name: str) -> str:
    """Return a sender's key as far as it may be shown."""
    return _PLAIN_KEY.sub("?", name[:_KEY_LIMIT])


def _expected(wanted: Shape) -> str:
    match wanted.info:
        case inspect.StructType():
            return "object"
        case inspect.VarTupleType():
            return "list"
        case inspect.LiteralType(values=values):
            return "one of: " + ", ".join(map(str, values))
        case inspect.BoolType():
            return "true or false"
        case _:
            return wanted.description or "text"
