"""A database that was put back, on the file alone: nothing may serve it meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from gateway.app.marking import Marker
from gateway.cli.decisions_file import refusals
from gateway.cli.failures import Failed
from gateway.config.settings import Configuration
from gateway.core.acts import Act, By
from gateway.core.ids import KeyId, SystemId
from gateway.core.restoring import Restoring, StillServing
from gateway.ingress.bodies import KeyBody
from gateway.ingress.rest_ops import key_body
from gateway.ingress.views import Eyes
from gateway.ops.operator import Operator
from gateway.ports.restoring import Restores
from gateway.ports.store import KeyRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """What became of a copy."""

    act: Act
    systems: tuple[SystemId, ...]  #: paused
    revoked: tuple[KeyBody, ...]  #: once more: they were live in the copy
    live: tuple[KeyBody, ...]


class FileRestores:
    """Has no counterpart over HTTP."""

    _configuration: Configuration
    _eyes: Eyes
    _marker: Marker
    _operator: Operator
    _restores: Restores

    async def restored(self, reason: str, facts: Mapping[str, str], revoked: Collection[KeyId]) -> PutBack:
        """Take nothing of a copy for the present; end the keys that are known to have been ``revoked``.

        A mark names it from now on. Raises Failed.
        """
        called = tuple(
            SystemId(name) for name, system in self._configuration.systems.items() if system.adapter != "feed"
        )  # those that are off, too: they may be called one day
        with refusals(self._eyes.language):
            by = By(actor=self._eyes.caller.actor, reason=reason)
        live = [key for key in await self._operator.all_keys() if key.revoked_at is None]
        again = [key for key in live if key.id in revoked]
        for key in again:
            await self._operator.revoke_key(key.id)
        try:
            act = await self._restores.restored(Restoring(systems=called, facts=facts), by=by)
        except StillServing as error:
            raise Failed(
                f"{error}: stop them; one that was killed is held for dead after half a minute", status=2
            ) from None
        await self._marker.keep()
        left = (key for key in live if key.id not in revoked)
        return PutBack(act=act, systems=called, revoked=_bodies(again), live=_bodies(left))


def _bodies(keys: Iterable[KeyRecord]) -> tuple[KeyBody, ...]:
    return tuple(map(key_body, keys))
