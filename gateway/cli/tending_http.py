"""What the commands about systems ask a serving gateway, over its API."""

from __future__ import annotations

from urllib.parse import quote

from gateway.cli.api import Api
from gateway.ingress.ops_bodies import ReasonedBody
from gateway.ingress.weather_bodies import SystemBody, SystemsBody, TendedBody


class HttpTending:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    _api: Api

    async def systems(self) -> tuple[SystemBody, ...]:
        """Return every system and how it stands."""
        return (await self._api.get("/v1/ops/systems", SystemsBody)).items

    async def tend(self, verb: str, system: str, reason: str) -> TendedBody:
        """Pause, resume or probe a system."""
        path = f"/v1/ops/systems/{quote(system, safe='')}/{verb}"
        return await self._api.post(path, ReasonedBody(reason=reason), TendedBody)
