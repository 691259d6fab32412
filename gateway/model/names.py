"""Both vocabularies of the model: English names, and national names for ``application/vnd.qcvn120+json``.

Only keys differ; structure and values are the same. An event's ``data`` is translated by its kind; opaque data never.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import cast

from msgspec import Struct, inspect

from gateway.model.event import Event, NewEvent
from gateway.model.kinds import data_type
from gateway.model.national import NATIONAL
from gateway.model.types.shapes import Record

NATIONAL_MEDIA_TYPE = "application/vnd.qcvn120+json"
#: Put before a key that the table lacks, so that no English name can be taken for a national one.
FOREIGN = "?"


class Vocabulary(StrEnum):
    """The names that a sender uses."""

    ENGLISH = "english"
    NATIONAL = "national"


def key(type_: type[Record], field: str, names: Vocabulary) -> str:
    """Return what this vocabulary calls a field."""
    return field if names is Vocabulary.ENGLISH else NATIONAL[type_][field]


@cache
def fields_by_key(type_: type[Record], names: Vocabulary) -> Mapping[str, inspect.Field]:
    """Return the fields of a struct by their names in this vocabulary."""
    info = cast("inspect.StructType", inspect.type_info(type_))
    return {key(type_, field.name, names): field for field in info.fields}


def body_of(type_: type[Record], field: str, given: Mapping[str, object], names: Vocabulary) -> type[Record] | None:
    """Return the struct that ``data`` of this envelope is read by, given its kind; None for every other field."""
    if field != "data" or not has_kind(type_):
        return None
    kind = given.get(key(type_, "kind", names))
    return data_type(kind) if isinstance(kind, str) else None


def has_kind(type_: type[Struct]) -> bool:
    """Whether this struct's ``data`` depends on its ``kind``."""
    return type_ in (NewEvent, Event)


def to_national(type_: type[Record], value: object) -> object:
    """Return JSON builtins of this struct with national names; other values pass unchanged."""
    return _translator(type_, Vocabulary.ENGLISH)(value)


def from_national(type_: type[Record], value: object) -> object:
    """Return JSON builtins of this struct with English names.

    A key that the table lacks keeps its text behind ``?``: no struct takes it for a field of its own.
    """
    return _translator(type_, Vocabulary.NATIONAL)(value)


_Translate = Callable[[object], object]


@cache
def _translator(type_: type[Record], source: Vocabulary) -> _Translate:
    """Return what renames the keys of this struct from ``source`` to the other vocabulary."""
    target = Vocabulary.NATIONAL if source is Vocabulary.ENGLISH else Vocabulary.ENGLISH
    plan = {
        name: (key(type_, field.name, target), _of_type(field.type, source))
        for name, field in fields_by_key(type_, source).items()
    }

    def translate(value: object) -> object:
        if not isinstance(value, dict):
            return value
        raw = cast("dict[str, object]", value)
        return dict(_renamed(item, plan.get(item[0])) for item in raw.items())

    return _with_data(translate, type_, source) if has_kind(type_) else translate


def _renamed(item: tuple[str, object], step: tuple[str, _Translate | None] | None) -> tuple[str, object]:
    name, value = item
    if step is None:
        return FOREIGN + name, value
    target, translate = step
    return target, translate(value) if translate else value


def _with_data(translate: _Translate, type_: type[Record], source: Vocabulary) -> _Translate:
    """Return ``translate`` for an envelope: its ``data`` goes by its ``kind``."""
    kind_key, data_key = key(type_, "kind", source), key(type_, "data", source)

    def translate_event(value: object) -> object:
        if not isinstance(value, dict):
            return value
        raw = cast("dict[str, object]", value)
        if data_key not in raw:
            return translate(raw)
        kind = raw.get(kind_key)
        body = data_type(kind) if isinstance(kind, str) else None
        return translate({**raw, data_key: _translator(body, source)(raw[data_key])} if body else raw)

    return translate_event


def _of_type(info: inspect.Type, source: Vocabulary) -> _Translate | None:
    """Return how to translate a value of this type; None where there is nothing to translate."""
    match info:
        case inspect.Metadata(type=inner):
            return _of_type(inner, source)
        case inspect.UnionType(types=types):
            return next(filter(None, (_of_type(item, source) for item in types)), None)
        case inspect.StructType(cls=cls):
            return _translator(cast("type[Record]", cls), source)
        case inspect.VarTupleType(item_type=item):
            return _of_items(_of_type(item, source))
        case _:
            return None


def _of_items(translate: _Translate | None) -> _Translate | None:
    if translate is None:
        return None

    def translate_items(value: object) -> object:
        if not isinstance(value, list | tuple):
            return value
        return [translate(item) for item in cast("list[object]", value)]

    return translate_items
