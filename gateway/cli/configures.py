"""What the commands about the configuration ask the desk; and how a serving gateway answers."""

from __future__ import annotations

from typing import Protocol

from gateway.cli.api import Api
from gateway.core.acts import Target
from gateway.ingress.bodies import ActBody
from gateway.ingress.configuration_bodies import ApplyBody, ChangeOfConfigurationBody
from gateway.ingress.ops_bodies import ActsBody

HERE = Target.configuration()  #: of every act on the configuration


class Configures(Protocol):
    """A part of ``cli.desk.Desk``. Every method raises Failed."""

    async def review(self) -> ChangeOfConfigurationBody:
        """Return what the files would change."""
        ...

    async def apply(self, version: str, reason: str) -> ChangeOfConfigurationBody:
        """Let this version hold."""
        ...

    async def configured(self, limit: int) -> tuple[ActBody, ...]:
        """Return who changed the configuration, the newest first."""
        ...


class HttpConfigures:
    """Implements ``Configures`` over HTTP."""

    _api: Api

    async def review(self) -> ChangeOfConfigurationBody:
        """Return what the files would change."""
        return await self._api.get("/v1/ops/configuration/change", ChangeOfConfigurationBody)

    async def apply(self, version: str, reason: str) -> ChangeOfConfigurationBody:
        """Let this version hold."""
        body = ApplyBody(version=version, reason=reason)
        return await self._api.post("/v1/ops/configuration/change", body, ChangeOfConfigurationBody)

    async def configured(self, limit: int) -> tuple[ActBody, ...]:
        """Return who changed the configuration."""
        query = {"target_kind": str(HERE.kind), "target": HERE.id, "limit": str(limit)}
        return (await self._api.get("/v1/ops/acts", ActsBody, query)).items
