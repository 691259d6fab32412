"""The desk of a gateway that serves: its own API, with the key that lies in its data folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import cast

import msgspec
from msgspec import Raw, Struct

from gateway.cli.api import Api, at
from gateway.cli.decisions_http import HttpDecisions
from gateway.cli.failures import Failed
from gateway.cli.systems_http import HttpSystems
from gateway.config.nearest import suggestion
from gateway.core.acts import Target
from gateway.ingress.attention_bodies import AttentionBody, DueListBody
from gateway.ingress.bodies import ActBody, DossierBody, KeyBody, KeysBody, NewKeyBody, TimelineBody
from gateway.ingress.configuration_bodies import ApplyBody, ChangeOfConfigurationBody
from gateway.ingress.ops_bodies import ActsBody
from gateway.ingress.parameters import MOST
from gateway.ingress.retention_bodies import RetentionBody
from gateway.ports.store import KeyRole

_CONFIGURATION = Target.configuration()


class _Dossiers(Struct, frozen=True):
    """``DossiersBody`` as it comes: msgspec writes documents verbatim, but does not read them so."""

    items: tuple[dict[str, object], ...]


class HttpDesk(HttpDecisions, HttpSystems):
    """Asks a gateway over its API; every method raises Failed."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def find(self, code: str, scheme: str) -> tuple[DossierBody, ...]:
        """Return the dossiers with this code."""
        answer = await self._api.get(at("dossiers"), _Dossiers, {"code": code, "scheme": scheme})
        return tuple(_dossier(item) for item in answer.items)

    async def timeline(self, dossier: str) -> TimelineBody:
        """Return everything that happened to the dossier."""
        answer = await self._api.get(at("dossiers", dossier, "timeline"), dict[str, object])
        whole = _dossier(cast("dict[str, object]", answer.pop("dossier")))
        return msgspec.convert({**answer, "dossier": whole}, TimelineBody)

    async def evidence(self, since: datetime | None) -> AsyncIterator[bytes]:
        """Yield the file of evidence in pieces."""
        async for piece in self._api.pieces(at("evidence"), {"since": since.isoformat()} if since else {}):
            yield piece

    async def keys(self) -> tuple[KeyBody, ...]:
        """Return all keys."""
        return (await self._api.get(at("keys"), KeysBody)).items

    async def new_key(self, name: str, role: str) -> KeyBody:
        """Make a key; a name that no system has is answered with the nearest one."""
        known = {system.id for system in await self.systems()} if role == KeyRole.SYSTEM else {name}
        if name not in known:
            raise Failed(f"there is no system {name!r}; {suggestion(name, known)}", status=2)
        return await self._api.post(at("keys"), NewKeyBody(name=name, role=role), KeyBody)

    async def revoke(self, key: str) -> None:
        """End a key."""
        await self._api.call("DELETE", at("keys", key))

    async def attention(self, system: str, cursor: str, limit: int) -> AttentionBody:
        """Return a page of what needs a person, the most urgent first."""
        return await self._api.get(at("attention"), AttentionBody, {"system": system, "cursor": cursor, "limit": limit})

    async def due(self, which: str, system: str, cursor: str, limit: int) -> DueListBody:
        """Return a page of due dates, the earliest first."""
        query = {"which": which, "system": system, "cursor": cursor, "limit": limit}
        return await self._api.get(at("deadlines"), DueListBody, query)

    async def retention(self, days: int, cursor: str) -> RetentionBody:
        """Return a page of what would be erased after so many days, and of what would stay."""
        query = {"days": str(days), "cursor": cursor, "limit": MOST}
        return await self._api.get(at("retention"), RetentionBody, query)

    async def review(self) -> ChangeOfConfigurationBody:
        """Return what the files would change."""
        return await self._api.get(at("configuration", "change"), ChangeOfConfigurationBody)

    async def apply(self, version: str, reason: str) -> ChangeOfConfigurationBody:
        """Let this version hold."""
        body = ApplyBody(version=version, reason=reason)
        return await self._api.post(at("configuration", "change"), body, ChangeOfConfigurationBody)

    async def configured(self, limit: int) -> tuple[ActBody, ...]:
        """Return who changed the configuration, the newest first."""
        query = {"target_kind": str(_CONFIGURATION.kind), "target": _CONFIGURATION.id, "limit": limit}
        return (await self._api.get(at("acts"), ActsBody, query)).items


def _dossier(raw: dict[str, object]) -> DossierBody:
    """Return a dossier with its document verbatim."""
    document = raw.pop("dossier", None)
    body = msgspec.convert(raw, DossierBody)
    return msgspec.structs.replace(body, dossier=Raw(msgspec.json.encode(document))) if document else body
