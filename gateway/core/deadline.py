"""The day that a citizen was promised: when it stands still, and how many working days are left until it.

The due date belongs to the portal and the ministry. Nothing here ever moves it; what is computed is how it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from gateway.core.calendar import ZONE, Calendar
from gateway.core.ids import SystemId
from gateway.core.routing import day_in_vietnam

#: National statuses after which nothing is promised any more: not received, stopped, completed, returned.
ENDS = frozenset({3, 8, 9, 10})
AWAITING_SUPPLEMENT = 5
_DONE = frozenset({9, 10})  #: of these, the ones that nothing is taken up after; 3 is put right, 8 goes on

_NO_TIME = timedelta(0)
_DEADLINE = "deadline"
_SUPPLEMENT = "supplement:"


class Turn(StrEnum):
    """What an event does to the counting of days."""

    PAUSE = "pause"  #: ``deadline.changed`` says so
    RESUME = "resume"
    AWAIT = "await"  #: its source awaits a supplement
    GO_ON = "go_on"  #: its source awaits one no more
    ANSWER = "answer"  #: the citizen has handed it in: nobody awaits one any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What was stated of a dossier's due date, and whether its days are counted."""

    due_at: datetime | None = None
    holds: frozenset[str] = frozenset()  #: why its days are not counted; empty: they are
    paused_at: datetime | None = None  #: since when, without a break
    closed_at: datetime | None = None  #: when the last of those who process it had ended it

    def hear(self, said: Said) -> Term:
        """Return the term after an event; whatever else is said in whatever order, one end of a pause ends it."""
        holds = _turned(self.holds, said)
        paused_at = (self.paused_at or said.at) if holds else None
        return replace(self, due_at=said.due_at or self.due_at, holds=holds, paused_at=paused_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an event says of a dossier's due date."""

    source: SystemId
    at: datetime
    due_at: datetime | None = None
    turn: Turn | None = None


def _turned(holds: frozenset[str], said: Said) -> frozenset[str]:
    match said.turn:
        case None:
            return holds
        case Turn.PAUSE:
            return holds | {_DEADLINE}
        case Turn.RESUME:
            return holds - {_DEADLINE}
        case Turn.AWAIT:
            return holds | {_SUPPLEMENT + said.source}
        case Turn.GO_ON:
            return holds - {_SUPPLEMENT + said.source}
        case Turn.ANSWER:
            return holds & {_DEADLINE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """The status that stands of a system, and when it came."""

    status: int | None
    at: datetime


def is_over(source: SystemId, words: Mapping[SystemId, Word], given: Mapping[SystemId, datetime | None]) -> bool:
    """Whether a dossier has ended and not gone on since: by the word of who submitted it, or of all who process it.

    ``given``: all who process it, and when each last got what it can go on with; None: before the gateway.
    """
    ends = [word.at for word in words.values() if word.status in ENDS]
    if not ends or any(word.status not in ENDS and word.at > max(ends) for word in words.values()):
        return False
    last = max((at for at in given.values() if at is not None), default=None)
    return _has_ended(words.get(source), last) or (bool(given) and not open_with(words, given))


def open_with(words: Mapping[SystemId, Word], given: Mapping[SystemId, datetime | None]) -> Sequence[SystemId]:
    """Return those of who process a dossier that have not ended it, or were given it anew since, by name."""
    return sorted(system for system, at in given.items() if not _has_ended(words.get(system), at))


def _has_ended(word: Word | None, given: datetime | None) -> bool:
    if word is None or word.status not in ENDS:
        return False
    return word.status in _DONE or given is None or word.at >= given


class Outlook(StrEnum):
    """How a dossier's due date stands. Each has words in the catalogue under ``outlook``."""

    NONE = "none"  #: nobody has stated one
    ON_TIME = "on_time"
    SOON = "soon"  #: it will be missed unless somebody acts
    OVERDUE = "overdue"
    PAUSED = "paused"  #: a supplement is awaited, or the days are not counted
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A due date as it stands at one moment; neither number is ever negative."""

    outlook: Outlook
    due_at: datetime | None
    paused_at: datetime | None = None
    days_left: int = 0  #: working days up to and with the due day
    days_over: int = 0  #: working days after it
    left: timedelta = _NO_TIME  #: working time until the due date


def outlook(term: Term, now: datetime, calendar: Calendar, *, lead: int) -> Deadline:
    """Return how a due date stands; ``lead`` is how many working days before it there is reason to act.

    While its days are not counted, and after the dossier has ended, it stands as it stood at that moment.
    """
    if term.due_at is None:
        return Deadline(outlook=Outlook.NONE, due_at=None, paused_at=term.paused_at)
    at = min(moment for moment in (now, term.paused_at, term.closed_at) if moment is not None)
    days = calendar.days_between(day_in_vietnam(at), day_in_vietnam(term.due_at))
    found = Deadline(
        outlook=Outlook.ON_TIME,
        due_at=term.due_at,
        paused_at=term.paused_at,
        days_left=max(days, 0),
        days_over=max(-days, 0),
        left=max(calendar.time_between(at, term.due_at), _NO_TIME),
    )
    return replace(found, outlook=_outlook(term, at, found.days_left, lead))


def _outlook(term: Term, at: datetime, days_left: int, lead: int) -> Outlook:
    if term.closed_at is not None:
        return Outlook.CLOSED
    if term.paused_at is not None:
        return Outlook.PAUSED
    if term.due_at is not None and term.due_at < at:
        return Outlook.OVERDUE
    return Outlook.SOON if days_left <= lead else Outlook.ON_TIME


def soon_before(now: datetime, calendar: Calendar, *, lead: int) -> datetime:
    """Return the moment before which a due date that is ahead is ``SOON`` now: a midnight in Việt Nam."""
    day = calendar.add_days(day_in_vietnam(now), lead + 1)
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """How due dates are looked at: by which calendar, and how many working days ahead there is reason to act."""

    calendar: Calendar
    lead: int

    def of(self, term: Term, now: datetime) -> Deadline:
        """Return how a due date stands."""
        return outlook(term, now, self.calendar, lead=self.lead)

    def soon_before(self, now: datetime) -> datetime:
        """Return the moment before which a due date that is ahead is ``SOON`` now."""
        return soon_before(now, self.calendar, lead=self.lead)
