"""Looking out for what needs a person: the list, and the due dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.core.attention import Entry, Patience, by_urgency
from gateway.core.deadline import Deadline
from gateway.core.ids import DossierId, SystemId
from gateway.ports.attention import Attention, DueAsked, DueView
from gateway.ports.clock import Clock


class Which(StrEnum):
    """Which due dates are asked for."""

    ALL = "all"  #: whose days are counted
    BREACH = "breach"  #: overdue, or about to be
    OVERDUE = "overdue"
    SOON = "soon"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A dossier and how its due date stands."""

    dossier: DueView
    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class DueList:
    """A page of due dates; ``next`` asks for the following one, where there is one."""

    items: Sequence[Due]
    next: tuple[datetime, DossierId] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """What operators' doors and commands ask."""

    store: Attention
    patience: Patience
    clock: Clock

    async def attention(self, system: SystemId | None = None) -> tuple[Entry, ...]:
        """Return what needs a person, the most urgent first; only of one system where it is named."""
        found = by_urgency(await self.store.attention(self.patience.bounds))
        return tuple(entry for entry in found if system in {None, entry.cause.system})

    async def due(
        self, which: Which, *, system: SystemId | None, after: tuple[datetime, DossierId] | None, limit: int
    ) -> DueList:
        """Return a page of due dates, the earliest first."""
        now, reckoning = self.clock.now(), self.patience.reckoning
        before = {Which.BREACH: reckoning.soon_before(now), Which.SOON: reckoning.soon_before(now), Which.OVERDUE: now}
        begin = (now, DossierId("")) if which is Which.SOON else None
        asked = DueAsked(
            limit=limit,
            paused=which is Which.PAUSED,
            before=before.get(which),
            system=system,
            after=after or begin,
        )
        page = await self.store.due(asked)
        items = tuple(Due(dossier=view, deadline=reckoning.of(view.term, now)) for view in page.items)
        return DueList(items=items, next=page.next)
