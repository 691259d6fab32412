"""A database that was put back, on the file alone: nothing may serve it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.app.linking import called
from gateway.cli.decisions_file import refusals
from gateway.cli.failures import Failed
from gateway.config.settings import Configuration
from gateway.core.acts import Act, By
from gateway.core.restoring import Restoring, StillServing
from gateway.ingress.views import Eyes
from gateway.ports.restoring import Restores


class FileRestores:
    """Has no counterpart over HTTP."""

    _configuration: Configuration
    _eyes: Eyes
    _restores: Restores

    async def restored(self, reason: str, facts: Mapping[str, str]) -> Act:
        """Take nothing of a copy for the present. Raises Failed."""
        what = Restoring(systems=tuple(called(self._configuration)), facts=facts)
        with refusals(self._eyes.language):
            by = By(actor=self._eyes.caller.actor, reason=reason)
        try:
            return await self._restores.restored(what, by=by)
        except StillServing as error:
            raise Failed(
                f"{error}: stop them; one that was killed is held for dead after half a minute", status=2
            ) from None
