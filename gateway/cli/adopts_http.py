"""Adoptions over a serving gateway's API."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote, urlencode

from gateway.cli.api import PATIENT, Api
from gateway.ingress.adoption_bodies import AdoptBody, AdoptedBody, HandbackBody, HandedBackBody
from gateway.ingress.shadow_bodies import CompareBody, ComparisonBody, DoublesBody, OnlyOursBody, RehearsedBody


class HttpAdopts:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    _api: Api

    async def adopt(self, asked: AdoptBody) -> AdoptedBody:
        """Make dossiers known that systems have from before, or say what would become of the list."""
        return await self._api.post("/v1/ops/adoptions", asked, AdoptedBody)

    async def hand_back(self, system: str, asked: HandbackBody) -> HandedBackBody:
        """End what was never sent to a system, or say what would."""
        path = f"/v1/ops/systems/{quote(system, safe='')}/handbacks"
        return await self._api.post(path, asked, HandedBackBody, patience=PATIENT)

    async def compare(self, system: str, asked: CompareBody) -> ComparisonBody:
        """Compare what was rehearsed for a system with a log of what the way before has sent it."""
        return await self._api.post(f"/v1/ops/systems/{quote(system, safe='')}/comparisons", asked, ComparisonBody)

    async def only_ours(self, system: str, asked: RehearsedBody) -> OnlyOursBody:
        """Return what was rehearsed in the time of a log, and no line is like."""
        path = f"/v1/ops/systems/{quote(system, safe='')}/comparisons/ours"
        return await self._api.post(path, asked, OnlyOursBody)

    async def doubles(self, system: str, since: datetime) -> DoublesBody:
        """Return the dossiers submitted since then that somebody beside the gateway sends, too."""
        path = f"/v1/ops/systems/{quote(system, safe='')}/doubles?" + urlencode({"since": since.isoformat()})
        return await self._api.get(path, DoublesBody)
