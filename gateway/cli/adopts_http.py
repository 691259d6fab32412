"""Adoptions over a serving gateway's API."""

from __future__ import annotations

from gateway.cli.api import Api
from gateway.ingress.adoption_bodies import AdoptBody, AdoptedBody


class HttpAdopts:
    """Implements ``cli.adopts.Adopts``."""

    _api: Api

    async def adopt(self, asked: AdoptBody) -> AdoptedBody:
        """Adopt a list, or say what would become of it."""
        return await self._api.post("/v1/ops/adoptions", asked, AdoptedBody)
