"""Which fields a JSON Schema, or a schema of an OpenAPI document, insists on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import msgspec

_DEEPEST = 12  #: levels: schemas may contain themselves
_LARGEST = 16 * 1024 * 1024

Place = tuple[str, ...]
Schema = Mapping[str, object]


def required_by(directory: Path, reference: str) -> tuple[Place, ...]:
    """Return the fields with a value that a document cannot be without; raises ValueError.

    ``reference`` is a JSON file below the directory, and the place of the schema in it: ``land.json#/components/…``.
    Below a list they are those of each item; of alternatives none is insisted on.
    """
    name, _, pointer = reference.partition("#")
    root = directory.resolve()
    file = (root / name).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        raise ValueError(f"no file `{name}` below {root}")
    if file.stat().st_size > _LARGEST:
        raise ValueError(f"`{name}` has more than {_LARGEST} bytes")
    try:
        document = msgspec.json.decode(file.read_bytes(), type=dict[str, object])
    except msgspec.DecodeError as error:
        raise ValueError(f"`{name}` is no JSON object: {error}") from None
    schema = _at(document, f"#{pointer}")
    if schema is None:
        raise ValueError(f"`{name}` has no schema at #{pointer}")
    return tuple(dict.fromkeys(_places(document, schema, (), _DEEPEST)))


def _places(document: Schema, schema: Schema, above: Place, levels: int) -> Iterator[Place]:
    whole = _resolved(document, schema)
    for part in cast("list[Schema]", whole.get("allOf") or []) if levels else []:
        yield from _places(document, part, above, levels - 1)
    fields = cast("Mapping[str, Schema]", whole.get("properties") or {})
    for name in cast("list[str]", whole.get("required") or []):
        place = (*above, name)
        below = tuple(_below(document, fields.get(name, {}), place, levels))
        yield from below or (place,)


def _below(document: Schema, schema: Schema, place: Place, levels: int) -> Iterator[Place]:
    whole = _resolved(document, schema)
    items = whole.get("items")
    inner = cast("Schema", items) if isinstance(items, dict) else whole
    if levels:
        yield from _places(document, inner, place, levels - 1)


def _resolved(document: Schema, schema: Schema) -> Schema:
    """Follow references within the document, as far as they lead somewhere."""
    for _ in range(_DEEPEST):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        schema = _at(document, reference) or {}
    return {}


def _at(document: Schema, pointer: str) -> Schema | None:
    here: object = document
    for step in pointer.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        here = cast("Schema", here).get(name) if isinstance(here, dict) else None
    return cast("Schema", here) if isinstance(here, dict) else None
