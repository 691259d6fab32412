"""Back-pressure: what is refused when the disk, or what waits for a system, passes its limit; and until when.

The first to be refused are new dossiers, then what the portal says of known ones, then what systems say of their work,
then sending. Never refused are settlements, what a partner's reply states, and what was accepted before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from fractions import Fraction

from gateway.core.ids import SystemId


class Urgency(IntEnum):
    """What may be refused, the first to go first."""

    NEW = 1  #: a new dossier, or a file that may lead to one
    KNOWN = 2  #: what the portal says of a dossier that is here
    BACK = 3  #: what a system says of its work
    CLAIM = 4  #: sending what was accepted


def refused_at(level: int) -> tuple[str, ...]:
    """Return by its name what is refused where all up to this urgency is; nothing at 0."""
    return tuple(urgency.name.lower() for urgency in Urgency if urgency <= level)


class Trouble(StrEnum):
    """What keeps the database from taking changes though it answers."""

    FULL = "database"  #: no room for what is new, where the database lies
    READ_ONLY = "read_only"  #: it took none when it was last asked to, and may still be read
    PUT_BACK = "put_back"  #: it lacks what was committed to it


#: What is refused for it.
TROUBLES = {Trouble.FULL: Urgency.BACK, Trouble.READ_ONLY: Urgency.CLAIM, Trouble.PUT_BACK: Urgency.CLAIM}
#: Quarters of the reserve: refused while less of the disk than this is free. Every acceptance asks.
_SPACE = {Urgency.NEW: 4, Urgency.KNOWN: 3, Urgency.BACK: 2, Urgency.CLAIM: 1}
#: Of a system's limit: refused once so many deliveries wait for it.
_BACKLOG = {Urgency.NEW: Fraction(1), Urgency.KNOWN: Fraction(3, 2), Urgency.BACK: Fraction(2)}
#: What was refused is taken again only with so much more room, so that it does not flicker at the mark.
_MORE_SPACE = Fraction(11, 10)
_LESS_BACKLOG = Fraction(9, 10)
#: Of the reserve: the space that is set aside in a file, and let go of when even sending has stopped.
_BALLAST = Fraction(1, 8)
_AMPLE = Fraction(3, 2)


def mark(reserve: int, urgency: Urgency) -> int:
    """Return the bytes of free disk below which this is refused."""
    return reserve * _SPACE[urgency] // 4


def ballast(reserve: int) -> int:
    """Return the bytes that are set aside on disk for settlements."""
    return int(reserve * _BALLAST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an operator allows."""

    reserve: int = 0  #: bytes of free disk that are kept for finishing what was accepted; 0: none
    backlogs: Mapping[SystemId, int] = field(default_factory=dict[SystemId, int])  #: deliveries that may wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Strain:
    """How hard the gateway is pressed, at the last look. A level: all up to this urgency is refused; 0 is nothing."""

    space: int = 0
    backlog: Mapping[SystemId, int] = field(default_factory=dict[SystemId, int])  #: levels, of those above 0 only
    room: int | None = None  #: bytes of disk above the reserve; None where none is kept
    counts: Mapping[SystemId, int] = field(default_factory=dict[SystemId, int])  #: deliveries that wait
    sets_aside: bool = False  #: the ballast is to be held
    trouble: Trouble | None = None  #: of the database; it refuses by itself
    files: str = ""  #: why no file can be stored or read, in English; so does what keeps them

    @property
    def is_calm(self) -> bool:
        """Whether nothing is to be refused."""
        return not (self.space or self.backlog)

    def refuses(self, urgency: Urgency) -> bool:
        """Whether there is no disk for this."""
        return urgency <= self.space

    def has_room_for(self, size: int) -> bool:
        """Whether so many bytes leave the reserve as it is."""
        return self.room is None or size <= self.room

    def full(self, urgency: Urgency, destinations: Iterable[SystemId]) -> tuple[SystemId, ...]:
        """Return the destinations, if none of them has room for this; else nothing.

        One that has room takes its dossiers, however many others wait for nobody: a dead system refuses only what goes
        nowhere else.
        """
        if not self.backlog:
            return ()
        asked = tuple(destinations)
        found = tuple(system for system in asked if self.backlog.get(system, 0) >= urgency)
        return found if len(found) == len(asked) else ()


CALM = Strain()


def calm() -> Strain:
    """Return that nothing presses: for what is never refused."""
    return CALM


def look(before: Strain, limits: Limits, *, free: int, counts: Mapping[SystemId, int]) -> Strain:
    """Return the strain under so many bytes of free disk and so many deliveries that wait."""
    levels = {
        system: _backlog_level(counts.get(system, 0), limit, before.backlog.get(system, 0))
        for system, limit in limits.backlogs.items()
    }
    space = _space_level(free, limits.reserve, before.space)
    return Strain(
        space=space,
        backlog={system: level for system, level in levels.items() if level},
        room=max(free - limits.reserve, 0) if limits.reserve else None,
        counts=counts,
        sets_aside=_sets_aside(before, space, free, limits.reserve),
    )


def _space_level(free: int, reserve: int, before: int) -> int:
    refused = (
        urgency
        for urgency in Urgency
        if free < mark(reserve, urgency) * (_MORE_SPACE if urgency <= before else Fraction(1))
    )
    return max(refused, default=0)


def _backlog_level(count: int, limit: int, before: int) -> int:
    refused = (
        urgency
        for urgency, share in _BACKLOG.items()
        if count >= limit * share * (_LESS_BACKLOG if urgency <= before else Fraction(1))
    )
    return max(refused, default=0)


def _sets_aside(before: Strain, space: int, free: int, reserve: int) -> bool:
    """Hold the ballast from ample space down to where sending stops: taking it must not press by itself."""
    return bool(reserve) and (free >= reserve * _AMPLE or (before.sets_aside and space < Urgency.CLAIM))


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One stretch of pressure has begun or ended."""

    what: str  #: ``space``, ``files`` or ``backlog``
    begun: bool
    system: SystemId | None = None


def episodes(before: Strain, now: Strain) -> Iterator[Episode]:
    """Yield what has begun or ended between two looks: one each per stretch, however it rises and falls within."""
    if bool(before.space) is not bool(now.space):
        yield Episode(what="space", begun=bool(now.space))
    if bool(before.files) is not bool(now.files):
        yield Episode(what="files", begun=bool(now.files))
    for system in sorted(before.backlog.keys() ^ now.backlog.keys()):
        yield Episode(what="backlog", begun=system in now.backlog, system=system)
