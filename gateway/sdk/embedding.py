"""Documents inside texts of documents: XML in JSON, JSON in a JSON string, either as base64; both ways."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import msgspec

from gateway.core.crowd import CROWD, signs_in
from gateway.model.faults import builtins_of
from gateway.sdk.enclosed import Inserted, json_pieces
from gateway.sdk.paths import Every, Places, Step
from gateway.sdk.reading import Table
from gateway.sdk.xml_text import xml_pieces
from gateway.wire.attachments import Attachment, stream
from gateway.wire.transfer_encoding import unbroken
from gateway.wire.xml import XmlError, XmlLimits, parse
from gateway.wire.xml_table import table

_BLANK = "\ufeff \t\r\n"
_BEGINS = ("{", "[", "<")  #: how a document begins
_LONGEST = 4 * 1024 * 1024  #: letters of a text that is looked into


class EmbedTable(Table, frozen=True, kw_only=True):
    """One ``embed``: as what text the table at this place travels."""

    as_: Literal["json", "xml"] = msgspec.field(name="as")
    root: str = ""  #: of XML: the elements round it, ``hotich/hoso``
    namespace: str = ""
    base64: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """One compiled ``embed``."""

    places: Places
    table: EmbedTable

    @classmethod
    def of(cls, place: str, table: EmbedTable) -> Embedding:
        """Compile; raises ValueError."""
        if bool(table.root) is not (table.as_ == "xml"):
            raise ValueError("XML has a `root`, and JSON has none")
        if table.root:
            xml_pieces({}, table.root, table.namespace, declared=False)
        return cls(places=Places.parse(place), table=table)

    def put(self, document: dict[str, object]) -> dict[str, object]:
        """Return the document with a text in the place; raises ValueError."""
        return cast("dict[str, object]", changed(document, self.places.steps, self._text))

    def _text(self, value: object) -> object:
        if isinstance(value, str | Inserted):
            return value
        table = self.table
        if table.as_ == "json":
            pieces = json_pieces(value)
        else:
            pieces = xml_pieces(value, table.root, table.namespace, declared=False)
        return _in_base64(pieces) if table.base64 else _whole(pieces)


def _whole(pieces: Sequence[bytes | Attachment]) -> str | Inserted:
    texts = [piece.decode() if isinstance(piece, bytes) else piece for piece in pieces]
    return str(texts[0]) if len(texts) == 1 else Inserted(tuple(texts))


def _in_base64(pieces: Sequence[bytes | Attachment]) -> str | Inserted:
    if isinstance(pieces[0], bytes) and len(pieces) == 1:
        return base64.b64encode(pieces[0]).decode()
    body = stream(pieces)
    whole = Attachment(size=body.size, sha256=body.digest, media_type="", chunks=body.chunks)
    return Inserted((whole.in_base64(),))


def unfolded(document: object, places: Sequence[Places], lists: Collection[str] = ()) -> object:
    """Return the document with tables in these places, where a text holds JSON or XML; any other stays as it is.

    ``lists`` are the elements of XML that are lists even where they stand once. All texts together hold no more values
    than one document may; what goes beyond stays as it is, too.
    """
    reading = _Reading(lists)
    for one in places:
        document = changed(document, one.steps, reading.read)
    return document


@dataclass(slots=True)
class _Reading:
    """The texts of one document, being read."""

    lists: Collection[str]
    left: int = CROWD  #: signs that begin or part values

    def read(self, value: object) -> object:
        """Return what a text holds, else the value itself."""
        if not isinstance(value, str) or len(value) > _LONGEST:
            return value
        text = value.lstrip(_BLANK)
        text = text if text.startswith(_BEGINS) else _unwrapped(value)
        if not text.startswith(_BEGINS):
            return value
        data, is_xml = text.encode(), text.startswith("<")
        self.left -= data.count(b"<") if is_xml else signs_in(data)
        if self.left < 0:
            return value
        return _xml(data, value, self.lists) if is_xml else _json(data, value)


def _unwrapped(value: str) -> str:
    """Return what base64 holds, where that is a text."""
    try:
        return base64.b64decode(unbroken(value), validate=True).decode().lstrip(_BLANK)
    except ValueError:
        return value


def _json(data: bytes, otherwise: object) -> object:
    try:
        return builtins_of(data)
    except (msgspec.DecodeError, RecursionError):
        return otherwise


def _xml(data: bytes, otherwise: object, lists: Collection[str]) -> object:
    try:
        return table(parse(data, limits=XmlLimits(instructions=True), encoding="utf-8"), lists)
    except XmlError:
        return otherwise


def changed(value: object, steps: Sequence[Step], change: Callable[[object], object]) -> object:
    """Return a copy with what is at the place changed; where there is nothing, the same."""
    if not steps:
        return change(value)
    step, below = steps[0], steps[1:]
    if isinstance(value, Mapping):
        fields = dict(cast("Mapping[str, object]", value))
        names = fields.keys() if step is Every.ITEM else fields.keys() & {step}
        return {name: changed(one, below, change) if name in names else one for name, one in fields.items()}
    if isinstance(value, list):
        items = cast("list[object]", value)
        chosen = range(len(items)) if step is Every.ITEM else _position(items, step)
        return [changed(one, below, change) if place in chosen else one for place, one in enumerate(items)]
    return value


def _position(items: Sequence[object], step: Step) -> range:
    if not isinstance(step, int) or not -len(items) <= step < len(items):
        return range(0)
    place = step % len(items)
    return range(place, place + 1)
