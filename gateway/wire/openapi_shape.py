"""The operations of an OpenAPI 3 or Swagger 2 description in JSON, with the fields of their messages.

The file is hostile: no reference leaves it, none goes in a circle, and what is shown of it is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

import msgspec

from gateway.wire.shape import DEEPEST, Budget, Called, Field, Kind, ShapeError, one_line

_LARGEST = 8 * 1024 * 1024  #: bytes
_METHODS = ("get", "post", "put", "patch", "delete")
_KINDS: Mapping[str, Kind] = {"string": "text", "integer": "int", "number": "text", "boolean": "bool"}
_FILES = frozenset({"byte", "binary"})
_CHAIN = 32  #: references that lead to one another
_MOST = 500  #: operations
_PARTS = 5000  #: that schemas consist of, all together
_ENDLESS = "goes on inside itself: write as many levels as you need"

Table = Mapping[str, object]
_NOTHING: Table = {}


def operations_of(data: bytes) -> tuple[Called, ...]:
    """Return what a description offers; raises ShapeError."""
    document = _document(data)
    return tuple(_Reading(document).operations())


def security_of(data: bytes) -> Mapping[str, Table]:
    """Return the ways to show who we are that a description names; raises ShapeError."""
    document = _document(data)
    components = _table(document.get("components")).get("securitySchemes") or document.get("securityDefinitions")
    return {name: _table(one) for name, one in _table(components).items()}


def _document(data: bytes) -> Table:
    if len(data) > _LARGEST:
        raise ShapeError(
            "(file)", f"larger than {_LARGEST} bytes", "ask for the description of the operations you need"
        )
    try:
        found: object = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ShapeError("(file)", "is not JSON", "convert a YAML description to JSON first") from None
    document = _table(found)
    if not isinstance(document.get("paths"), dict) or not (document.get("openapi") or document.get("swagger")):
        raise ShapeError("(file)", "is no OpenAPI description", "it has `openapi` or `swagger`, and `paths`")
    return document


class _Reading:
    """One description."""

    def __init__(self, document: Table) -> None:
        self._document = document
        self._merges = 0

    def operations(self) -> Iterator[Called]:
        number = 0
        for path, item in _table(self._document["paths"]).items():
            shared = self._resolved(item)
            for method in _METHODS:
                if method in shared:
                    number += 1
                    if number > _MOST:
                        raise ShapeError("paths", f"more than {_MOST} operations", "cut the file to those you need")
                    yield self._operation(path, method, _table(shared[method]), _list(shared.get("parameters")))

    def _operation(self, path: str, method: str, raw: Table, shared: Sequence[object]) -> Called:
        budget = Budget()
        parameters = [self._resolved(one) for one in (*shared, *_list(raw.get("parameters")))]
        media_type, schema = self._request(raw, parameters)
        replies = _table(raw.get("responses"))
        good = next((self._resolved(replies[code]) for code in sorted(replies) if code.startswith("2")), _NOTHING)
        return Called(
            name=one_line(raw.get("operationId") or f"{method.upper()} {path}", 100),
            about=one_line(raw.get("summary") or raw.get("description") or ""),
            address=self._address(),
            method=method.upper(),
            path=one_line(path, 200),
            request=self._top(schema, budget),
            reply=self._top(self._content(good)[1], budget),
            parameters=tuple(self._parameter(one, budget) for one in parameters if one.get("in") in _PLACES),
            media_type=media_type,
            statuses=tuple(sorted(one_line(code, 10) for code in replies)),
        )

    def _address(self) -> str:
        servers = [_table(one).get("url") for one in _list(self._document.get("servers"))]
        if servers:
            return one_line(servers[0] or "")
        host = self._document.get("host")
        return one_line(f"https://{host}{self._document.get('basePath') or ''}") if host else ""

    def _request(self, raw: Table, parameters: Sequence[Table]) -> tuple[str, object]:
        in_body = next((one for one in parameters if one.get("in") == "body"), None)
        if in_body is not None:
            return "application/json", in_body.get("schema")
        fields = {str(one.get("name")): one for one in parameters if one.get("in") == "formData"}
        if fields:
            return "application/x-www-form-urlencoded", {"type": "object", "properties": fields}
        return self._content(self._resolved(raw.get("requestBody")))

    @staticmethod
    def _content(body: Table) -> tuple[str, object]:
        """Return the media type that we take of those offered, and its schema."""
        if "schema" in body:  # Swagger 2
            return "application/json", body["schema"]
        offered = _table(body.get("content"))
        chosen = next((one for one in offered if "json" in one), next(iter(offered), ""))
        return one_line(chosen, 100), _table(offered.get(chosen)).get("schema")

    def _parameter(self, raw: Table, budget: Budget) -> Field:
        schema = raw.get("schema") if isinstance(raw.get("schema"), dict) else raw
        field = self._field(
            one_line(raw.get("name") or "", 100), schema, budget, (), required=raw.get("required") is True
        )
        return Field(
            name=field.name,
            type=f"{raw.get('in')} {field.type}",
            kind=field.kind,
            required=field.required or raw.get("in") == "path",
            note=field.note or one_line(raw.get("description") or ""),
        )

    def _top(self, schema: object, budget: Budget) -> tuple[Field, ...]:
        if not schema:
            return ()
        top = self._field("", schema, budget, (), required=True)
        if top.fields and not top.many:
            return top.fields
        return (Field(name="(body)", type=top.type, kind=top.kind, required=True, many=top.many, fields=top.fields),)

    def _field(self, name: str, raw: object, budget: Budget, above: tuple[int, ...], *, required: bool) -> Field:
        schema = self._merged(raw)
        written = _type(schema)
        note = _note(schema)
        if len(above) >= DEEPEST:
            return Field(name=name, type="object", kind="any", required=required, note=_ENDLESS)
        if written == "array":
            item = self._field(name, schema.get("items") or {}, budget, (*above, id(schema)), required=required)
            return replace(item, required=required, many=True)
        properties = _table(schema.get("properties"))
        if not properties:
            kind: Kind = "file" if schema.get("format") in _FILES else _KINDS.get(written, "any")
            return Field(name=name, type=_written(schema, written), kind=kind, required=required, note=note)
        mark = id(schema.get("properties"))
        if mark in above:
            return Field(name=name, type="object", kind="any", required=required, note=_ENDLESS)
        wanted = {str(one) for one in _list(schema.get("required"))}
        fields = tuple(
            self._field(one_line(key, 100), value, budget, (*above, mark), required=key in wanted)
            for key, value in properties.items()
            if budget.take()
        )
        return Field(name=name, type="object", kind="table", required=required, fields=fields, note=note)

    def _merged(self, raw: object, depth: int = 0) -> Table:
        """Return a schema with what it consists of; of alternatives the first. Raises ShapeError."""
        schema = self._resolved(raw)
        parts = [*_list(schema.get("allOf")), *_list(schema.get("oneOf"))[:1], *_list(schema.get("anyOf"))[:1]]
        if not parts:
            return schema
        self._merges += len(parts)
        if depth >= _CHAIN or self._merges > _PARTS:
            raise ShapeError("allOf", "schemas consist of one another without end", "ask for a simpler description")
        parts = [self._merged(one, depth + 1) for one in parts]
        merged: dict[str, object] = {}
        for part in (*map(_table, parts), schema):
            properties = {**_table(merged.get("properties")), **_table(part.get("properties"))}
            needed = [*_list(merged.get("required")), *_list(part.get("required"))]
            merged = {**merged, **part, "properties": properties, "required": needed}
        return merged

    def _resolved(self, raw: object) -> Table:
        """Follow references inside the file; raises ShapeError for any other, and for a circle of them."""
        seen: list[str] = []
        while isinstance(reference := _table(raw).get("$ref"), str):
            shown = one_line(reference, 100)
            if not reference.startswith("#/"):
                raise ShapeError(shown, "refers to another file", "put everything into one file; nothing is fetched")
            if reference in seen or len(seen) >= _CHAIN:
                raise ShapeError(shown, "references go in a circle", "ask the partner for a description that ends")
            seen.append(reference)
            raw = self._at(reference, shown)
        return _table(raw)

    def _at(self, reference: str, shown: str) -> object:
        found: object = self._document
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if name not in _table(found):
                raise ShapeError(shown, "refers to what is not there", "ask the partner for the whole description")
            found = _table(found)[name]
        return found


_PLACES = frozenset({"path", "query", "header"})


def _type(schema: Table) -> str:
    raw = schema.get("type")
    names = [str(one) for one in _list(raw)] or ([str(raw)] if isinstance(raw, str) else [])
    return next((one for one in names if one != "null"), "object" if "properties" in schema else "")


def _written(schema: Table, kind: str) -> str:
    form = schema.get("format")
    return one_line(f"{kind or 'anything'} ({form})" if form else kind or "anything", 60)


def _note(schema: Table) -> str:
    said: list[str] = []
    codes = _list(schema.get("enum"))
    if codes:
        said.append("one of " + ", ".join(one_line(one, 30) for one in codes[:12]))
    for name, words in (
        ("maxLength", "at most {} characters"),
        ("minLength", "at least {}"),
        ("pattern", "pattern {}"),
    ):
        if name in schema:
            said.append(words.format(one_line(schema[name], 60)))
    if schema.get("description"):
        said.append(one_line(schema["description"], 100))
    return one_line("; ".join(said))


def _table(value: object) -> Table:
    return cast("Table", value) if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list) else ()
