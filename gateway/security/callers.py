"""How a partner that calls us shows who it is where it cannot use a key of ours: by what it has today.

Secrets are looked up at each call, so that they can be changed in their place, and are compared in constant time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal

from gateway.ports.callers import Shown
from gateway.ports.secrets import Secret

SHORTEST = 16  #: characters of a secret that opens one of our doors
Lookup = Callable[[], Secret]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A secret in a header or in the query."""

    place: Literal["header", "query"]
    name: str
    key: Lookup = field(repr=False)
    reads_body: ClassVar[bool] = False

    def holds(self, shown: Shown) -> bool:
        """Compare it."""
        given = shown.headers.get(self.name.lower()) if self.place == "header" else shown.query.get(self.name)
        return given is not None and _same(given, self.key().reveal())

    def once(self, shown: Shown) -> str:
        """Return nothing: a key says nothing of the call."""
        del shown
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """A secret after a scheme: ``Bearer token``, or ``Basic`` with base64 of ``name:password`` (RFC 7617, RFC 6750)."""

    scheme: Literal["basic", "bearer"]
    secret: Lookup = field(repr=False)
    username: Lookup | None = field(default=None, repr=False)
    reads_body: ClassVar[bool] = False

    def holds(self, shown: Shown) -> bool:
        """Compare it."""
        scheme, _, given = shown.headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() != self.scheme:
            return False
        if self.username is None:
            return _same(given.strip(), self.secret().reveal())
        wanted = f"{self.username().reveal()}:{self.secret().reveal()}"
        return _same(_decoded(given.strip()), wanted)

    def once(self, shown: Shown) -> str:
        """Return nothing: it says nothing of the call."""
        del shown
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hmac:
    """A signature over the body, and over what else is agreed: RFC 2104 with SHA-256 or SHA-512."""

    header: str
    key: Lookup = field(repr=False)
    over: Sequence[str] = ("body",)  #: ``body``, ``method``, ``path``, ``query``, ``header:<name>``
    join: str = ""
    prefix: str = ""  #: before the signature in its header: ``sha256=``
    algorithm: Literal["sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    timestamp: str = ""  #: a header among ``over``: seconds since 1970, or RFC 3339
    tolerance: timedelta = timedelta(minutes=5)
    reads_body: ClassVar[bool] = True

    def holds(self, shown: Shown) -> bool:
        """Compute it anew and compare; a call that is too old, or from the future, holds no more."""
        given = self._given(shown)
        if shown.body is None or given is None:
            return False
        wanted = hmac.digest(self.key().reveal().encode(), self._signed(shown, shown.body), self.algorithm)
        return hmac.compare_digest(given, wanted) and self._is_timely(shown)

    def once(self, shown: Shown) -> str:
        """Return a digest of the signature where a time is signed: whoever means the same again signs another time."""
        return hashlib.sha256(self._given(shown) or b"").hexdigest() if self.timestamp else ""

    def _given(self, shown: Shown) -> bytes | None:
        """Return the signature itself: its text can be written in more than one way."""
        given = shown.headers.get(self.header.lower(), "").strip()
        return _bytes(given.removeprefix(self.prefix), self.encoding) if given.startswith(self.prefix) else None

    def _signed(self, shown: Shown, body: bytes) -> bytes:
        return self.join.encode().join(body if name == "body" else _part(shown, name) for name in self.over)

    def _is_timely(self, shown: Shown) -> bool:
        if not self.timestamp:
            return True
        at = _moment(shown.headers.get(self.timestamp.lower(), "").strip())
        return at is not None and abs(shown.at - at) <= self.tolerance


def _part(shown: Shown, name: str) -> bytes:
    header = name.removeprefix("header:") if name.startswith("header:") else ""
    parts = {"method": shown.method, "path": shown.path, "query": shown.url.partition("?")[2]}
    text = shown.headers.get(header.lower(), "") if header else parts[name]
    return text.encode("utf-8", "surrogateescape")


def _moment(text: str) -> datetime | None:
    try:
        if text.isdecimal() and len(text) <= len("9999999999"):
            return datetime.fromtimestamp(int(text), UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def _bytes(text: str, encoding: str) -> bytes:
    try:
        return bytes.fromhex(text) if encoding == "hex" else base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""


def _same(given: str, wanted: str) -> bool:
    """Compare in a time that tells nothing, not even the length."""
    first, second = (hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest() for text in (given, wanted))
    return hmac.compare_digest(first, second)
