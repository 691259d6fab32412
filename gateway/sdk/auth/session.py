"""A token that a login gives: asked for once by the first who needs it, shared by all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from gateway.core.reason import Why
from gateway.sdk.auth.credentials import Along, LoginFailed, Put
from gateway.sdk.bodies import Encoding
from gateway.sdk.classify import Judge, Verdict, unsent
from gateway.sdk.link import Link
from gateway.sdk.paths import Path
from gateway.sdk.replies import read_json
from gateway.sdk.request import JSON, Outgoing
from gateway.sdk.rules import Rule, Then
from gateway.sdk.source import Form, Source
from gateway.sdk.words import as_text
from gateway.wire.http import HttpReply, unsendable
from gateway.wire.http_failures import NotSent, NotSentCause

_USED = 0.9  #: of the time that a token lives; the rest is for requests under way and for clocks that differ
_DIGITS = 9  #: of a number of seconds that is believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How a session is asked for."""

    url: str
    method: str = "POST"
    encoding: Encoding
    headers: Form
    shown: Along  #: with the login alone
    along: Along  #: with every request
    body: Form
    success: tuple[Rule, ...]
    token: Path
    put: Put
    lifetime: float | None = None  #: seconds
    expires_in: Path | None = None  #: where the reply says how many seconds the token lives


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A token, and for how many seconds it is used."""

    token: str = field(repr=False)
    seconds: float


@dataclass(slots=True)
class Session:
    """The token in use. What it is known by is the number of its login, since a giver may give the same text again."""

    login: Login
    link: Link
    secrets: Source = field(repr=False)
    renewable: bool = True
    _token: str = field(default="", repr=False)
    _number: int = 0  #: of the login that gave it
    _expires: float = 0.0
    _failed: Verdict | None = None
    _logins: int = 0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def sign(self, outgoing: Outgoing, *, until: float, stale: str = "") -> tuple[Outgoing, str]:
        """Return the request with a token that is fresh as far as we know."""
        token, number = await self._current(until, stale)
        return self.login.put.apply(self.login.along.apply(outgoing), token), number

    async def _current(self, until: float, stale: str) -> tuple[str, str]:
        seen = self._logins
        try:
            async with asyncio.timeout_at(until), self._lock:
                await self._renew(until, stale, seen)
                return self._token, str(self._number)
        except TimeoutError:
            raise LoginFailed(Verdict(then=Then.RETRY, why=Why.CREDENTIALS, detail="no login in time")) from None

    async def _renew(self, until: float, stale: str, seen: int) -> None:
        """Use what another has got meanwhile, its failure too: a locked account is not hammered."""
        if self._token and str(self._number) != stale and self.link.clock.monotonic() < self._expires:
            return
        if self._failed is not None and self._logins != seen:
            raise LoginFailed(self._failed)
        found = await self._ask(until)
        self._logins += 1
        self._failed = found if isinstance(found, Verdict) else None
        if isinstance(found, Verdict):
            raise LoginFailed(found)
        self._token, self._number = found.token, self._logins
        self._expires = self.link.clock.monotonic() + found.seconds

    async def _ask(self, until: float) -> Grant | Verdict:
        login = self.login
        outgoing = Outgoing(
            method=login.method,
            url=login.url,
            headers={"Accept": JSON, **cast("Mapping[str, str]", login.headers.fill(self.secrets))},
            document=cast("dict[str, object]", login.body.fill(self.secrets)),
            encoding=login.encoding,
        )
        asked = login.shown.apply(login.along.apply(self.link.carried(outgoing)))
        result = await self.link.exchange(asked.encode(), until=until)
        if isinstance(result, HttpReply):
            return self._granted(result)
        if isinstance(result, NotSent) and result.cause is not NotSentCause.HEADER:
            return unsent(result)
        return _refused(f"login: {result.cause}")

    def _granted(self, result: HttpReply) -> Grant | Verdict:
        reply = self.link.transport.heard(read_json(result))
        verdict = Judge(rules=self.login.success).of(reply, self.link.clock.now())
        token = as_text(self.login.token.find(reply.document))
        if token and self.login.put.in_ == "header" and unsendable({self.login.put.name: token}) is not None:
            return _refused("login: the token that it gave cannot stand in a header")
        if verdict.then is Then.DELIVERED and token:
            return Grant(token=token, seconds=self._seconds(reply.document))
        if verdict.why is Why.THROTTLED:
            return verdict
        return _refused(f"login: HTTP {reply.status} {reply.transport}".rstrip())

    def _seconds(self, document: object) -> float:
        """Return how long a token is used: as declared, else for most of the time that its giver names."""
        if self.login.lifetime is not None:
            return self.login.lifetime
        named = self.login.expires_in.find(document) if self.login.expires_in else None
        text = as_text(named) or ""
        return int(text) * _USED if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else float("inf")


def _refused(detail: str) -> Verdict:
    return Verdict(then=Then.RETRY, why=Why.CREDENTIALS, detail=detail)
