"""What a partner sends by itself, as a document that mappings can look into: JSON, XML, a form, or only a query."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import parse_qsl

from gateway.core.codes import BLANKS
from gateway.model.fault import Invalid
from gateway.model.faults import decode_json, message
from gateway.model.texts import said
from gateway.sdk.paths import Path
from gateway.wire.charsets import CharsetError, plain_json
from gateway.wire.transfer_encoding import unbroken
from gateway.wire.xml import Element, XmlError, XmlLimits, parse
from gateway.wire.xml_table import table
from gateway.wire.xop import ANY, XopError, detach

Format = Literal["json", "xml", "form", "query"]
_FIELDS = 1000  #: of one form
_LANGUAGE = "vi"  #: of partners who call in formats of their own
_ROUND = f"\ufeff{BLANKS}"  #: what may stand round a document that is a text


class Unreadable(Exception):
    """What is wrong with what came, for its sender; never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """How a body is read."""

    format: Format = "json"
    lists: Collection[str] = ()  #: XML elements, or fields, that are lists even when they stand there once
    inside: tuple[Inside, ...] = ()  #: texts in it that are documents themselves, the outer ones first

    def read(self, body: bytes, content_type: str = "") -> object:
        """Return the document; raises Unreadable. JSON may declare an older encoding in ``content_type``."""
        document = _read(self.format, _plain(body, content_type) if self.format == "json" else body, self.lists)
        return self._opened(document)

    def read_beside_files(self, body: bytes, content_type: str = "") -> tuple[object, Mapping[str, str]]:
        """Return a document that files come beside, and the Content-IDs by what stands for each in it.

        Only XML refers to them: by ``xop:Include``, or by ``cid:`` as an element's text or its ``href``. Raises
        Unreadable.
        """
        if self.format != "xml":
            return self.read(body, content_type), {}
        root = _root(body)
        try:
            parts = detach(root, ANY)
        except XopError as error:
            raise Unreadable(f"tệp đính kèm: {said(str(error), _LANGUAGE)}") from error
        return self._opened(table(root, self.lists)), parts

    def of_form(self, fields: Iterable[tuple[str, object]]) -> object:
        """Return a form that was read part by part; nothing of it where only the query counts. Raises Unreadable."""
        return self._opened({} if self.format == "query" else by_name(fields, self.lists))

    @property
    def texts(self) -> Collection[str]:
        """Return the fields of a form that are documents themselves: texts, whatever their sender calls them."""
        return {str(step) for one in self.inside for step in one.path.steps[:1]}

    def _opened(self, document: object) -> object:
        for one in self.inside:
            document = one.opened(document)
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """A document that travels as a text inside another one."""

    path: Path
    format: Format = "json"
    in_base64: bool = False
    lists: Collection[str] = field(default=())

    def opened(self, document: object) -> object:
        """Return the outer document with the inner one in the place of its text; raises Unreadable."""
        text = self.path.find(document)
        place = ".".join(map(str, self.path.steps)) or "$"
        if not isinstance(text, str):
            raise Unreadable(f"thiếu {place}")
        try:
            inner = self._read(text)
        except (binascii.Error, UnicodeEncodeError):
            raise Unreadable(f"{place} không đọc được") from None
        except Unreadable as error:
            raise Unreadable(f"{place}: {error}") from error
        return _replaced(document, self.path.steps, inner)

    def _read(self, text: str) -> object:
        """Read what a text holds: base64 may be broken into lines, and what is text already is in no encoding."""
        if self.in_base64:
            return _read(self.format, base64.b64decode(unbroken(text), validate=True), self.lists)
        plain = text.strip(_ROUND).encode()
        return (
            table(_root(plain, encoding="utf-8"), self.lists)
            if self.format == "xml"
            else _read(self.format, plain, self.lists)
        )


def _replaced(document: object, steps: tuple[str | int, ...], value: object) -> object:
    """Return a copy of the document with another value in one place, which is there."""
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if isinstance(first, int):
        items = list(cast("list[object]", document))
        items[first] = _replaced(items[first], rest, value)
        return items
    tables = cast("dict[str, object]", document)
    return {**tables, first: _replaced(tables[first], rest, value)}


def _read(kind: Format, body: bytes, lists: Collection[str]) -> object:
    match kind:
        case "json":
            return _json(body)
        case "xml":
            return _xml(body, lists)
        case "form":
            return _form(body, lists)
        case "query":
            return {}


def _plain(body: bytes, content_type: str) -> bytes:
    try:
        return plain_json(body, content_type)
    except CharsetError:
        raise Unreadable("nội dung không đúng bảng mã đã khai") from None


def _json(body: bytes) -> object:
    try:
        return decode_json(plain_json(body, ""))
    except Invalid as error:
        raise Unreadable(message(error.faults[0], "vi")) from error


def _xml(body: bytes, lists: Collection[str]) -> object:
    return table(_root(body), lists)


def _root(body: bytes, encoding: str | None = None) -> Element:
    try:
        return parse(body, limits=XmlLimits(max_bytes=max(len(body), 1)), encoding=encoding)
    except XmlError as error:
        raise Unreadable(f"XML không đọc được: {said(str(error), _LANGUAGE)}") from error


def _form(body: bytes, lists: Collection[str]) -> object:
    """Read ``application/x-www-form-urlencoded``."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_FIELDS,
        )
    except ValueError:
        raise Unreadable("biểu mẫu không đọc được: cần application/x-www-form-urlencoded, UTF-8") from None
    return by_name(pairs, lists)


def by_name(fields: Iterable[tuple[str, object]], lists: Collection[str] = ()) -> dict[str, object]:
    """Return the fields of a form; a name that is given several times is a list, and so is one of ``lists``."""
    found: dict[str, list[object]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 or name in lists else values[0] for name, values in found.items()}
