"""From validated XML to the model's builtins, and from a fault's path back to the sender's element names."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from lxml import etree
from msgspec import Struct, inspect

from gateway.ingress.soap.schema import CONTENT
from gateway.ingress.soap.shape import OPAQUE, Part, camel, choices, parts_by_element, struct_of
from gateway.model.names import has_kind
from gateway.model.types import FileRef
from gateway.wire.transfer_encoding import unbroken
from gateway.wire.xml import Element

_WHITE = " \t\r\n"  #: XML's white space: it counts for nothing round a code (``xs:token``), and may be within one
_TRUE = frozenset({"true", "1"})
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """A file whose bytes came inside the message; ``entry`` is the place where its id belongs."""

    entry: dict[str, object] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file whose bytes come beside the message; ``entry`` is the place where its id belongs."""

    entry: dict[str, object] = field(repr=False)
    content_id: str


class NotBase64(Exception):
    """Bytes that no base64 decoder takes, though the schema lets them pass; ``element`` says where."""

    def __init__(self, element: Element) -> None:
        super().__init__(f"{etree.QName(element).localname} is not base64")
        self.element = element


class Reading:
    """Reads one element; the files inside it are collected."""

    def __init__(self, attached: Mapping[str, str]) -> None:
        """``attached`` are the Content-IDs of files beside the message, by the marker that stands for each."""
        self._attached = attached
        self.files: list[Inline | Attached] = []

    def struct(self, element: Element, type_: type[Struct]) -> dict[str, object]:
        """Return the struct's builtins. Elements of other namespaces are left out. Raises NotBase64."""
        found: dict[str, object] = {}
        known = parts_by_element(type_)
        for child in element.iterchildren("*"):
            name = etree.QName(child)
            part = known.get(name.localname)
            if name.namespace != etree.QName(element).namespace:
                continue
            if part is not None:
                _put(found, part, self._value(child, part))
            elif type_ is FileRef and name.localname == CONTENT:
                self.files.append(self._file(child, found))
            elif has_kind(type_):
                found |= self._stated(child, type_)
        return found

    def _file(self, element: Element, entry: dict[str, object]) -> Inline | Attached:
        content_id = self._attached.get(element.text or "")
        if content_id is not None:
            return Attached(entry=entry, content_id=content_id)
        return Inline(entry=entry, content=_content(element))

    def _stated(self, element: Element, type_: type[Struct]) -> dict[str, object]:
        """Return kind and data of an event's one element."""
        name = etree.QName(element).localname
        if name == OPAQUE:
            values = {etree.QName(child).localname: child.text or "" for child in element.iterchildren("*")}
            return {"kind": values.get("kind", "").strip(), "data": values.get("data", "")}
        kind = choices(type_)[name]
        return {"kind": kind.name, "data": self.struct(element, kind.data)}

    def _value(self, element: Element, part: Part) -> object:
        struct = struct_of(part.type)
        if struct is not None:
            return self.struct(element, struct)
        text = element.text or ""
        match part.type:
            case inspect.IntType():
                return int(text.strip())
            case inspect.BoolType():
                return text.strip() in _TRUE
            case inspect.DateTimeType():
                return text.strip()
            case _:
                return text.strip(_WHITE) if part.is_code else text


def place(path: str, kind: str) -> str:
    """Return a fault's path as the sender's elements: ``data.source_status`` as ``statusChanged/sourceStatus``."""
    return "/".join(_steps(path, camel(kind))) or "."


def _steps(path: str, stated: str) -> Iterator[str]:
    step = ""
    for name, index in cast("list[tuple[str, str]]", _STEP.findall(path)):
        if index:
            step += f"[{int(index) + 1}]"
            continue
        if step:
            yield step
        step = stated if name == "data" else camel(name)
    if step:
        yield step


def _put(found: dict[str, object], part: Part, value: object) -> None:
    if not part.repeats:
        found[part.field] = value
        return
    items = cast("list[object]", found.setdefault(part.field, []))
    items.append(value)


def _content(element: Element) -> bytes:
    try:
        return base64.b64decode(unbroken(element.text or ""), validate=True)
    except ValueError as error:
        raise NotBase64(element) from error
