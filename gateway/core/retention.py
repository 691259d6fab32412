"""When what is kept of a dossier may be erased by age: a pure judgement over a whole case.

A *case* is a dossier with all that follow from it (a step of a chain is a dossier of its own and shares its files): it
goes whole or not at all. A *parked* message, about a code that nobody has bound, is a case of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from gateway.core.ids import DossierId, SystemId

#: Where a look at what has ended goes on: when a dossier ended, and which one it was.
Mark: TypeAlias = tuple[datetime, DossierId]

LONGEST_TERM = 36_500  #: days; nobody counts further than a century
_DAY = timedelta(days=1)


class Kept(StrEnum):
    """Why a dossier that ended long ago stays. Each has words in the catalogue under ``kept``."""

    OPEN = "open"  #: another dossier of its case has not ended
    GOES_ON = "goes_on"  #: a system has it since its end, or again, and has not ended it
    UNDECIDED = "undecided"  #: a delivery is on its way, unread, held, dead or in doubt
    FILES = "files"  #: a file is still to be fetched for what has not ended
    AWAITED = "awaited"  #: it is parked, and what its source was sent before is undecided: that may bind the code
    ASKED = "asked"  #: a system is still asked how it stands
    PROPOSED = "proposed"  #: somebody has proposed something about it
    REPLAYED = "replayed"  #: a replay that has not ended has something of it
    COMPARED = "compared"  #: a system that has it is being compared with our books
    RECENT = "recent"  #: something was said or done about it since it ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """By what dossiers are erased."""

    term: timedelta  #: after the last that was said or done

    def __str__(self) -> str:
        """Return it as it is kept with what was erased by it."""
        return f"dossiers {self.term / _DAY:g}d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is kept of one dossier, or of one parked message, as far as it bears on erasing it."""

    dossier: DossierId
    ended_at: datetime | None  #: of what is parked: when it was
    last_at: datetime | None  #: when something was last said or done; None: never
    holds: frozenset[Kept] = frozenset()  #: what keeps it, however old it is
    took_part: frozenset[SystemId] = frozenset()  #: its source, and all systems that it was ever meant for
    messages: int = 0
    deliveries: int = 0
    files: int = 0
    bytes: int = 0  #: of these files
    parked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case that may go: its first dossier, and all of it."""

    root: DossierId
    dossiers: tuple[DossierId, ...]
    ended_at: datetime  #: the last of them
    messages: int
    files: int
    bytes: int
    parked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A look at some of what ended before the term: what may go, and what stays and why, by dossier."""

    now: datetime  #: by the store's clock
    ripe: tuple[Case, ...]
    kept: Mapping[Kept, int]
    next: Mark | None  #: where to go on; None: that was all


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A dossier, or a parked message, that was erased, when and by which rule."""

    dossier: DossierId
    at: datetime
    rule: str
    messages: int
    deliveries: int
    parked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What people are told of it."""

    at: datetime | None  #: None: something came since that is kept for a person, until it has reached its age, too
    rule: str


def keeps(case: Sequence[Trace], before: datetime) -> Kept | None:
    """Return what keeps a case; None where nothing does: all has ended, nothing is open, all of it is older."""
    if any(trace.ended_at is None for trace in case):
        return Kept.OPEN
    held = frozenset[Kept]().union(*(trace.holds for trace in case))
    found = next((reason for reason in Kept if reason in held), None)
    return found or (Kept.RECENT if any(_last(trace) >= before for trace in case) else None)


def _last(trace: Trace) -> datetime:
    return max(moment for moment in (trace.ended_at, trace.last_at) if moment is not None)


def as_case(case: Sequence[Trace]) -> Case:
    """Return a case of which all has ended, the first dossier first."""
    return Case(
        root=case[0].dossier,
        dossiers=tuple(trace.dossier for trace in case),
        ended_at=max(trace.ended_at for trace in case if trace.ended_at is not None),
        messages=sum(trace.messages for trace in case),
        files=sum(trace.files for trace in case),
        bytes=sum(trace.bytes for trace in case),
        parked=case[0].parked,
    )
