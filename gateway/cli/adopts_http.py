"""Adoptions over a serving gateway's API."""

from __future__ import annotations

from urllib.parse import quote

from gateway.cli.api import Api
from gateway.ingress.adoption_bodies import AdoptBody, AdoptedBody, HandbackBody, HandedBackBody
from gateway.ingress.shadow_bodies import CompareBody, ComparisonBody


class HttpAdopts:
    """Implements ``cli.adopts.Adopts``."""

    _api: Api

    async def adopt(self, asked: AdoptBody) -> AdoptedBody:
        """Adopt a list, or say what would become of it."""
        return await self._api.post("/v1/ops/adoptions", asked, AdoptedBody)

    async def hand_back(self, system: str, asked: HandbackBody) -> HandedBackBody:
        """End what was never sent to a system, or say what would."""
        return await self._api.post(f"/v1/ops/systems/{quote(system, safe='')}/handbacks", asked, HandedBackBody)

    async def compare(self, system: str, asked: CompareBody) -> ComparisonBody:
        """Compare what was rehearsed with a recorded log."""
        return await self._api.post(f"/v1/ops/systems/{quote(system, safe='')}/comparisons", asked, ComparisonBody)
