"""Documents as the bodies of requests: JSON, a form, multipart, XML. Files in them are read while they are sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, cast
from urllib.parse import urlencode

import msgspec

from gateway.sdk.enclosed import Enclosed, Inserted, encoded, joined
from gateway.sdk.words import as_text
from gateway.sdk.xml_text import xml_pieces
from gateway.wire.attachments import Attachment
from gateway.wire.request_body import StreamBody

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
Document: TypeAlias = Mapping[str, object]
How: TypeAlias = Literal["json", "form", "multipart", "xml"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A body, and what it says that it is."""

    content_type: str
    body: bytes | StreamBody


class Encoding(Protocol):
    """One way to write a document."""

    def encode(self, document: Document) -> Encoded:
        """Return the body; raises ValueError where the format cannot say it."""
        ...


class Json:
    """A JSON document; files inside as base64."""

    def encode(self, document: Document) -> Encoded:
        """Return the body."""
        return Encoded(JSON, encoded(document))


class Form:
    """``application/x-www-form-urlencoded``: a field for each scalar; tables inside travel as JSON."""

    def encode(self, document: Document) -> Encoded:
        """Return the body; raises ValueError where a file is among the fields."""
        return Encoded(FORM, urlencode([(name, _plain(name, value)) for name, value in _fields(document)]).encode())


class Multipart:
    """``multipart/form-data`` (RFC 7578): a part for each field; files as they are, under their own names."""

    def encode(self, document: Document) -> Encoded:
        """Return the body; raises ValueError where a file stands where a part cannot be."""
        parts = [_part(name, value) for name, value in _fields(document)]
        boundary = _boundary(parts)
        pieces: list[bytes | Attachment] = []
        for head, content in parts:
            pieces += [f"--{boundary}\r\n{head}\r\n\r\n".encode(), content, b"\r\n"]
        pieces.append(f"--{boundary}--\r\n".encode())
        return Encoded(f"multipart/form-data; boundary={boundary}", joined(pieces))


@dataclass(frozen=True, slots=True)
class Xml:
    """An XML document; files inside as base64."""

    root: str
    namespace: str = ""

    def encode(self, document: Document) -> Encoded:
        """Return the body; raises ValueError."""
        pieces = xml_pieces(document, self.root, self.namespace, declared=True)
        return Encoded("application/xml; charset=utf-8", joined(pieces))


AS_JSON: Encoding = Json()
AS_FORM: Encoding = Form()
AS_MULTIPART: Encoding = Multipart()


def _fields(document: Document) -> Iterator[tuple[str, object]]:
    """Yield names and values; a list is a field for each item, and an item with one value is that value."""
    for name, value in document.items():
        if isinstance(value, list):
            for item in cast("list[object]", value):
                alone = list(cast("Document", item).values()) if isinstance(item, Mapping) else []
                yield name, alone[0] if len(alone) == 1 else item
        else:
            yield name, value


def _plain(name: str, value: object) -> str:
    text = "" if value is None else as_text(value)
    if text is not None:
        return text
    if not isinstance(value, dict | list) or _holds_file(cast("object", value)):
        raise ValueError(f"{name}: a file cannot be a field of a form; use multipart")
    return msgspec.json.encode(value).decode()


def _holds_file(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_file, cast("Document", value).values()))
    return any(map(_holds_file, cast("list[object]", value))) if isinstance(value, list) else _is_file(value)


def _is_file(value: object) -> bool:
    return isinstance(value, Enclosed | Inserted)


def _part(name: str, value: object) -> tuple[str, bytes | Attachment]:
    disposition = f'Content-Disposition: form-data; name="{_quoted(name)}"'
    if isinstance(value, Enclosed):
        blob = value.blob
        named = f'{disposition}; filename="{_quoted(blob.name or blob.file_id)}"'
        head = f"{named}\r\nContent-Type: {_one_line(blob.content_type)}"
        return head, value.attachment()
    text = _plain(name, value).encode()
    return (f"{disposition}\r\nContent-Type: {JSON}" if isinstance(value, dict | list) else disposition), text


def _quoted(text: str) -> str:
    """Return a name as browsers write it: UTF-8, with what would end the line or the name escaped."""
    return _one_line(text.replace('"', "%22"))


def _one_line(text: str) -> str:
    return text.replace("\r", "%0D").replace("\n", "%0A")


def _boundary(parts: list[tuple[str, bytes | Attachment]]) -> str:
    """Return what stands between parts: of all that is in them, so that a resend has the same bytes."""
    digest = hashlib.sha256()
    for head, content in parts:
        digest.update(head.encode() + (content if isinstance(content, bytes) else content.sha256.encode()))
    return f"gateway-{digest.hexdigest()[:40]}"
