"""API keys: who holds which, and what it opens. Of a key only its digest is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.core.ids import KeyId
from gateway.core.message import Actor


class KeyRole(StrEnum):
    """What a key opens."""

    SYSTEM = "system"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """An API key as stored: never the key itself."""

    id: KeyId
    role: KeyRole
    name: str  #: the system's id or the operator's name
    digest: str = field(repr=False)  #: sha256, lower-case hex
    created_at: datetime | None = None
    revoked_at: datetime | None = None


class TooManyKeys(Exception):
    """Two keys of this holder are live already: revoke one first."""


class Keys(Protocol):
    """API keys, hashed at rest; two live per holder, for rotation."""

    async def add(self, key: KeyRecord, *, actor: Actor) -> None:
        """Keep a new key. Raises TooManyKeys."""
        ...

    async def revoke(self, key: KeyId, *, actor: Actor) -> bool:
        """End a key; False where no live key has this id."""
        ...

    async def holder(self, digest: str) -> KeyRecord | None:
        """Return the live key with this digest."""
        ...

    async def all(self) -> Sequence[KeyRecord]:
        """Return all keys, revoked ones too, oldest first."""
        ...
