"""Which systems an event goes to: rules as data, with dates, matched without any I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from gateway.core.doubt import Declarations, Doubt
from gateway.core.ids import RESERVED_SYSTEMS, SystemId
from gateway.core.statuses import GuardMode, StatusBook


class Mode(StrEnum):
    """How far a system is connected."""

    LIVE = "live"
    SHADOW = "shadow"  #: rendered and validated, settled CANCELLED, never sent
    SANDBOX = "sandbox"  #: sends to its sandbox endpoint only
    OFF = "off"  #: no leg, a warning in the receipt


class Role(StrEnum):
    """Which side of the relay a system stands on: it decides what it may state."""

    PORTAL = "portal"
    SYSTEM = "system"


class Order(StrEnum):
    """Which of two dossiers is sent to a system first, while both wait."""

    ACCEPTED = "accepted"  #: the one accepted first
    DUE = "due"  #: the one due first; nothing waits longer than ``longest_wait`` for later ones


class UnknownDossier(StrEnum):
    """What happens when a system speaks about a dossier that nobody has handed over."""

    RELAY = "relay"  #: a new dossier begins
    PARK = "park"  #: kept, held, matched when the code is bound
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What planning must know of a system."""

    id: SystemId
    role: Role
    mode: Mode = Mode.SANDBOX
    feed: bool = False  #: reads a feed instead of being called
    unknown_dossier: UnknownDossier = UnknownDossier.PARK
    successor_of: frozenset[SystemId] = frozenset()
    declarations: Declarations = field(default_factory=Declarations)
    expects_status: bool = False  #: somebody waits for its first word about what it took
    order: Order = Order.ACCEPTED
    longest_wait: timedelta = timedelta(hours=4)  #: bounds how far an early due date can push others back
    tell_relay: bool = True  #: wants ``relay.*`` about what it stated
    status_guard: GuardMode = GuardMode.FLAG  #: what is done about an odd status that it states
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid(self, on: date) -> bool:
        """Whether the system exists on this day (first and last day included)."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def may_prelease(self, kind: str) -> bool:
        """Whether doubt about this kind can be resolved without a person."""
        return self.declarations.of(kind).doubt is not Doubt.HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Begins:
    """The dossier that a chained route begins."""

    procedure: str  #: national code
    name: str = ""
    agency: str = ""  #: receiving unit's code; empty: that of the dossier it follows from
    agency_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """(source, kind, procedure, agency) → systems. Patterns are shell-style, ``*`` matches all.

    A chained route, one that ``begins`` a dossier, is looked at twice: what fits it triggers it, and the dossier that
    it began goes on by it.
    """

    id: str
    to: tuple[SystemId, ...]
    source: str = "*"
    kinds: tuple[str, ...] = ("*",)
    procedures: tuple[str, ...] = ("*",)
    agencies: tuple[str, ...] = ("*",)
    after: tuple[SystemId, ...] = ()  #: legs that must be delivered before these are sent
    expires: timedelta | None = None
    tell_relay: bool = True
    begins: Begins | None = None
    shadow: bool = False  #: what goes by it is rehearsed, though its system is called
    valid_from: date | None = None
    valid_to: date | None = None

    def matches(self, subject: Subject) -> bool:
        """Whether this route takes the event: a chained one all that is said of what it began, whatever its dates."""
        return subject.step == self.id if self.begins else self._fits(subject)

    def triggers(self, subject: Subject) -> bool:
        """Whether the event begins another dossier by this route."""
        return self.begins is not None and self._fits(subject)

    def is_valid(self, on: date) -> bool:
        """Whether the route is in force on this day (first and last day included)."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def _fits(self, subject: Subject) -> bool:
        return (
            self.is_valid(subject.on)
            and fnmatchcase(subject.source, self.source)
            and _any(self.kinds, subject.kind)
            and _any(self.procedures, subject.procedure)
            and _any(self.agencies, subject.agency)
        )


class Subject(NamedTuple):
    """What a route looks at; a tuple, because every draft looks its routes up by it."""

    source: SystemId
    kind: str
    procedure: str
    agency: str
    on: date
    step: str = ""  #: the chained route that began the dossier, where its own source speaks


def _any(patterns: tuple[str, ...], value: str) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)


_REMEMBERED = 4096  #: subjects whose routes are kept at hand


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteBook:
    """All routes and systems of one configuration version."""

    version: str
    systems: Mapping[SystemId, Connected]
    routes: tuple[Route, ...]
    code_patterns: Mapping[str, str] = field(default_factory=dict[str, str])  #: scheme to regex
    statuses: StatusBook = field(default_factory=StatusBook)
    shadows: frozenset[SystemId] = field(init=False)  #: the systems in shadow mode
    shadow_routes: frozenset[str] = field(init=False)
    _found: dict[Subject, tuple[tuple[Route, SystemId], ...]] = field(
        default_factory=dict[Subject, "tuple[tuple[Route, SystemId], ...]"], repr=False, compare=False
    )  #: answers so far: a day has few different subjects

    def __post_init__(self) -> None:
        shadows = frozenset(system.id for system in self.systems.values() if system.mode is Mode.SHADOW)
        object.__setattr__(self, "shadows", shadows)
        object.__setattr__(self, "shadow_routes", frozenset(route.id for route in self.routes if route.shadow))

    def routes_for(self, subject: Subject) -> tuple[tuple[Route, SystemId], ...]:
        """Return (route, destination) pairs, each destination once, never the source itself."""
        known = self._found.get(subject)
        if known is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            known = self._found[subject] = self._match(subject)
        return known

    def _match(self, subject: Subject) -> tuple[tuple[Route, SystemId], ...]:
        found: dict[SystemId, Route] = {}
        for route in self.routes:
            if route.matches(subject):
                for destination in route.to:
                    found.setdefault(destination, route)
        found.pop(subject.source, None)
        return tuple((route, destination) for destination, route in found.items())

    def triggered(self, subject: Subject) -> tuple[Route, ...]:
        """Return the chained routes that this event triggers."""
        return tuple(route for route in self.routes if route.triggers(subject))

    def shadows_for(self, subject: Subject) -> frozenset[SystemId]:
        """Return the systems that would be sent nothing of this: another way sends it, or nobody does yet."""
        if not self.shadow_routes:
            return self.shadows
        return self.shadows | {system for route, system in self.routes_for(subject) if route.shadow}

    def begun(self, procedure: str, on: date) -> tuple[Route, ...]:
        """Return the chained routes by which dossiers of a procedure begin on this day."""
        return tuple(
            route
            for route in self.routes
            if route.begins and route.begins.procedure == procedure and route.is_valid(on)
        )

    def reach(self, source: SystemId) -> frozenset[SystemId]:
        """Return every system to which something that this source states may go, as far as routes can tell."""
        mine = (route for route in self.routes if not route.begins and fnmatchcase(source, route.source))
        ways = (self.systems.get(system) for route in mine for system in route.to if system != source)
        return frozenset(system.id for system in ways if system is not None and system.mode is not Mode.OFF)

    def is_heir(self, system: SystemId, routed_to: frozenset[SystemId]) -> bool:
        """Whether this system, or one that it has succeeded, has a part in the dossier."""
        if system in routed_to or system in RESERVED_SYSTEMS:
            return True
        connected = self.systems.get(system)
        return connected is not None and bool(connected.successor_of & routed_to)


@lru_cache(maxsize=16)
def day_in_vietnam(moment: datetime) -> date:
    """Return the calendar day in Việt Nam (UTC+7 all year, no daylight saving)."""
    return (moment + timedelta(hours=7)).date()
