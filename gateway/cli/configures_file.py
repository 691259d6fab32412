"""The configuration straight on the file."""

from __future__ import annotations

from gateway.app.versions import Versions
from gateway.cli.configures_http import HERE
from gateway.cli.failures import Failed
from gateway.config.difference import edits, unified
from gateway.config.settings import Configuration
from gateway.ingress.bodies import ActBody
from gateway.ingress.configuration_bodies import ChangeOfConfigurationBody, change_body
from gateway.ingress.views import Eyes
from gateway.ops.decisions import Decider
from gateway.ports.configurations import Change


class FileConfigures:
    """A part of ``cli.on_file.FileDesk`` where no gateway serves: the files hold from the next start."""

    _configuration: Configuration
    _versions: Versions
    _decider: Decider
    _eyes: Eyes

    async def review(self) -> ChangeOfConfigurationBody:
        """Return how the files differ from what was last in force."""
        last = await self._decider.acts(HERE, before=None, limit=1)
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
        return tuple(self._eyes.act(act) for act in await self._decider.acts(HERE, before=None, limit=limit))
