"""What is wrong with one value, told from the type that it should have."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple, cast

import msgspec
from msgspec import inspect

from gateway.core.calendar import FIRST_YEAR, LAST_YEAR
from gateway.core.codes import STRAY

#: Control characters other than tab and line breaks, lone surrogates, and what XML cannot carry.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Wrong(NamedTuple):
    """A fault without its place."""

    code: str
    expected: str


class Shape(NamedTuple):
    """A type without its wrappers."""

    info: inspect.Type
    description: str
    nullable: bool


def shape(info: inspect.Type) -> Shape:
    """Return the type inside ``Annotated`` and ``X | None``, with its description."""
    match info:
        case inspect.Metadata() as meta:
            found = shape(meta.type)
            schema = cast("dict[str, object]", meta.extra_json_schema or {})
            return found._replace(description=str(schema.get("description", found.description)))
        case inspect.UnionType(types=types):
            found = shape(next(item for item in types if not isinstance(item, inspect.NoneType)))
            return found._replace(nullable=any(isinstance(item, inspect.NoneType) for item in types))
        case _:
            return Shape(info, "", nullable=False)


def wrong_with(wanted: Shape, value: object) -> Wrong | None:
    """Return what is wrong with a single value, None if nothing is; objects and lists are not looked into."""
    match wanted.info:
        case inspect.StrType() as info:
            return _text(info, wanted.description or "text", value)
        case inspect.IntType() as info:
            return _number(info, wanted.description or "whole number", value)
        case inspect.BoolType():
            return None if isinstance(value, bool) else Wrong("type", "true or false")
        case inspect.DateTimeType():
            return _moment(wanted.description or "time with zone, RFC 3339", value)
        case inspect.LiteralType(values=values):
            known = any(value == item for item in values)
            return None if known else Wrong("enum", "one of: " + ", ".join(map(str, values)))
        case _:
            return None


def _text(info: inspect.StrType, expected: str, value: object) -> Wrong | None:
    if not isinstance(value, str):
        return Wrong("type", expected)
    if not (info.min_length or 0) <= len(value) <= (info.max_length or len(value)):
        return Wrong("length", expected)
    if CONTROL.search(value):
        return Wrong("control", "no control characters")
    if info.pattern and not re.search(info.pattern, value):
        stray = STRAY.search(value)
        return Wrong("stray", f"U+{ord(stray[0]):04X}") if stray else Wrong("pattern", expected)
    return None


def _number(info: inspect.IntType, expected: str, value: object) -> Wrong | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return Wrong("type", expected)
    low = value if info.ge is None else info.ge
    high = value if info.le is None else info.le
    return None if low <= value <= high else Wrong("range", expected)


def _moment(expected: str, value: object) -> Wrong | None:
    if not isinstance(value, str):
        return Wrong("type", expected)
    try:
        moment = msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        return Wrong("pattern", expected)
    if moment.tzinfo is None:
        return Wrong("pattern", expected)
    return None if FIRST_YEAR <= moment.year <= LAST_YEAR else Wrong("range", expected)
