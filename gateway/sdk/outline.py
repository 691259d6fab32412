"""A request as fields by their place, to be compared by people: what it says, not how it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import cast

import msgspec
from lxml import etree

from gateway.core.whatif import ADDRESS, BYTES
from gateway.model.faults import builtins_of
from gateway.sdk.enclosed import Enclosed, Inserted
from gateway.sdk.request import Outgoing
from gateway.sdk.words import as_text
from gateway.wire.xml import Element, XmlError, XmlLimits, parse

_MOST = 5000  #: fields of one request
_DEEPEST = 3  #: documents that stand as texts in documents
_LONGEST = 2000  #: characters of a text that stands as it is
_LIMITS = XmlLimits(max_bytes=16 * 1024 * 1024)


def fields_of(outgoing: Outgoing) -> Mapping[str, str]:
    """Return the fields of a request that was not signed; files and long texts stand as their digests."""
    request = outgoing.encode()
    found = {ADDRESS: f"{request.method} {request.url}", BYTES: outgoing.fingerprint()}
    document, body = outgoing.document, request.body
    for path, text in (
        _of_body(_root(body if isinstance(body, bytes) else body.outline()))
        if document is None
        else _of_value(document, "", _DEEPEST)
    ):
        if len(found) > _MOST:
            break
        found[path] = text if len(text) <= _LONGEST else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    return found


def _root(body: bytes) -> bytes:
    """Return the document of a package: its first part, which names the others by their digests."""
    if not body.startswith(b"--"):
        return body
    return body.partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0]


def _of_body(body: bytes) -> Iterator[tuple[str, str]]:
    text = body.decode("utf-8", "replace")
    inner = _inner(text, "", _DEEPEST)
    yield from inner if inner is not None else _of_lines(text)


def _of_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of what is no document, by their number."""
    for number, line in enumerate(text.splitlines(), start=1):
        yield f"[line {number}]", line


def _inner(text: str, at: str, levels: int) -> Iterator[tuple[str, str]] | None:
    """Return the fields of a text that is a document itself, in JSON or XML; None where it is none."""
    start = text.lstrip()[:1]
    if not levels or start not in ("{", "[", "<"):
        return None
    if start == "<":
        try:
            return _of_element(parse(text.encode(), limits=_LIMITS), at, levels)
        except XmlError:
            return None
    try:
        return _of_value(builtins_of(text.encode()), at, levels)
    except (msgspec.DecodeError, RecursionError):
        return None


def _of_value(value: object, at: str, levels: int) -> Iterator[tuple[str, str]]:
    if value in ({}, []):
        yield at or "(body)", str(value)
    elif isinstance(value, Mapping):
        for name, below in cast("Mapping[str, object]", value).items():
            yield from _of_value(below, f"{at}.{name}" if at else name, levels)
    elif isinstance(value, list):
        for number, below in enumerate(cast("list[object]", value)):
            yield from _of_value(below, f"{at}[{number}]", levels)
    else:
        text = _text(value)
        inner = _inner(text, at, levels - 1)
        yield from inner if inner is not None else iter([(at or "(body)", text)])


def _text(value: object) -> str:
    if isinstance(value, Enclosed):
        return f"sha256:{value.blob.sha256}"
    if isinstance(value, Inserted):
        return "".join(piece if isinstance(piece, str) else f"sha256:{piece.sha256}" for piece in value.pieces)
    return as_text(value) or ""


def _of_element(element: Element, at: str, levels: int) -> Iterator[tuple[str, str]]:
    name = etree.QName(element).localname
    if name == "Envelope":
        for child in element.iterfind("{*}Body/*"):
            yield from _of_element(child, "", levels)
        return
    place = f"{at}.{name}" if at else name
    for key, text in element.attrib.items():
        yield f"{place}@{etree.QName(str(key)).localname}", str(text)
    children = list(element.iterchildren("*"))
    if not children:
        inner = _inner(element.text or "", place, levels - 1)
        yield from inner if inner is not None else iter([(place, element.text or "")])
        return
    seen: dict[str, int] = {}
    often = {tag for tag in (one.tag for one in children) if sum(one.tag == tag for one in children) > 1}
    for child in children:
        number = seen[str(child.tag)] = seen.get(str(child.tag), -1) + 1
        for path, text in _of_element(child, place, levels):
            own = f"{place}.{etree.QName(child).localname}"
            yield f"{own}[{number}]{path.removeprefix(own)}" if child.tag in often else path, text
