"""Making dossiers known that systems have from before the gateway."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.core.acts import By
from gateway.core.adoption import AdoptionList, Weighed
from gateway.core.ids import SystemId
from gateway.core.planning import Planner
from gateway.ops.proposing import UnknownSystem
from gateway.ports.adoptions import Adoptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopter:
    """Serves whoever moves a province over; their name and reason come with each call."""

    store: Adoptions = field(repr=False)
    plan: Planner = field(repr=False)
    systems: frozenset[SystemId]  #: every configured one

    async def adopt(self, listed: AdoptionList, *, by: By, is_trial: bool) -> tuple[Weighed, ...]:
        """Adopt a list, or say what would become of it. Raises UnknownSystem."""
        for system in (listed.source, *(item.system for item in listed.items)):
            if system not in self.systems:
                raise UnknownSystem(system)
        return await self.store.adopt(listed, by=by, plan=self.plan, is_trial=is_trial)
