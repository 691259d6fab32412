"""What the commands about systems ask the desk; and how a serving gateway answers."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from gateway.cli.api import Api
from gateway.ingress.ops_bodies import ReasonedBody
from gateway.ingress.weather_bodies import SystemBody, SystemsBody, TendedBody


class Tends(Protocol):
    """A part of ``cli.desk.Desk``. Every method raises Failed."""

    async def systems(self) -> tuple[SystemBody, ...]:
        """Return every system and how it stands."""
        ...

    async def tend(self, verb: str, system: str, reason: str) -> TendedBody:
        """Pause, resume or probe a system."""
        ...


class HttpTending:
    """Implements ``Tends`` over HTTP."""

    _api: Api

    async def systems(self) -> tuple[SystemBody, ...]:
        """Return every system."""
        return (await self._api.get("/v1/systems", SystemsBody)).items

    async def tend(self, verb: str, system: str, reason: str) -> TendedBody:
        """Pause, resume or probe a system."""
        path = f"/v1/ops/systems/{quote(system, safe='')}/{verb}"
        return await self._api.post(path, ReasonedBody(reason=reason), TendedBody)
