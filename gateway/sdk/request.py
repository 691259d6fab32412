"""A request before it is bytes: credentials may still be put into its headers, its address or its body."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from urllib.parse import quote, urlencode

from gateway.core.hot_value import hot_value
from gateway.core.message import Payload
from gateway.core.outcome import Shadowed, Trace
from gateway.core.shadowing import CALLS
from gateway.sdk.bodies import AS_JSON, FORM, JSON, Encoded, Encoding
from gateway.sdk.source import Form
from gateway.wire.http import HttpRequest, unsendable
from gateway.wire.reply_body import ReplyFiles
from gateway.wire.request_body import StreamBody

__all__ = ["FORM", "JSON", "Outgoing", "digest_of", "header_form", "in_order", "rehearsed"]


@hot_value
class Outgoing:
    """What is to be sent."""

    method: str = "POST"
    url: str = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    document: Mapping[str, object] | None = field(default=None, repr=False)  #: to be written as ``encoding``
    body: bytes | StreamBody = field(default=b"", repr=False)  #: where there is no document
    encoding: Encoding = AS_JSON
    proof: Mapping[str, str] = field(default_factory=dict[str, str])  #: what it is known by on its way
    about: str = ""  #: the id of the delivery or query, where the reply must be about the same
    known_as: str = ""  #: what the partner knows this message by, where its reply must say so
    files: ReplyFiles | None = None  #: what becomes of those that come with the reply
    meant: str = field(default="", repr=False)  #: names the body where its bytes are others each time: signed, sealed

    def with_header(self, name: str, value: str) -> Outgoing:
        """Return the same with this header, in place of one of the same name."""
        kept = {key: text for key, text in self.headers.items() if key.lower() != name.lower()}
        return replace(self, headers={**kept, name: value})

    def with_query(self, name: str, value: str) -> Outgoing:
        """Return the same with this query parameter."""
        return replace(self, query={**self.query, name: value})

    def with_field(self, name: str, value: str) -> Outgoing:
        """Return the same with this field in the document."""
        return replace(self, document={**(self.document or {}), name: value})

    def fingerprint(self) -> str:
        """Return the SHA-256 of what a partner acts upon: method, address and body, without credentials."""
        request = self.encode()
        told = f"{request.method} {request.url}\n{self.meant or digest_of(request)}"
        return hashlib.sha256(told.encode()).hexdigest()

    def encode(self) -> HttpRequest:
        """Return the request as it goes on the wire."""
        made = Encoded("", self.body) if self.document is None else self.encoding.encode(self.document)
        declared = {"Content-Type": made.content_type} if made.content_type else {}
        query = urlencode(self.query, quote_via=quote) if self.query else ""
        mark = "&" if "?" in self.url else "?"
        url = f"{self.url}{mark}{query}" if query else self.url
        return HttpRequest(
            method=self.method, url=url, headers={**declared, **self.headers}, body=made.body, files=self.files
        )


def header_form(raw: Mapping[str, str], roots: Collection[str]) -> Form:
    """Return headers as they are written in a file; raises ValueError, for what HTTP forbids of them too."""
    if (problem := unsendable(raw)) is not None:
        raise ValueError(problem)
    return Form(raw, roots)


def digest_of(request: HttpRequest) -> str:
    """Return the sha256 of the bytes sent, or what a stream is known by."""
    return body_digest(request.body)


def body_digest(body: bytes | StreamBody) -> str:
    """Return the sha256 of bytes, or what a stream is known by."""
    return hashlib.sha256(body).hexdigest() if isinstance(body, bytes) else body.digest


def rehearsed(outgoing: Outgoing) -> Shadowed:
    """Return what would have been sent: its digest and, unless it is long or a stream, its body."""
    request = outgoing.encode()
    body = request.body if isinstance(request.body, bytes) and len(request.body) <= _LONGEST_KEPT else None
    return Shadowed(
        trace=Trace(request_digest=digest_of(request)),
        rendered=None if body is None else Payload(body=body, media_type=request.headers.get("Content-Type", JSON)),
    )


def in_order(calls: Sequence[Shadowed]) -> Shadowed:
    """Return what several calls of JSON would have sent, a line for each; nothing where one of them was not kept."""
    bodies = [call.rendered.body for call in calls if call.rendered is not None]
    whole = Payload(body=b"\n".join(bodies), media_type=CALLS) if len(bodies) == len(calls) else None
    return replace(calls[-1], rendered=whole)


_LONGEST_KEPT = 256 * 1024  #: bytes of a rehearsed body
