"""What the commands about the configuration ask a serving gateway, over its API."""

from __future__ import annotations

from gateway.cli.api import Api
from gateway.core.acts import Target
from gateway.ingress.bodies import ActBody
from gateway.ingress.configuration_bodies import ApplyBody, ChangeOfConfigurationBody
from gateway.ingress.ops_bodies import ActsBody

HERE = Target.configuration()  #: of every act on the configuration


class HttpConfigures:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    _api: Api

    async def review(self) -> ChangeOfConfigurationBody:
        """Return what the files would change."""
        return await self._api.get("/v1/ops/configuration/change", ChangeOfConfigurationBody)

    async def apply(self, version: str, reason: str) -> ChangeOfConfigurationBody:
        """Let this version hold."""
        body = ApplyBody(version=version, reason=reason)
        return await self._api.post("/v1/ops/configuration/change", body, ChangeOfConfigurationBody)

    async def configured(self, limit: int) -> tuple[ActBody, ...]:
        """Return who changed the configuration, the newest first."""
        query = {"target_kind": str(HERE.kind), "target": HERE.id, "limit": str(limit)}
        return (await self._api.get("/v1/ops/acts", ActsBody, query)).items
