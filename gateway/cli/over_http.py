"""The desk of a gateway that serves: its own API, with the key that lies in its data folder."""

from __future__ import annotations

from urllib.parse import quote

from gateway.cli.api import Api
from gateway.ingress.bodies import (
    DossierBody,
    DossiersBody,
    KeyBody,
    KeysBody,
    NewKeyBody,
    SystemBody,
    SystemsBody,
    TimelineBody,
)


class HttpDesk:
    """Implements ``cli.desk.Desk``."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def find(self, code: str, scheme: str) -> tuple[DossierBody, ...]:
        """Return the dossiers with this code."""
        query = {"code": code, "scheme": scheme} if scheme else {"code": code}
        return (await self._api.get("/v1/ops/dossiers", DossiersBody, query)).items

    async def timeline(self, dossier: str) -> TimelineBody:
        """Return everything that happened to the dossier."""
        return await self._api.get(f"/v1/ops/dossiers/{quote(dossier, safe='')}/timeline", TimelineBody)

    async def systems(self) -> tuple[SystemBody, ...]:
        """Return every system."""
        return (await self._api.get("/v1/systems", SystemsBody)).items

    async def keys(self) -> tuple[KeyBody, ...]:
        """Return all keys."""
        return (await self._api.get("/v1/ops/keys", KeysBody)).items

    async def new_key(self, name: str, role: str) -> KeyBody:
        """Make a key."""
        return await self._api.post("/v1/ops/keys", NewKeyBody(name=name, role=role), KeyBody)

    async def revoke(self, key: str) -> None:
        """End a key."""
        await self._api.call("DELETE", f"/v1/ops/keys/{quote(key, safe='')}")
