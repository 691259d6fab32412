"""Codes in Unicode's composed form (NFC), so that one code has one spelling. Texts and forms stay as they came."""

from __future__ import annotations

from functools import cache
from typing import TypeVar, cast

import msgspec
from msgspec import inspect

from gateway.core.composing import composed
from gateway.model.types.shapes import Record

_R = TypeVar("_R", bound=Record)


def normalised(record: _R) -> _R:
    """Return the record with every code in it composed."""
    codes = _code_fields(type(record))
    changed = {
        name: new
        for name in record.__struct_fields__
        if (new := _composed(old := getattr(record, name), is_code=name in codes)) is not old
    }
    return msgspec.structs.replace(record, **changed) if changed else record


def _composed(value: object, *, is_code: bool) -> object:
    match value:
        case str():
            return composed(value) if is_code else value
        case Record():
            return normalised(value)
        case tuple():
            return tuple(_composed(item, is_code=is_code) for item in cast("tuple[object, ...]", value))
        case _:
            return value


@cache
def _code_fields(type_: type[Record]) -> frozenset[str]:
    info = cast("inspect.StructType", inspect.type_info(type_))
    return frozenset(field.name for field in info.fields if holds_codes(field.type))


def holds_codes(info: inspect.Type) -> bool:
    """Whether a field is a code or an id, or several."""
    match info:
        case inspect.Metadata() as meta:
            return bool(cast("dict[str, object]", meta.extra or {}).get("code")) or holds_codes(meta.type)
        case inspect.UnionType(types=types):
            return any(holds_codes(item) for item in types)
        case inspect.VarTupleType(item_type=item):
            return holds_codes(item)
        case _:
            return False
