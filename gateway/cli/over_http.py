"""The desk of a gateway that serves: its own API, with the key that lies in its data folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import cast
from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from gateway.cli.adopts_http import HttpAdopts
from gateway.cli.configures_http import HttpConfigures
from gateway.cli.decisions_http import HttpDecisions
from gateway.cli.failures import Failed
from gateway.cli.proposals_http import HttpProposals
from gateway.cli.questions_http import HttpQuestions
from gateway.cli.reconciles_http import HttpReconciles
from gateway.cli.replays_http import HttpReplays
from gateway.cli.retains_http import HttpRetains
from gateway.cli.tending_http import HttpTending
from gateway.cli.trials_http import HttpTrials
from gateway.cli.watches_http import HttpWatches
from gateway.config.nearest import suggestion
from gateway.ingress.bodies import (
    DossierBody,
    KeyBody,
    KeysBody,
    NewKeyBody,
    TimelineBody,
)
from gateway.ports.store import KeyRole


class _Dossiers(Struct, frozen=True):
    """``DossiersBody`` as it comes: msgspec writes documents verbatim, but does not read them so."""

    items: tuple[dict[str, object], ...]


class HttpDesk(
    HttpAdopts,
    HttpConfigures,
    HttpDecisions,
    HttpProposals,
    HttpQuestions,
    HttpReconciles,
    HttpReplays,
    HttpRetains,
    HttpTending,
    HttpTrials,
    HttpWatches,
):
    """Asks a serving gateway over its API; every method raises Failed."""

    async def find(self, code: str, scheme: str) -> tuple[DossierBody, ...]:
        """Return the dossiers with this code."""
        query = {"code": code, "scheme": scheme} if scheme else {"code": code}
        answer = await self._api.get("/v1/ops/dossiers", _Dossiers, query)
        return tuple(_dossier(item) for item in answer.items)

    async def timeline(self, dossier: str) -> TimelineBody:
        """Return everything that happened to the dossier."""
        answer = await self._api.get(f"/v1/ops/dossiers/{quote(dossier, safe='')}/timeline", dict[str, object])
        whole = _dossier(cast("dict[str, object]", answer.pop("dossier")))
        return msgspec.convert({**answer, "dossier": whole}, TimelineBody)

    async def evidence(self, since: datetime | None) -> AsyncIterator[bytes]:
        """Yield the file of evidence in pieces."""
        async for piece in self._api.pieces("/v1/ops/evidence", {"since": since.isoformat()} if since else {}):
            yield piece

    async def keys(self) -> tuple[KeyBody, ...]:
        """Return all keys."""
        return (await self._api.get("/v1/ops/keys", KeysBody)).items

    async def new_key(self, name: str, role: str) -> KeyBody:
        """Make a key; a name that no system has is answered with the nearest one."""
        known = {system.id for system in await self.systems()} if role == KeyRole.SYSTEM else {name}
        if name not in known:
            raise Failed(f"there is no system {name!r}; {suggestion(name, known)}", status=2)
        return await self._api.post("/v1/ops/keys", NewKeyBody(name=name, role=role), KeyBody)

    async def revoke(self, key: str) -> None:
        """End a key."""
        await self._api.call("DELETE", f"/v1/ops/keys/{quote(key, safe='')}")


def _dossier(raw: dict[str, object]) -> DossierBody:
    """Return a dossier with its document verbatim."""
    document = raw.pop("dossier", None)
    body = msgspec.convert(raw, DossierBody)
    return msgspec.structs.replace(body, dossier=Raw(msgspec.json.encode(document))) if document else body
