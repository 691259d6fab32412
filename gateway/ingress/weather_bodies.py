"""How systems stand, as the doors answer it, and what operators do about it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from gateway.ingress.bodies import ActBody, Body, NameBody


class BreakerBody(Body, frozen=True, kw_only=True):
    """Whether a system is called, by what it answered."""

    state: str
    since: datetime | None = None
    reason: str | None = None
    times: int = 0  #: opened so often in a row
    next_try_at: datetime | None = None


class WindowBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether a system takes calls at this hour."""

    open: bool
    opens_at: datetime | None = None
    closes_at: datetime | None = None


class PauseBody(Body, frozen=True, kw_only=True):
    """Who stopped the calls to a system; text and person for operators only."""

    since: datetime
    text: str = ""
    by: str = ""


class LimitsBody(Struct, frozen=True, kw_only=True):
    """How hard a system is pressed."""

    concurrency: int
    allowed: int  #: exchanges at once, now
    rate: str
    burst: int


class WeatherBody(Body, frozen=True, kw_only=True):
    """How a system stands: one word, and everything that explains it."""

    condition: str
    text: str
    since: datetime | None = None
    breaker: BreakerBody
    window: WindowBody
    pause: PauseBody | None = None
    limits: LimitsBody
    last_answer_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure: str | None = None


class SystemBody(Body, frozen=True, kw_only=True):
    """A system, how it is connected, and how its deliveries stand."""

    id: str
    name: NameBody
    role: str
    mode: str
    adapter: str
    by_state: dict[str, int] = field(default_factory=dict[str, int])
    backlog: int = 0  #: still to be sent
    backlog_limit: int = 0
    refuses: tuple[str, ...] = ()  #: what is refused for now where it goes only to systems with too much before them
    in_doubt: int
    oldest_open: datetime | None = None
    weather: WeatherBody | None = None  #: none where it is not called


class NeighbourBody(Body, frozen=True, kw_only=True):
    """What the portal may tell citizens of another system."""

    id: str
    name: NameBody
    condition: str
    text: str
    since: datetime | None = None
    opens_at: datetime | None = None


class SystemsBody(Struct, frozen=True, kw_only=True):
    """The systems that the caller may see; ``neighbours`` are for the portal's status page."""

    items: tuple[SystemBody, ...]
    neighbours: tuple[NeighbourBody, ...] = ()


class TendedBody(Body, frozen=True, kw_only=True):
    """What was done about a system, and how it stands now."""

    act: ActBody
    system: SystemBody
    found: str | None = None  #: of a probe: ``answers``, ``silent``, or ``unknown`` until a delivery has found out
    words: str = ""  #: how it answered
