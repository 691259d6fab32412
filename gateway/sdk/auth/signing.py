"""A signature with a shared secret over parts of each request: HMAC, or a plain digest that the secret is part of.

What is signed is a template, since every partner signs something else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Protocol, cast

from gateway.core.reason import Why
from gateway.ports.clock import Clock
from gateway.ports.secrets import Secret
from gateway.sdk.auth.credentials import LoginFailed, Put
from gateway.sdk.auth.lookup import KEY, Lookup
from gateway.sdk.auth.tables import HmacTable
from gateway.sdk.classify import Verdict
from gateway.sdk.formats import DateFormat
from gateway.sdk.link import Link
from gateway.sdk.request import Outgoing, header_form
from gateway.sdk.rules import Then
from gateway.sdk.source import Form, Missing, Reference, Source, Template
from gateway.wire.direct import target_of
from gateway.wire.http import HttpRequest
from gateway.wire.request_body import StreamBody

BODY = "body"
#: What the signed text may refer to where the signature is a field, where it is not, and what headers may.
IN_FIELD = frozenset({"field", "timestamp", "nonce", "secret"})
IN_HEADER = frozenset({*IN_FIELD, "method", "path", "query", "host", "digest", BODY})
HEADERS = frozenset({*IN_FIELD, "digest", "signature"})
_NONCE = 16  #: bytes
_WRITTEN: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda data: base64.b64encode(data).decode(),
    "base64url": lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode(),
}


class Hash(Protocol):
    """What takes bytes piece by piece."""

    def update(self, data: bytes, /) -> None:
        """Take more."""
        ...

    def digest(self) -> bytes:
        """Return the result."""
        ...


def stamp(kind: str) -> Callable[[datetime], str]:
    """Return how moments are written: ``rfc3339``, ``http``, or a date format; raises ValueError."""
    if kind == "rfc3339":
        return lambda now: now.isoformat(timespec="seconds")
    if kind == "http":
        return lambda now: format_datetime(now, usegmt=True)
    letters = DateFormat.parse(kind)
    return lambda now: str(letters.render(now))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Signs every request; nothing can be renewed."""

    key: Secret
    algorithm: str  #: ``hmac-sha256``, … or ``sha256``, …
    signed: Template
    written: str  #: how signature and digest are written
    stamped: Callable[[datetime], str]
    headers: Form
    put: Put | None  #: of a signature that is a field of the document
    secrets: Source = field(repr=False)
    clock: Clock
    random: Callable[[int], bytes] = field(repr=False)
    renewable: bool = False

    async def sign(self, outgoing: Outgoing, *, until: float, stale: str = "") -> tuple[Outgoing, str]:
        """Return the request with its signature; raises LoginFailed where it lacks what must be signed."""
        del until, stale
        try:
            return (await self._in_field(outgoing, self.put) if self.put else await self._in_header(outgoing)), ""
        except Missing as error:
            detail = f"signature: nothing at {error}"
            raise LoginFailed(Verdict(then=Then.REJECT, why=Why.CANNOT_RENDER, detail=detail)) from None

    async def _in_field(self, outgoing: Outgoing, put: Put) -> Outgoing:
        return put.apply(outgoing, await self._made(Source(self._facts(outgoing)), b""))

    async def _in_header(self, outgoing: Outgoing) -> Outgoing:
        request = outgoing.encode()
        facts = {**self._facts(outgoing), **_said(request), "digest": _WRITTEN[self.written](await sha256_of(request))}
        signature = await self._made(Source(facts), request.body)
        filled = cast("dict[str, str]", self.headers.fill(Source({**facts, "signature": signature})))
        return finished(outgoing, request, filled)

    def _facts(self, outgoing: Outgoing) -> dict[str, object]:
        return {
            **self.secrets.roots,
            "field": outgoing.document or {},
            "timestamp": self.stamped(self.clock.now()),
            "nonce": self.random(_NONCE).hex(),
        }

    async def _made(self, source: Source, body: bytes | StreamBody) -> str:
        taking = self._new()
        for part in self.signed.parts:
            if isinstance(part, Reference) and part.root == BODY:
                await feed(taking, body)
            else:
                taking.update((part if isinstance(part, str) else part.read(source)).encode())
        return _WRITTEN[self.written](taking.digest())

    def _new(self) -> Hash:
        kind, _, name = self.algorithm.rpartition("-")
        return hmac.new(self.key.reveal().encode(), digestmod=name) if kind else hashlib.new(name)


def signing_of(table: HmacTable, lookup: Lookup, link: Link) -> Signing | None:
    """Return the signing that a table asks for; None where a problem was noted."""
    key = lookup.secret(table.key, f"{KEY}.key")
    if bool(table.headers) is (table.put is not None) or (table.put and table.put.in_ != "body"):
        text = "a signature goes into `headers`, or into the field that `put` names"
        lookup.reader.wrong(KEY, text, 'write headers = { X-Signature = "{signature}" }')
    try:
        signed = Form(table.signed, IN_FIELD if table.put else IN_HEADER)
        headers = header_form(table.headers, HEADERS)
        stamped = stamp(table.timestamp)
    except ValueError as error:
        lookup.reader.wrong(KEY, str(error))
        return None
    lookup.in_headers(headers)
    secrets = lookup.named(signed, headers)
    if key is None:
        return None
    return Signing(
        key=key,
        algorithm=table.algorithm,
        signed=Template.parse(table.signed, IN_HEADER),
        written=table.written,
        stamped=stamped,
        headers=headers,
        put=table.put,
        secrets=secrets,
        clock=link.clock,
        random=link.random,
    )


def finished(outgoing: Outgoing, request: HttpRequest, headers: dict[str, str]) -> Outgoing:
    """Return a request that is written already, with more headers: nothing of it may change any more."""
    given = {name.lower() for name in headers}
    kept = {name: text for name, text in request.headers.items() if name.lower() not in given}
    return replace(outgoing, url=request.url, query={}, headers={**kept, **headers}, document=None, body=request.body)


def _said(request: HttpRequest) -> dict[str, str]:
    """Return method and address as they stand on the wire."""
    target = target_of(request.url)
    path, _, query = (target.path if target else "").partition("?")
    return {"method": request.method, "path": path, "query": query, "host": target.host if target else ""}


async def sha256_of(request: HttpRequest) -> bytes:
    """Return the SHA-256 of a body; one that is a stream is read for it once more."""
    taking = hashlib.sha256()
    await feed(taking, request.body)
    return taking.digest()


async def feed(taking: Hash, body: bytes | StreamBody) -> None:
    """Hand a body over piece by piece."""
    if isinstance(body, bytes):
        taking.update(body)
        return
    async with aclosing(body.chunks()) as chunks:
        async for chunk in chunks:
            taking.update(chunk)
