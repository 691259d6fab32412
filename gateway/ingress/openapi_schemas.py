"""The schemas of ``/openapi.json``: the structs that the doors really read and write, each field with its meaning.

The structs of the model are there twice: with English names, and with national ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec
from msgspec import Struct

from gateway.ingress.openapi_examples import EXAMPLES
from gateway.ingress.openapi_fields import meanings, reached
from gateway.model.event import Event, NewEvent
from gateway.model.kinds import KINDS
from gateway.model.names import to_national
from gateway.model.national import NATIONAL
from gateway.model.types.shapes import Record

REF = "#/components/schemas/{name}"
_NATIONAL = "QCVN120"
_Schema = dict[str, object]


def name_of(struct: type[Struct], *, national: bool = False) -> str:
    """Return what a struct is called."""
    return struct.__name__ + _NATIONAL if national else struct.__name__


def schemas(structs: Sequence[type[Struct]]) -> dict[str, _Schema]:
    """Return these structs and all that they consist of, by name; raises OSError without the sources."""
    _, found = msgspec.json.schema_components(structs, ref_template=REF)
    for struct, fields in meanings(reached(structs)).items():
        _explain(found[name_of(struct)], fields)
    for struct in (NewEvent, Event):
        _fields(found[name_of(struct)])["data"]["description"] = _data()
    for struct in NATIONAL:
        _name(found[name_of(struct)], NATIONAL[struct])
    national = {name_of(struct, national=True): _national(found[name_of(struct)], struct) for struct in NATIONAL}
    for struct, example in EXAMPLES.items():
        found[name_of(struct)]["examples"] = [example]
        if issubclass(struct, Record):
            national[name_of(struct, national=True)]["examples"] = [to_national(struct, example)]
    return found | national


def _explain(schema: _Schema, meant: Mapping[str, str]) -> None:
    for name, field in _fields(schema).items():
        shape = cast("str", field.get("description", ""))
        field["description"] = f"{meant[name]} ({shape})" if shape else meant[name]


def _data() -> str:
    kinds = (f"{kind.name}: {name_of(kind.data)}" for kind in KINDS.values())
    return f"what is stated, in the type of its kind; {', '.join(kinds)}; of x.<system>.<name> any JSON"


def _name(schema: _Schema, names: Mapping[str, str]) -> None:
    """Say the national name of each field."""
    for name, field in _fields(schema).items():
        field["description"] = f"{field['description']} · {names[name]}"


def _national(schema: _Schema, struct: type[Record]) -> _Schema:
    """Return a schema with national names."""
    names = NATIONAL[struct]
    fields = {names[name]: _national_part(field) for name, field in _fields(schema).items()}
    national = {**schema, "title": name_of(struct, national=True), "properties": fields}
    if "required" in schema:
        national["required"] = [names[name] for name in cast("Sequence[str]", schema["required"])]
    return national


def _national_part(part: object) -> object:
    """Return a part of a schema with its references led to national names; the model refers only to itself."""
    match part:
        case {"$ref": str(reference)}:
            return {**cast("_Schema", part), "$ref": reference + _NATIONAL}
        case dict():
            return {name: _national_part(value) for name, value in cast("_Schema", part).items()}
        case list():
            return [_national_part(item) for item in cast("list[object]", part)]
        case _:
            return part


def _fields(schema: _Schema) -> dict[str, _Schema]:
    return cast("dict[str, _Schema]", schema["properties"])
