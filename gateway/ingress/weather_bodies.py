"""How systems stand, as the doors answer it, and what operators do about it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from gateway.ingress.bodies import ActBody, Body, NameBody


class BreakerBody(Body, frozen=True, kw_only=True):
    """Whether a system is called, by what it answered."""

    state: str  #: closed, open, half_open
    since: datetime | None = None  #: when this phase began
    reason: str | None = None  #: the failure that opened it: a stable code
    times: int = 0  #: opened so often in a row
    next_try_at: datetime | None = None  #: when an open one is tried again


class WindowBody(Body, frozen=True, kw_only=True):
    """Whether a system takes calls at this hour."""

    open: bool  #: whether it takes calls now
    opens_at: datetime | None = None  #: when it opens next; while it is closed
    closes_at: datetime | None = None  #: when it closes next; while it is open


class PauseBody(Body, frozen=True, kw_only=True):
    """Who stopped the calls to a system; text and person for operators only."""

    since: datetime  #: when they were stopped
    text: str = ""  #: why, in the operator's own words
    by: str = ""  #: who stopped them


class LimitsBody(Struct, frozen=True, kw_only=True):
    """How hard a system is pressed."""

    concurrency: int  #: exchanges at once, at most
    allowed: int  #: exchanges at once, now
    rate: str  #: how many calls in what time, such as 50/s; empty: as many as it answers
    burst: int  #: how many may go at once after a quiet time


class WeatherBody(Body, frozen=True, kw_only=True):
    """How a system stands: one word, and everything that explains it."""

    condition: str  #: paused, closed, open, half_open, slow_start, clear
    text: str  #: the condition in words
    since: datetime | None = None  #: of the pause, or of the breaker's phase
    breaker: BreakerBody  #: whether it is called, by what it answered
    window: WindowBody  #: its hours
    pause: PauseBody | None = None  #: who stopped the calls
    limits: LimitsBody  #: how hard it is pressed
    last_answer_at: datetime | None = None  #: when it last answered
    last_failure_at: datetime | None = None  #: when it last failed
    last_failure: str | None = None  #: how it last failed: a stable code


class SystemBody(Body, frozen=True, kw_only=True):
    """A system, how it is connected, and how its deliveries stand."""

    id: str  #: the system's id
    name: NameBody  #: what it is called
    role: str  #: portal or system
    mode: str  #: live, shadow, sandbox, off
    adapter: str  #: the dialect that it is spoken to in
    by_state: dict[str, int] = field(default_factory=dict[str, int])  #: how many of its deliveries are in each state
    backlog: int = 0  #: still to be sent
    backlog_limit: int = 0  #: how many may wait before what is new is refused
    refuses: tuple[str, ...] = ()  #: what is refused for now where it goes only to systems with too much before them
    in_doubt: int  #: deliveries of which nobody knows whether it has them
    oldest_open: datetime | None = None  #: since when the oldest delivery waits
    weather: WeatherBody | None = None  #: none where it is not called


class NeighbourBody(Body, frozen=True, kw_only=True):
    """What the portal may tell citizens of another system."""

    id: str  #: the system's id
    name: NameBody  #: what it is called
    condition: str  #: paused, closed, open, half_open, slow_start, clear
    text: str  #: the condition in words
    since: datetime | None = None  #: since when it stands so
    opens_at: datetime | None = None  #: when its hours begin; while it is closed


class SystemsBody(Struct, frozen=True, kw_only=True):
    """The systems that the caller may see; ``neighbours`` are for the portal's status page."""

    items: tuple[SystemBody, ...]  #: the systems
    neighbours: tuple[NeighbourBody, ...] = ()  #: every other system, for the portal


class TendedBody(Body, frozen=True, kw_only=True):
    """What was done about a system, and how it stands now."""

    act: ActBody  #: what was done
    system: SystemBody  #: how it stands now
    found: str | None = None  #: of a probe: ``answers``, ``silent``, or ``unknown`` until a delivery has found out
    words: str = ""  #: how it answered
