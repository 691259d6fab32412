"""Short-lived signed sessions, for callers whose protocol logs in first and shows a token in every call.

A session is ``gws.<what it says>.<HMAC-SHA256>``, both parts in URL-safe base64. Nothing is stored of it: it outlives a
restart, and it ends with its time, with the key it was given for, or with the password it was given for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from gateway.core.errors import GatewayError
from gateway.core.ids import SystemId
from gateway.ports.clock import Clock

_MARK = "gws"
_LONGEST = 1024  #: characters of a session that are looked at


class SessionInvalid(GatewayError):
    """No session of ours, or one that no longer stands. Says the same in every case."""

    def __init__(self) -> None:
        super().__init__("this is no session that stands")


class SessionExpired(SessionInvalid):
    """It was ours, and its time is over: whoever logs in again gets a new one."""


class Claim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a session says. ``key`` is the digest of the API key that it was given for; empty for a password."""

    system: SystemId
    key: Annotated[str, Meta(pattern="^[!-~]*$")] = ""
    until: int  #: seconds since 1970


class Sessions:
    """Makes sessions and reads them back. ``proof`` is what a session must end with: the digest of key or password."""

    def __init__(self, secret: bytes, clock: Clock, *, life: timedelta) -> None:
        self._secret = secret
        self._clock = clock
        self.life = life

    def issue(self, system: SystemId, *, key: str = "", proof: str) -> str:
        """Return a session that begins now."""
        until = int((self._clock.now() + self.life).timestamp())
        said = _text(msgspec.json.encode(Claim(system=system, key=key, until=until)))
        return f"{_MARK}.{said}.{_text(self._seal(said, proof))}"

    def claim(self, session: str) -> Claim:
        """Return what a session says of itself, not proved yet; raises SessionInvalid."""
        mark, _, rest = session[:_LONGEST].partition(".")
        try:
            claim = msgspec.json.decode(_bytes(rest.partition(".")[0]), type=Claim)
        except (msgspec.MsgspecError, ValueError):
            raise SessionInvalid from None
        if mark != _MARK:
            raise SessionInvalid
        return claim

    def prove(self, session: str, claim: Claim, proof: str) -> None:
        """Hold a session against its seal and its time; raises SessionInvalid, SessionExpired."""
        _, said, seal = (*session[:_LONGEST].split("."), "", "", "")[:3]
        if not hmac.compare_digest(_text(self._seal(said, proof)).encode(), seal.encode("utf-8", "replace")):
            raise SessionInvalid
        if self._clock.now() >= datetime.fromtimestamp(claim.until, self._clock.now().tzinfo):
            raise SessionExpired

    def _seal(self, said: str, proof: str) -> bytes:
        return hmac.digest(self._secret, f"{_MARK}.{said}.{proof}".encode("utf-8", "replace"), hashlib.sha256)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Read URL-safe base64 without its padding; raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
