"""How the model's structs look in XML: the one reading of ``msgspec.inspect`` that schema, reader and writer share.

A field is an element in camelCase; a tuple repeats it; an event's ``kind`` and ``data`` are one element of a choice,
named after the kind (``status.changed`` is ``statusChanged``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import cast

from msgspec import NODEFAULT, Struct, inspect

from gateway.model.event import Event, NewEvent
from gateway.model.kinds import KINDS, Kind, Side
from gateway.model.names import has_kind
from gateway.model.normal import holds_codes

NAMESPACE = "urn:provincial-gateway:events:v1"
#: The element that stands for every kind ``x.<system>.<name>``.
OPAQUE = "opaque"

_JOINT = re.compile(r"[._]([a-z0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One field of a struct, as an element."""

    field: str
    element: str  #: local name
    type: inspect.Type  #: without None, without the tuple around it
    least: int
    most: int | None  #: None: any number
    repeats: bool
    pattern: str = ""  #: as XML Schema writes it
    is_code: bool = False  #: a code or an id


def camel(name: str) -> str:
    """Return ``source_event_id`` as ``sourceEventId`` and ``status.changed`` as ``statusChanged``."""
    return _JOINT.sub(lambda found: found[1].upper(), name)


@cache
def choices(type_: type[Struct]) -> Mapping[str, Kind]:
    """Return the kinds that an event of this type may state, by element; a sender never speaks for the gateway."""
    stored = type_ is Event
    kinds = [kind for kind in KINDS.values() if stored or kind.stated_by - {Side.GATEWAY}]
    return MappingProxyType({camel(kind.name): kind for kind in kinds})


@cache
def parts(type_: type[Struct]) -> tuple[Part, ...]:
    """Return the elements of a struct in the order of its fields; an event's data is left to its choice."""
    info = cast("inspect.StructType", inspect.type_info(type_))
    hidden = {"data"} | ({"kind"} if type_ is NewEvent else set[str]()) if has_kind(type_) else set[str]()
    return tuple(_part(field) for field in info.fields if field.name not in hidden)


@cache
def parts_by_element(type_: type[Struct]) -> Mapping[str, Part]:
    """Return the elements of a struct by local name."""
    return MappingProxyType({part.element: part for part in parts(type_)})


def struct_of(type_: inspect.Type) -> type[Struct] | None:
    """Return the struct behind a type, None for anything else."""
    return type_.cls if isinstance(type_, inspect.StructType) else None


def _part(field: inspect.Field) -> Part:
    bare, pattern = _bare(field.type)
    required = field.default is NODEFAULT and field.default_factory is NODEFAULT and not _may_be_none(field.type)
    if not isinstance(bare, inspect.VarTupleType):
        return _single(field, bare, int(required), pattern)
    inner, pattern = _bare(bare.item_type)
    return Part(
        is_code=holds_codes(field.type),
        field=field.name,
        element=camel(field.name),
        type=inner,
        least=(bare.min_length or 0) if required else 0,
        most=bare.max_length,
        repeats=True,
        pattern=pattern,
    )


def _single(field: inspect.Field, type_: inspect.Type, least: int, pattern: str) -> Part:
    return Part(
        field=field.name,
        element=camel(field.name),
        type=type_,
        least=least,
        most=1,
        repeats=False,
        pattern=pattern,
        is_code=holds_codes(field.type),
    )


def _bare(type_: inspect.Type, pattern: str = "") -> tuple[inspect.Type, str]:
    """Take off ``Annotated`` and ``| None``; return the type, and its pattern as XML Schema writes it."""
    match type_:
        case inspect.Metadata(type=inner):
            extra = cast("dict[str, object]", type_.extra or {})
            return _bare(inner, str(extra.get("pattern", pattern)))
        case inspect.UnionType(types=types):
            return _bare(next(item for item in types if not isinstance(item, inspect.NoneType)), pattern)
        case _:
            return type_, pattern


def _may_be_none(type_: inspect.Type) -> bool:
    match type_:
        case inspect.Metadata(type=inner):
            return _may_be_none(inner)
        case inspect.UnionType(types=types):
            return any(isinstance(item, inspect.NoneType) for item in types)
        case _:
            return False
