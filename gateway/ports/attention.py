"""What needs a person: due dates, and everything that does not go on by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from gateway.core.attention import Bounds, Entry, Turned
from gateway.core.deadline import Term
from gateway.core.ids import DossierId, SystemId
from gateway.core.message import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class DueView:
    """A dossier that has a due date and has not ended."""

    id: DossierId
    source: SystemId
    codes: tuple[Code, ...]
    procedure: str
    agency: str
    term: Term
    open_with: tuple[SystemId, ...]  #: who was sent it and has not ended it


@dataclass(frozen=True, slots=True, kw_only=True)
class DueAsked:
    """Which due dates are asked for, and after which one the page begins."""

    limit: int  #: dossiers that are looked at
    paused: bool = False  #: those whose days are not counted, instead of all others
    before: datetime | None = None
    system: SystemId | None = None
    after: tuple[datetime, DossierId] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePage:
    """Dossiers by due date, the earliest first; fewer than were looked at where only one system's are asked for."""

    items: Sequence[DueView]
    next: tuple[datetime, DossierId] | None  #: None: that was the last page


class Attention(Protocol):
    """For operators."""

    async def due(self, asked: DueAsked) -> DuePage:
        """Return a page of dossiers that have a due date and have not ended; tests are left out."""
        ...

    async def attention(self, bounds: Callable[[datetime], Bounds]) -> Sequence[Entry]:
        """Return what needs a person, in no order; ``bounds`` says which moments count at the store's time."""
        ...

    async def follow(self, seen: Sequence[Entry], *, calm: timedelta) -> Turned:
        """Keep which episodes begin, go on and end; return what has changed since the last call."""
        ...
