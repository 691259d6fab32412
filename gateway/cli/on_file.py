"""The desk where no gateway serves: the operators' doors in this process, straight on the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.app.marking import Marker
from gateway.app.versions import Versions
from gateway.cli.api import Api
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed
from gateway.config.difference import edits, unified
from gateway.config.settings import Configuration
from gateway.core.acts import Act, By
from gateway.core.ids import KeyId, SystemId
from gateway.core.message import Actor
from gateway.core.restoring import Restoring, StillServing
from gateway.ingress.bodies import KeyBody
from gateway.ingress.configuration_bodies import ChangeOfConfigurationBody, change_body
from gateway.ingress.query_bodies import AnswerBody, QueryBody
from gateway.ports.configurations import Change
from gateway.ports.restoring import Restores


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """What became of a copy that was put in the place of the database."""

    act: Act
    systems: tuple[SystemId, ...]  #: paused
    revoked: tuple[KeyBody, ...]  #: once more: they were live in the copy
    live: tuple[KeyBody, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What is at hand where no gateway serves."""

    configuration: Configuration  #: of the files as they are
    versions: Versions
    store: Restores
    marker: Marker
    actor: Actor  #: whose acts are recorded


class FileDesk(Desk):
    """As beside a gateway that serves, but for what only such a one can do, and for what none may serve meanwhile."""

    is_served = False

    def __init__(self, api: Api, premises: Premises) -> None:
        super().__init__(api)
        self._premises = premises

    async def review(self) -> ChangeOfConfigurationBody:
        """Return how the files differ from what was last in force."""
        last, versions, files = await self.configured(1), self._premises.versions, self._premises.configuration
        version = last[0].facts.get("after", "") if last else ""
        manifest = versions.manifest(version) if version else None
        old = (versions.files(manifest) if manifest else None) or {}
        change = Change(
            before=version, after=files.version, edits=edits(old, files.files), diff=unified(old, files.files)
        )
        return change_body(change)

    async def apply(self, version: str, reason: str) -> ChangeOfConfigurationBody:
        """Refuse: there is nothing to change."""
        del version, reason
        raise Failed("no gateway serves: the files hold from its next start (./run_gateway.py check, serve)")

    async def ask(self, system: str, operation: str, asked: QueryBody) -> AnswerBody:
        """Refuse: nobody is connected to the system."""
        del operation, asked
        raise Failed(f"asking {system} needs a gateway that serves: start ./run_gateway.py serve")

    async def restored(self, reason: str, facts: Mapping[str, str], revoked: Collection[KeyId]) -> Restoration:
        """Take nothing of a copy for the present; end the keys that are known to have been ``revoked``.

        A mark names it from now on. Raises Failed.
        """
        here = self._premises
        called = tuple(
            SystemId(name) for name, system in here.configuration.systems.items() if not system.reads_feed
        )  # those that are off, too: they may be called one day
        by = By(actor=here.actor, reason=reason)
        live = [key for key in await self.keys() if key.revoked_at is None]
        again = tuple(key for key in live if key.id in revoked)
        for key in again:
            await self.revoke(key.id)
        try:
            act = await here.store.restored(Restoring(systems=called, facts=facts), by=by)
        except StillServing as error:
            raise Failed(
                f"{error}: stop them. Each has its id in gateway.mark of its data folder, and client_addr in"
                " pg_stat_activity names the machines. One that does not serve any more was killed, or stands only in a"
                " copy that was made a moment ago: wait half a minute, then run this again",
                status=2,
            ) from None
        await here.marker.keep()
        left = tuple(key for key in live if key.id not in revoked)
        return Restoration(act=act, systems=called, revoked=again, live=left)
