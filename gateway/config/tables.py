"""From a raw table to its type: every fault is named with its key, not only the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Literal, TypeGuard, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct, inspect
from msgspec.structs import FieldInfo

from gateway.config import overrides
from gateway.config.nearest import suggestion
from gateway.config.overrides import Override
from gateway.config.sources import Table, dotted
from gateway.core.errors import Problem

_T = TypeVar("_T", bound=Struct)
_UNIONS = (UnionType, Union)
_PATTERN = "matching regex"  #: what msgspec says of a text then: a pattern tells an operator less than an example


class Reader:
    """Reads tables into types, and notes what is wrong with them."""

    def __init__(self, problems: list[Problem], given: tuple[Override, ...] = ()) -> None:
        self._problems = problems
        self._overrides = given

    def read(self, table: Table, shape: type[_T], file: str) -> _T | None:
        """Return the table as this shape; None where it has faults, which are noted."""
        found = list(faults(table, shape))
        self._problems += [self._placed(file, fault) for fault in found]
        return None if found else msgspec.convert(table, shape)

    def _placed(self, file: str, fault: Problem) -> Problem:
        """Name the file, or the ``--set`` that put the value there."""
        found = next(overrides.starting(self._overrides, file, fault.key), None)
        place, key = (overrides.FILE, found.key) if found else (file, fault.key)
        return Problem(file=place, key=key, text=fault.text, remedy=fault.remedy)


def faults(raw: object, shape: type[Struct], at: str = "") -> Iterator[Problem]:
    """Yield what is wrong with a table that should have this shape, at dotted keys below ``at``; no file is named."""
    if not isinstance(raw, dict):
        yield _fault(at, "is no table", f"write it as [{at}]")
        return
    table, fields = cast("Table", raw), _fields(shape)
    tag = shape.__struct_config__.tag_field
    for key in table:
        if key not in fields and key != tag:
            yield _fault(dotted(at, key), "unknown key", suggestion(key, fields))
    for name, field in fields.items():
        place = dotted(at, name)
        if name in table:
            yield from _value(table[name], field.type, place)
        elif field.default is NODEFAULT and field.default_factory is NODEFAULT:
            yield _missing(place, field.type)


@cache
def _fields(shape: type) -> Mapping[str, FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(shape)}


def _value(raw: object, kind: object, at: str) -> Iterator[Problem]:
    """Look into tables, tables of some kind, tables by name and lists; what is left is one value."""
    parts, whole = get_args(kind), raw
    if _is_struct(kind):
        yield from faults(raw, kind, at)
    elif tables := [part for part in parts if _is_struct(part)] if get_origin(kind) in _UNIONS else []:
        yield from _of_a_kind(raw, tables, at)
    elif get_origin(kind) is dict and isinstance(raw, dict):
        for key, item in cast("Table", raw).items():
            yield from _value(item, parts[1], dotted(at, key))
    elif get_origin(kind) is tuple and isinstance(raw, list):
        for number, item in enumerate(cast("list[object]", raw)):
            yield from _value(item, parts[0], f"{at}[{number}]")
    else:
        yield from _leaf(whole, kind, at)


def _is_struct(kind: object) -> TypeGuard[type[Struct]]:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _of_a_kind(raw: object, tables: Sequence[type[Struct]], at: str) -> Iterator[Problem]:
    """Look into a table that says by a key of its own which of these it is."""
    name = tables[0].__struct_config__.tag_field
    shapes = {table.__struct_config__.tag: table for table in tables}
    if name is None or not isinstance(raw, dict):
        yield from faults(raw, tables[0], at)
        return
    table, place, names = cast("Table", raw), dotted(at, name), Literal[*shapes]
    if name not in table:
        yield _missing(place, names)
    elif wrong := list(_leaf(table[name], names, place)):
        yield from wrong
    else:
        yield from faults(table, shapes[cast("str", table[name])], at)


def _leaf(raw: object, kind: object, at: str) -> Iterator[Problem]:
    try:
        msgspec.convert(raw, cast("type[object]", kind))
    except msgspec.ValidationError as problem:
        text = str(problem).partition(" - at `$")[0]
        said = "cannot stand here" if _PATTERN in text else text[0].lower() + text[1:]
        yield _fault(at, said, _remedy(raw, kind))


def _remedy(raw: object, kind: object) -> str:
    choices = _choices(inspect.type_info(kind))
    if choices and isinstance(raw, str):
        return suggestion(raw, choices)
    return f"write {_expected(kind)}"


def _expected(kind: object) -> str:
    """Return in words what may stand there."""
    return _words(inspect.type_info(kind))


def _words(info: inspect.Type) -> str:
    described = _description(info)
    if described:
        return described
    choices = _choices(info)
    if choices:
        return " or ".join(f'"{choice}"' for choice in choices)
    if isinstance(info, inspect.UnionType):
        return " or ".join(dict.fromkeys(_words(one) for one in info.types if not isinstance(one, inspect.NoneType)))
    return _WORDS.get(type(info), "a value of this type")


_WORDS: dict[type[inspect.Type], str] = {
    inspect.StrType: "text in quotes",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.BoolType: "true or false",
    inspect.DateType: "a day as 2026-01-31, without quotes",
    inspect.DateTimeType: "a time as 2026-01-31T00:00:00+07:00, without quotes",
    inspect.VarTupleType: "a list: [ … ]",
    inspect.DictType: "a table",
    inspect.StructType: "a table",
}


def _description(info: inspect.Type) -> str:
    """Return what the type says of itself, also as a member of a list or a union."""
    if isinstance(info, inspect.Metadata):
        schema = cast("dict[str, object]", info.extra_json_schema or {})
        return str(schema.get("description", "")) or _description(info.type)
    if isinstance(info, inspect.UnionType):
        return next((text for item in info.types if (text := _description(item))), "")
    return ""


def _choices(info: inspect.Type) -> Sequence[str]:
    if isinstance(info, inspect.LiteralType):
        return [str(value) for value in info.values]
    if isinstance(info, inspect.EnumType):
        return [str(cast("object", member.value)) for member in info.cls]
    return ()


def _missing(key: str, kind: object) -> Problem:
    return _fault(key, "is missing", f"add it: {_expected(kind)}")


def _fault(key: str, text: str, remedy: str) -> Problem:
    return Problem(file="", key=key, text=text, remedy=remedy)
