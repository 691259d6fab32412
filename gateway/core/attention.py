"""What needs a person («Cần xử lý»): grouped by cause, the most urgent first, and told once per episode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.core.deadline import Reckoning
from gateway.core.ids import OPERATORS, DeliveryId, DossierId, SystemId
from gateway.core.reason import Why

#: Of each cause so many are counted at most: a list for people, not a census of the backlog.
MOST = 500
#: Of each cause so many are named.
NAMED = 3

UNSENT = "unsent"  #: nothing was tried: the system is paused, its window closed, or everything is slow
UNREAD = "unread"  #: the system reads a feed, and does not acknowledge
GONE = "gone"  #: the system has no file any more: nobody sends to it
#: For so long a system may be known to another gateway of the same store alone.
_ON_ITS_WAY = timedelta(minutes=5)


class Matter(StrEnum):
    """What happened, the most urgent first. Each has words in the catalogue under ``matter``."""

    RESTORED = "restored"  #: nothing goes to it since the database was put back, until a person has compared
    HELD = "held"  #: a person decides; behind it the dossier's lane waits
    DEAD = "dead"  #: refused or expired
    FAILING = "failing"  #: tried again and again
    LATE = "late"  #: not delivered in the working time it may take
    FILES = "files"  #: its files cannot be had
    OVERDUE = "overdue"  #: the citizen was promised an earlier day
    SOON = "soon"  #: that day is near
    SILENT = "silent"  #: taken by a system that has never stated a status
    REPLAY = "replay"  #: stopped by itself: too much of it failed
    PROPOSAL = "proposal"  #: waits for a second person


#: The line stands: what is answered is no yes, and does not become one by waiting.
_ANSWERS = frozenset(
    {
        Why.REDIRECTED,
        Why.CLIENT_ERROR,
        Why.SERVER_ERROR,
        Why.EARLY_REPLY,
        Why.REPLY_TOO_LARGE,
        Why.REPLY_UNREADABLE,
        Why.REPLY_UNTRUSTED,
        Why.REPLY_UNMATCHED,
    }
)
_URGENCY = {matter: place for place, matter in enumerate(Matter)}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cause:
    """What is told once: a matter at a system for a reason."""

    matter: Matter
    system: SystemId
    why: str = ""  #: a reason's code, or what else tells it apart

    @property
    def key(self) -> str:
        """Return its stable name."""
        return f"{self.matter}/{self.system}/{self.why}"

    @property
    def step(self) -> str:
        """Return what to do next: words in the catalogue under ``step``, with the command to run."""
        if self.matter is Matter.HELD and self.system == OPERATORS:
            return "operators"
        if (self.matter is Matter.LATE and self.why in {UNREAD, GONE}) or (
            self.matter is Matter.HELD and self.why in {Why.QUARANTINED, Why.DAMAGED, Why.NEVER_GIVEN}
        ):
            return self.why
        if self.matter is Matter.FAILING and self.why in _ANSWERS:
            return "answers"
        return str(self.matter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One of those that a cause concerns."""

    dossier_id: DossierId | None = None
    delivery_id: DeliveryId | None = None
    proposal_id: str = ""
    replay_id: str = ""
    code: str = ""  #: of the dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One cause, how many it concerns, and since when."""

    cause: Cause
    number: int  #: at most MOST
    since: datetime
    examples: tuple[Example, ...] = ()

    @property
    def more(self) -> bool:
        """Whether there are more than were counted."""
        return self.number >= MOST


def by_urgency(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the list: by matter, then the oldest first.

    What fails again and again is not also named late; what waits for a person to compare and resume is neither.
    """
    found = {entry.cause: entry for entry in entries if entry.number}
    shown = (entry for entry in found.values() if not _is_told_already(entry.cause, found))
    return tuple(sorted(shown, key=lambda entry: (_URGENCY[entry.cause.matter], entry.since, entry.cause)))


def _is_told_already(cause: Cause, found: Mapping[Cause, Entry]) -> bool:
    if cause.why == Why.RESTORED and cause.matter in {Matter.FAILING, Matter.LATE}:
        return Cause(matter=Matter.RESTORED, system=cause.system) in found
    return cause.matter is Matter.LATE and replace(cause, matter=Matter.FAILING) in found


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How long one system may take, in working time."""

    delivery: timedelta  #: from acceptance until it has it
    first_status: timedelta | None = None  #: from then until its first word; None: nobody waits for one


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Moments: what was there before one of them needs a person now."""

    now: datetime
    tries: int
    late: Mapping[SystemId, datetime]
    gone: datetime  #: of systems that have no file any more
    files: datetime
    silent: Mapping[SystemId, datetime]
    soon: datetime  #: due dates from now until then are near


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """When something needs a person."""

    reckoning: Reckoning
    tries: int
    files_after: timedelta
    calm: timedelta  #: a cause is over when nothing was seen of it for so long
    systems: Mapping[SystemId, Allowance] = field(default_factory=dict[SystemId, Allowance])

    def bounds(self, now: datetime) -> Bounds:
        """Return the moments that count now."""
        return Bounds(
            now=now,
            tries=self.tries,
            late={name: self._ago(now, one.delivery) for name, one in self.systems.items()},
            gone=now - _ON_ITS_WAY,
            files=now - self.files_after,
            silent={
                name: self._ago(now, one.first_status)
                for name, one in self.systems.items()
                if one.first_status is not None
            },
            soon=self.reckoning.soon_before(now),
        )

    def _ago(self, now: datetime, working: timedelta) -> datetime:
        """Return the moment since which so much working time has passed."""
        return min(self.reckoning.calendar.add_time(now, -working), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A cause from when it was told until it is over."""

    cause: Cause
    opened_at: datetime
    peak: int  #: the most that it concerned at once
    gone_at: datetime | None = None  #: since when nothing was seen of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """What changed since the last look."""

    opened: tuple[Episode, ...] = ()
    resolved: tuple[Episode, ...] = ()
    kept: tuple[Episode, ...] = ()  #: open before and after, with something new to keep


def turned(known: Sequence[Episode], seen: Sequence[Entry], now: datetime, *, calm: timedelta) -> Turned:
    """Return which episodes begin, go on and end; one that comes back before it is over has never ended."""
    entries = {entry.cause: entry for entry in seen}
    was = {episode.cause: episode for episode in known}
    begun = (entry for cause, entry in entries.items() if cause not in was)
    after = {cause: _after(episode, entries.get(cause), now) for cause, episode in was.items()}
    over = {cause for cause, one in after.items() if one.gone_at is not None and now - one.gone_at >= calm}
    return Turned(
        opened=tuple(Episode(cause=entry.cause, opened_at=now, peak=entry.number) for entry in begun),
        resolved=tuple(after[cause] for cause in was if cause in over),
        kept=tuple(after[cause] for cause in was if cause not in over and after[cause] != was[cause]),
    )


def _after(episode: Episode, entry: Entry | None, now: datetime) -> Episode:
    if entry is None:
        return replace(episode, gone_at=episode.gone_at or now)
    return replace(episode, gone_at=None, peak=max(episode.peak, entry.number))
