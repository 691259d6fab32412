"""The exact reply that a partner expects to its own call: a table as JSON or as a form, or a text with places in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import msgspec

from gateway.core.message import Payload
from gateway.ports.adapter import Rendered
from gateway.sdk.request import FORM, JSON
from gateway.sdk.source import Reference, Source, Template
from gateway.sdk.words import as_text

ITEMS = "items"  #: the place of what is said of each item
_TYPED = re.compile(r"\{(?P<place>[^{}:]+):(?P<kind>int|bool|raw)\}")
_WHOLE = re.compile(
    r"-?\d{1,18}", re.ASCII
)  #: what our caller said stands here, and Python reads no number without end
_QUOTES = {'"': "&quot;", "'": "&apos;"}


@dataclass(frozen=True, slots=True)
class _Typed:
    """A value that is a number, a truth, or whatever stands in the place it refers to."""

    reference: Reference
    kind: str

    def fill(self, source: Source) -> object:
        found = self.reference.find(source)
        if self.kind == "raw":
            return found
        text = as_text(found)
        if self.kind == "bool":
            return text in {"true", "1"}
        return int(text) if text is not None and _WHOLE.fullmatch(text) else None


class Items:
    """Stands in a template for the list of what is said of each item."""


class Answer:
    """One compiled reply."""

    def __init__(self, raw: object, media_type: str, roots: Collection[str]) -> None:
        """Compile; raises ValueError. ``raw`` is a table, or, for what is neither JSON nor a form, a text."""
        self._media_type = media_type
        self._kind = media_type.partition(";")[0].strip().lower()
        is_text = isinstance(raw, str)
        if is_text == (self._kind in {JSON, FORM}):
            raise ValueError(f"a reply of type {self._kind} is written as a {'table' if is_text else 'text'}")
        self._tree = Template.parse(raw, {*roots, ITEMS}) if isinstance(raw, str) else _compiled(raw, roots)

    def part(self, source: Source) -> object:
        """Return what is said of one item, to stand in the place of ``{items}``."""
        return self._filled(source, ())

    def fill(self, status: int, source: Source, items: Sequence[object] = ()) -> Rendered:
        """Return the reply; what it refers to and is not there is left empty: a reply must not fail."""
        return Rendered(
            status=status,
            body=Payload(body=self._bytes(self._filled(source, items)), media_type=self._media_type),
        )

    def _filled(self, source: Source, items: Sequence[object]) -> object:
        if isinstance(self._tree, Template):
            joined = "".join(map(str, items))
            return _text(self._tree, source, _escape_for(self._kind), joined)
        return _fill(self._tree, source, items)

    def _bytes(self, filled: object) -> bytes:
        if isinstance(filled, str):
            return filled.encode()
        if self._kind == FORM:
            fields = {name: as_text(value) or "" for name, value in cast("dict[str, object]", filled).items()}
            return urlencode(fields).encode()
        return msgspec.json.encode(filled)


def _compiled(raw: object, roots: Collection[str]) -> object:
    if isinstance(raw, str):
        if raw == f"{{{ITEMS}}}":
            return Items
        typed = _TYPED.fullmatch(raw)
        if typed:
            return _Typed(Reference.parse(typed["place"], roots), typed["kind"])
        return Template.parse(raw, roots)
    if isinstance(raw, dict):
        return {key: _compiled(value, roots) for key, value in cast("dict[str, object]", raw).items()}
    return [_compiled(value, roots) for value in cast("list[object]", raw)] if isinstance(raw, list) else raw


def _fill(tree: object, source: Source, items: Sequence[object]) -> object:
    if tree is Items:
        return list(items)
    if isinstance(tree, Template):
        return _text(tree, source, _as_it_is, "")
    if isinstance(tree, _Typed):
        return tree.fill(source)
    if isinstance(tree, dict):
        return {key: _fill(value, source, items) for key, value in cast("dict[str, object]", tree).items()}
    return [_fill(value, source, items) for value in cast("list[object]", tree)] if isinstance(tree, list) else tree


def _text(template: Template, source: Source, safe: Callable[[str], str], items: str) -> str:
    """Fill a text; each value is made safe for where it stands, what is said of the items is so already."""
    parts: list[str] = []
    for part in template.parts:
        if isinstance(part, str):
            parts.append(part)
        elif part.root == ITEMS and part.path is None:
            parts.append(items)
        else:
            parts.append(safe(as_text(part.find(source)) or ""))
    return "".join(parts)


def _escape_for(kind: str) -> Callable[[str], str]:
    return _escaped if kind.endswith(("/xml", "+xml", "/html")) else _as_it_is


def _escaped(text: str) -> str:
    return escape(text, _QUOTES)


def _as_it_is(text: str) -> str:
    return text


def told(facts: Mapping[str, object], call: Mapping[str, object]) -> Source:
    """Return what a reply may refer to: what became of the call, and what the call said."""
    return Source({**call, **facts})
