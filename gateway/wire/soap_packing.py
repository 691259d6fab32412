"""How the files of a SOAP message travel: inside it as base64, beside it as MTOM, or beside it as SOAP attachments.

MTOM and XOP 1.0 (W3C 2005), SOAP Messages with Attachments (W3C Note, 2000) with swaRef (WS-I Attachments Profile 1.0).
Whichever it is, a file is read while it is sent, and the same message has the same bytes: boundary and Content-IDs
follow from what is sent, and nobody can make a file that holds its own message's boundary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from gateway.wire.attachments import Attachment, alternating, new_marker, stream
from gateway.wire.content_type import ContentType, safe_media_type
from gateway.wire.related import RELATED, XOP
from gateway.wire.request_body import StreamBody
from gateway.wire.soap import SoapVersion
from gateway.wire.soap_message import Packed, SoapMessage, http_headers, pack
from gateway.wire.xml import to_bytes
from gateway.wire.xop import XopError, attach_includes, marked, reference_to

_ROOT = "root@gateway"
_DIGITS = 40


class Packing(Protocol):
    """One way for files to travel."""

    def token(self, number: int, file: Attachment) -> str:
        """Return the text that stands for the message's file of this number while the message is written."""
        ...

    def pack(self, message: SoapMessage) -> Packed:
        """Return the message as HTTP carries it; raises XopError where a file stands in no place of its own."""
        ...


class Inline:
    """Inside the envelope, as base64: what every partner reads."""

    def token(self, number: int, file: Attachment) -> str:
        """Return a marker."""
        del number, file
        return new_marker()

    def pack(self, message: SoapMessage) -> Packed:
        """Return the envelope; where it holds files, as a stream."""
        if not message.attachments:
            return pack(message)
        _check(message, {element.text or "" for element in marked(message.envelope, message.attachments)})
        texts: list[bytes] = []
        files: list[Attachment] = []
        rest = to_bytes(message.envelope)
        for marker, file in _in_order(rest, message.attachments):
            before, _, rest = rest.partition(marker)
            texts.append(before)
            files.append(file.in_base64())
        body = stream(alternating([*texts, rest], files))
        return Packed(headers=http_headers(message.version, message.action), body=body)


class Mtom:
    """Beside the envelope, each in a part of its own that an ``xop:Include`` refers to."""

    def token(self, number: int, file: Attachment) -> str:
        """Return a marker."""
        del number, file
        return new_marker()

    def pack(self, message: SoapMessage) -> Packed:
        """Return the package; a message without files is one too, since some stacks read nothing else."""
        files = message.attachments
        names = {marker: _content_id(number, file) for number, (marker, file) in enumerate(files.items())}
        _check(message, attach_includes(message.envelope, names))
        plain = message.version.media_type
        outer = {"type": XOP, "start-info": plain} | _action(message)
        root = ContentType(media_type=XOP, parameters={"charset": "utf-8", "type": plain})
        return _package(message, outer, root, {names[marker]: file for marker, file in files.items()})


class Swa:
    """Beside the envelope, each in a part of its own that a ``cid:`` address refers to."""

    def token(self, number: int, file: Attachment) -> str:
        """Return the address."""
        return reference_to(_content_id(number, file))

    def pack(self, message: SoapMessage) -> Packed:
        """Return the package; a message without files travels alone."""
        files = message.attachments
        if not files:
            return pack(message)
        plain = ContentType.parse(message.version.content_type(message.action))
        parts = {_content_id(number, file): file for number, file in enumerate(files.values())}
        return _package(message, {"type": plain.media_type} | _action(message), plain, parts)


def _package(
    message: SoapMessage, parameters: Mapping[str, str], root: ContentType, parts: Mapping[str, Attachment]
) -> Packed:
    document = to_bytes(message.envelope)
    boundary = _boundary(document, parts.values())
    outer = ContentType(media_type=RELATED, parameters={"boundary": boundary, "start": f"<{_ROOT}>", **parameters})
    pieces: list[bytes | Attachment] = [_head(boundary, root, "8bit", _ROOT) + document]
    for content_id, file in parts.items():
        declared = ContentType(media_type=safe_media_type(file.media_type))
        pieces += [b"\r\n" + _head(boundary, declared, "binary", content_id), file]
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    headers = {**http_headers(message.version, message.action), "MIME-Version": "1.0", "Content-Type": str(outer)}
    return Packed(headers=headers, body=_body(pieces))


def _body(pieces: Sequence[bytes | Attachment]) -> bytes | StreamBody:
    texts = [piece for piece in pieces if isinstance(piece, bytes)]
    return b"".join(texts) if len(texts) == len(pieces) else stream(pieces)


def _head(boundary: str, declared: ContentType, encoding: str, content_id: str) -> bytes:
    return (
        f"--{boundary}\r\nContent-Type: {declared}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\nContent-ID: <{content_id}>\r\n\r\n"
    ).encode()


def _boundary(document: bytes, files: Iterable[Attachment]) -> str:
    digest = hashlib.sha256(document)
    for file in files:
        digest.update(file.sha256.encode())
    return f"MIME_{digest.hexdigest()[:_DIGITS]}"


def _content_id(number: int, file: Attachment) -> str:
    return f"{number + 1}.{file.sha256[:_DIGITS]}@gateway"


def _action(message: SoapMessage) -> dict[str, str]:
    """Return the parameter in which SOAP 1.2 carries its action."""
    return {"action": message.action} if message.action and message.version is SoapVersion.V12 else {}


def _in_order(text: bytes, files: Mapping[str, Attachment]) -> list[tuple[bytes, Attachment]]:
    found = ((marker.encode(), file) for marker, file in files.items())
    return sorted(found, key=lambda one: text.index(one[0]))


def _check(message: SoapMessage, found: set[str]) -> None:
    if found != set(message.attachments):
        raise XopError("a file does not stand in an element of its own", "map it to an element, not to an attribute")
