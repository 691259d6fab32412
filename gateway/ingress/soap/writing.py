"""From structs to XML, in the order and under the names of the schema."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast

import msgspec
from lxml import etree
from msgspec import Struct

from gateway.ingress.soap.shape import NAMESPACE, OPAQUE, Part, camel, choices, parts
from gateway.model.event import Event
from gateway.model.kinds import data_type
from gateway.model.names import has_kind
from gateway.wire.xml import Element

_ALLOWED = {9, 10, 13}
_FIRST = 0x20


def write(name: str, value: Struct) -> Element:
    """Return the struct as the global element ``name``."""
    root = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap=cast("dict[str, str]", {None: NAMESPACE}))
    _fill(root, value)
    return root


def _fill(element: Element, value: Struct) -> None:
    for part in parts(type(value)):
        for item in _items(part, getattr(value, part.field)):
            _add(element, part.element, item)
    if has_kind(type(value)):
        _state(element, cast("Event", value))


def _state(element: Element, event: Event) -> None:
    """Write kind and data as the one element that the kind is called by."""
    name = camel(event.kind)
    body = data_type(event.kind)
    if name in choices(type(event)) and body is not None:
        data = event.data if isinstance(event.data, body) else msgspec.convert(event.data or {}, body)
        _add(element, name, data)
        return
    opaque = etree.SubElement(element, f"{{{NAMESPACE}}}{OPAQUE}")
    _add(opaque, "kind", event.kind)
    _add(opaque, "data", event.data if isinstance(event.data, str) else msgspec.json.encode(event.data).decode())


def _items(part: Part, value: object) -> Iterable[object]:
    """Return what is to be written of a field: nothing of what is empty and need not be there."""
    if value is None or (not part.least and value in ("", ())):
        return ()
    return cast("tuple[object, ...]", value) if part.repeats else (value,)


def _add(parent: Element, name: str, value: object) -> None:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if isinstance(value, Struct):
        _fill(element, value)
    else:
        element.text = _text(value)


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case _:
            return clean(str(value))


def clean(text: str) -> str:
    """Return the text without the control characters that XML 1.0 has no way to write."""
    return "".join(sign for sign in text if ord(sign) >= _FIRST or ord(sign) in _ALLOWED)
