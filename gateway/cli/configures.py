"""What the commands about the configuration ask the desk, over a serving gateway's API or straight on the file."""

from __future__ import annotations

from typing import Protocol

from gateway.app.versions import Versions
from gateway.cli.api import Api
from gateway.cli.failures import Failed
from gateway.config.difference import edits, unified
from gateway.config.settings import Configuration
from gateway.core.acts import Target
from gateway.ingress.bodies import ActBody
from gateway.ingress.configuration_bodies import ApplyBody, ChangeOfConfigurationBody, change_body
from gateway.ingress.ops_bodies import ActsBody
from gateway.ingress.views import Eyes
from gateway.ops.decisions import Decider
from gateway.ports.configurations import Change

_HERE = Target.configuration()


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
        query = {"target_kind": str(_HERE.kind), "target": _HERE.id, "limit": str(limit)}
        return (await self._api.get("/v1/ops/acts", ActsBody, query)).items


class FileConfigures:
    """Implements ``Configures`` where no gateway serves: the files hold from the next start."""

    _configuration: Configuration
    _versions: Versions
    _decider: Decider
    _eyes: Eyes

    async def review(self) -> ChangeOfConfigurationBody:
        """Return how the files differ from what was last in force."""
        last = await self._decider.acts(_HERE, before=None, limit=1)
        version = last[0].facts.get("after", "") if last else ""
        manifest = self._versions.manifest(version) if version else None
        old, new = (self._versions.files(manifest) if manifest else None) or {}, self._configuration
        change = Change(before=version, after=new.version, edits=edits(old, new.files), diff=unified(old, new.files))
        return change_body(change)

    async def apply(self, version: str, reason: str) -> ChangeOfConfigurationBody:
        """Refuse: there is nothing to change."""
        del version, reason
        raise Failed("no gateway serves: the files hold from its next start (./run_gateway.py check, serve)")

    async def configured(self, limit: int) -> tuple[ActBody, ...]:
        """Return who changed the configuration."""
        return tuple(self._eyes.act(act) for act in await self._decider.acts(_HERE, before=None, limit=limit))
