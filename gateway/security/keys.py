"""API keys: how they look, how they are kept, and whom they let in.

A key is ``gw_<key id>_<43 characters>``: 256 random bits in URL-safe base64. Only its SHA-256 is stored; a digest
without salt is enough, because what it hides cannot be guessed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.core.errors import GatewayError
from gateway.core.ids import KeyId, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.ports.clock import Clock
from gateway.ports.keys import KeyRecord, KeyRole, Keys

_SECRET_BYTES = 32
_LONGEST = 512  #: characters of an Authorization header that are looked at
_LONGEST_NAME = 100
_CACHED = 1024
_KEY = re.compile(r"gw_([A-Za-z0-9-]{1,64})_[A-Za-z0-9_-]{43}")


class Unauthenticated(GatewayError):
    """No key, or none that is live. Says the same in every case."""

    def __init__(self) -> None:
        super().__init__("no live API key was given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who speaks to us. ``system`` is what a system's key is for; an operator's key has none."""

    actor: Actor
    role: KeyRole
    system: SystemId | None

    @classmethod
    def of(cls, system: SystemId, key_id: KeyId) -> Caller:
        """Return a system that has shown who it is; ``key_id`` names its key, or what else showed it."""
        actor = Actor(kind=ActorKind.SYSTEM, name=system, key_id=key_id)
        return cls(actor=actor, role=KeyRole.SYSTEM, system=system)

    @property
    def is_operator(self) -> bool:
        """Whether a person with the operator's role calls."""
        return self.role is KeyRole.OPERATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made: its text is shown once, the record is kept."""

    text: str
    record: KeyRecord

    def __repr__(self) -> str:
        return f"NewKey({self.record.id})"


def may_hold(name: str) -> bool:
    """Whether somebody of this name can have a key: it is shown, and kept with all they do."""
    return len(name) <= _LONGEST_NAME and bool(name.strip()) and name.isprintable()


def new_key(key: KeyId, *, role: KeyRole, name: str, created_at: datetime) -> NewKey:
    """Make a key for a system or an operator; ``key`` has letters, digits and ``-`` only."""
    text = f"gw_{key}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    if _KEY.fullmatch(text) is None:
        raise ValueError(f"{key!r} cannot be the id of a key")
    return NewKey(text=text, record=KeyRecord(id=key, role=role, name=name, digest=digest(text), created_at=created_at))


def digest(text: str) -> str:
    """Return what is stored of a key: SHA-256, lower-case hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    until: float


class Authenticator:
    """Finds the caller behind a header. Remembers keys for ``keep_for``: so long may a revoked one still work."""

    def __init__(self, keys: Keys, clock: Clock, *, keep_for: timedelta = timedelta(seconds=1)) -> None:
        self._keys = keys
        self._clock = clock
        self._keep_for = keep_for.total_seconds()
        self._known: OrderedDict[str, _Remembered] = OrderedDict()

    async def caller(self, authorization: str | None, api_key: str | None = None) -> Caller:
        """Return who sent ``Authorization`` (Bearer, or Basic with the holder's name) or ``X-Api-Key``.

        Raises Unauthenticated; whatever is wrong, the key is hashed and looked up all the same.
        """
        user, text = _credentials(authorization, api_key)
        found = await self._find(digest(text))
        named = found is not None and (user is None or hmac.compare_digest(user.encode(), found.actor.name.encode()))
        if found is None or not named:
            raise Unauthenticated
        return found

    async def holder(self, key_digest: str) -> Caller | None:
        """Return whose live key has this digest."""
        return await self._find(key_digest)

    def forget(self) -> None:
        """Look every key up again: one was revoked just now."""
        self._known.clear()

    async def _find(self, key_digest: str) -> Caller | None:
        known = self._known.get(key_digest)
        if known is not None and self._clock.monotonic() < known.until:
            return known.caller
        until = self._clock.monotonic() + self._keep_for
        record = await self._keys.holder(key_digest)
        if record is None or record.revoked_at is not None:
            self._known.pop(key_digest, None)
            return None
        return self._remember(key_digest, _Remembered(_caller(record), until))

    def _remember(self, key_digest: str, item: _Remembered) -> Caller:
        self._known[key_digest] = item
        if len(self._known) > _CACHED:
            self._known.popitem(last=False)
        return item.caller


def _caller(record: KeyRecord) -> Caller:
    if record.role is KeyRole.SYSTEM:
        return Caller.of(SystemId(record.name), record.id)
    actor = Actor(kind=ActorKind.OPERATOR, name=record.name, key_id=record.id)
    return Caller(actor=actor, role=record.role, system=None)


def _credentials(authorization: str | None, api_key: str | None) -> tuple[str | None, str]:
    """Return (user, key); the user only where Basic names one."""
    if authorization is None:
        return None, (api_key or "")[:_LONGEST]
    scheme, _, rest = authorization[:_LONGEST].strip().partition(" ")
    if scheme.lower() == "bearer":
        return None, rest.strip()
    return (basic(rest.strip()) if scheme.lower() == "basic" else None) or (None, "")


def basic(encoded: str) -> tuple[str, str] | None:
    """Read RFC 7617: ``base64(user:password)`` in UTF-8; None where it cannot be read."""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return user, password
