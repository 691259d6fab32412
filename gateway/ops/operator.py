"""What an operator does on the gateway's own machine: find, inspect, count, and give out keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from gateway.core.errors import GatewayError
from gateway.core.ids import RESERVED_SYSTEMS, DossierId, KeyId, SystemId
from gateway.core.message import Actor
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.ports.store import DossierView, KeyRecord, KeyRole, Keys, Ledger, Timeline
from gateway.security.keys import NewKey, new_key

_KEY_ID_LENGTH = 12


class UnknownHolder(GatewayError):
    """A key for nobody opens nothing: no such system is configured."""


class UnknownKey(GatewayError):
    """No live key has this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A named person at work; every act is recorded under ``actor``."""

    ledger: Ledger = field(repr=False)
    keys: Keys = field(repr=False)
    clock: Clock = field(repr=False)
    ids: Ids = field(repr=False)
    systems: Collection[SystemId]
    actor: Actor

    async def find(self, code: str, scheme: str = "") -> Sequence[DossierView]:
        """Return the dossiers with this code; in any scheme where none is named."""
        return await self.ledger.dossiers(code, scheme=scheme or None)

    async def inspect(self, dossier: DossierId) -> tuple[DossierView, Timeline] | None:
        """Return a dossier and everything that happened to it."""
        view = await self.ledger.dossier(dossier)
        return None if view is None else (view, await self.ledger.timeline(dossier))

    async def all_keys(self) -> Sequence[KeyRecord]:
        """Return all keys, revoked ones too, oldest first."""
        return await self.keys.all()

    async def give_key(self, name: str, role: KeyRole) -> NewKey:
        """Make a key for a system or an operator. Raises UnknownHolder, and TooManyKeys where two are live already."""
        if role is KeyRole.SYSTEM and (name not in self.systems or name in RESERVED_SYSTEMS):
            raise UnknownHolder(name)
        key = KeyId(self.ids.token()[:_KEY_ID_LENGTH])
        made = new_key(key, role=role, name=name, created_at=self.clock.now())
        await self.keys.add(made.record, actor=self.actor)
        return made

    async def revoke_key(self, key: KeyId) -> None:
        """End a key. Raises UnknownKey."""
        if not await self.keys.revoke(key, actor=self.actor):
            raise UnknownKey(key)
