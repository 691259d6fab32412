"""Moving over: dossiers that systems have from before the gateway, and those that go back to the way before."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.core.acts import By
from gateway.core.adoption import AdoptionList, Weighed
from gateway.core.handback import HandedBack, Wanted
from gateway.core.ids import SystemId
from gateway.core.planning import Planner
from gateway.core.routing import Mode, RouteBook
from gateway.ops.known import check_known
from gateway.ports.adoptions import Adoptions

_SILENT = frozenset({Mode.SHADOW, Mode.OFF})  #: modes in which a system is sent nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopter:
    """Serves whoever moves a province over; their name and reason come with each call."""

    store: Adoptions = field(repr=False)
    plan: Planner = field(repr=False)
    book: RouteBook = field(repr=False)

    async def adopt(self, listed: AdoptionList, *, by: By, is_trial: bool) -> tuple[Weighed, ...]:
        """Adopt a list, or say what would become of it. Raises UnknownSystem."""
        for system in (listed.source, *(item.system for item in listed.items)):
            check_known(system, self.book.systems)
        return await self.store.adopt(listed, by=by, plan=self.plan, is_trial=is_trial)

    async def hand_back(self, wanted: Wanted, *, by: By, is_trial: bool) -> HandedBack:
        """End what was never sent to a system, or say what would. Raises UnknownSystem, DoneInPart."""
        check_known(wanted.system, self.book.systems)
        return await self.store.hand_back(
            wanted, rehearsed=self._sends_nothing, by=by, plan=self.plan, is_trial=is_trial
        )

    def _sends_nothing(self, system: SystemId, route: str) -> bool:
        return self.book.systems[system].mode in _SILENT or route in self.book.shadow_routes
