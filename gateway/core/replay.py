"""Sending many again: a selection frozen when it is made, released step by step, stopped when too much fails.

Pure: what may be released now, when a run stops by itself, and what a person may do to it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from gateway.core.acts import By, Target, TargetKind, Verb
from gateway.core.delivery import FINAL, STOPS, State
from gateway.core.errors import GatewayError
from gateway.core.ids import OPERATORS, DeliveryId, DossierId, SystemId
from gateway.core.proposals import Wish
from gateway.core.reason import Why

RunId = NewType("RunId", str)

#: Deliveries of one run: it is frozen in one transaction.
MOST = 10_000
#: The failure ratio is looked at only once so many have ended.
TELLING = 5
#: The time over which the rate is counted.
RATE_WINDOW = timedelta(minutes=1)


#: The word of a run that amends what was delivered.
AMEND = "amend"


class RunState(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    PAUSED = "paused"  #: by a person
    STOPPED = "stopped"  #: by itself: too much failed
    FINISHED = "finished"  #: every item has ended
    CANCELLED = "cancelled"  #: by a person: what was not sent yet is skipped


#: The only moves there are.
RUN_MOVES: Mapping[RunState, frozenset[RunState]] = MappingProxyType(
    {
        RunState.RUNNING: frozenset({RunState.PAUSED, RunState.STOPPED, RunState.FINISHED, RunState.CANCELLED}),
        RunState.PAUSED: frozenset({RunState.RUNNING, RunState.FINISHED, RunState.CANCELLED}),
        RunState.STOPPED: frozenset({RunState.RUNNING, RunState.FINISHED, RunState.CANCELLED}),
        RunState.FINISHED: frozenset(),
        RunState.CANCELLED: frozenset(),
    }
)
#: What can still go on.
OPEN_RUNS = frozenset(state for state, moves in RUN_MOVES.items() if moves)


class ItemState(StrEnum):
    """How one delivery of a run stands."""

    CHOSEN = "chosen"  #: its turn has not come
    SENT = "sent"  #: released: the relay has it
    DONE = "done"  #: delivered
    FAILED = "failed"  #: dead or held again
    SKIPPED = "skipped"  #: not sent by this run, or ended without a try: ``Left`` says why


class Left(StrEnum):
    """Why a delivery is left out of a run, or skipped by it. Each has words in the catalogue under ``left``."""

    UNKNOWN = "unknown"  #: no delivery has this id, no dossier this code
    IN_DOUBT = "in_doubt"  #: the partner may have it: it is judged
    DELIVERED = "delivered"  #: the partner has it
    CANCELLED = "cancelled"  #: it has ended, and is not wanted any more
    ON_ITS_WAY = "on_its_way"  #: nothing has stopped it
    NEVER_GIVEN = "never_given"  #: its system has not the dossier that it presumes; what opens that one lets it go
    NO_DESTINATION = "no_destination"  #: it is for the operators themselves
    NO_SYSTEM = "no_system"  #: its system is not configured any more
    OTHER_RUN = "other_run"  #: another run has it
    JUDGED = "judged"  #: a person has decided meanwhile
    EDITED = "edited"  #: a corrected message has taken its place meanwhile
    MOVED = "moved"  #: it does not stand any more as it was chosen
    BLOCKED = "blocked"  #: something before it in its lane has stopped
    NOT_DELIVERED = "not_delivered"  #: to be amended, and the system never took the dossier: it is replayed
    WITHDRAWN = "withdrawn"  #: to be amended, and the citizen has withdrawn it
    RUN_CANCELLED = "run_cancelled"  #: the run was cancelled before its turn


class Steering(StrEnum):
    """What a person does to a run."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


_STEERS = MappingProxyType(
    {
        Steering.PAUSE: RunState.PAUSED,
        Steering.RESUME: RunState.RUNNING,
        Steering.CANCEL: RunState.CANCELLED,
    }
)


class UnknownRun(GatewayError):
    """There is no replay with this id."""


class RunClosed(GatewayError):
    """This does not fit how the run stands."""


class NothingChosen(GatewayError):
    """The selection is empty: there is nothing to send again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which stopped deliveries an operator wants: all conditions hold together.

    With ``amend`` it is what the system *has* of the named dossiers: each is stated to it once more, by a new delivery.
    """

    state: State | None = None  #: HELD or DEAD only
    system: SystemId | None = None
    reason: Why | None = None
    kind: str = ""
    procedure: str = ""
    since: datetime | None = None  #: stopped at this time or later
    until: datetime | None = None  #: stopped before
    names: tuple[str, ...] = ()  #: ids of deliveries, or codes of dossiers; what they name but cannot go is told
    amend: bool = False

    def words(self) -> Mapping[str, str]:
        """Return it as facts to keep: names are counted, not kept."""
        found = {
            "state": self.state,
            "system": self.system,
            "reason": self.reason,
            "kind": self.kind,
            "procedure": self.procedure,
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
            "named": len(self.names) or None,
            AMEND: "yes" if self.amend else None,
        }
        return {name: str(value) for name, value in found.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides whether a delivery may be sent again by a run."""

    state: State
    in_doubt: bool
    destination: SystemId
    reason: Why | None
    stopped_at: datetime | None  #: changes whenever it moves
    taken: bool = False  #: another open run has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A delivery that a run would send, and the stop that it was chosen for."""

    id: DeliveryId
    dossier_id: DossierId
    code: str  #: the first of its dossier
    kind: str
    system: SystemId
    state: State
    reason: Why | None
    stopped_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What was asked for and cannot go: an id or a code, and why."""

    name: str
    why: Left


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a selection comes to now; in the order in which it would be sent."""

    chosen: tuple[Candidate, ...]
    left_out: tuple[LeftOut, ...]
    more: bool = False  #: beyond ``MOST`` there is more, for another run
    lately: int = 0  #: what whoever asks has done alone within ``proposals.WITHIN``, or begun and not sent yet


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """How carefully. Raises ValueError for a plan that could never go, or never stop."""

    steps: tuple[int, ...] = (1, 5, 20, 100)  #: sizes; the last is repeated
    rate: int = 60  #: deliveries released in a minute, at most
    stop_at: float = 0.2  #: the share of failures that stops it; 1 never does

    def __post_init__(self) -> None:
        """Check the numbers."""
        sizes = (*self.steps, self.rate)
        if not self.steps or not all(1 <= size <= MOST for size in sizes) or not 0 <= self.stop_at <= 1:
            raise ValueError(f"steps and rate are from 1 to {MOST}, stop_at is from 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """One item as it was chosen: a delivery at one of its stops."""

    delivery: DeliveryId
    stopped_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run to begin: what was asked for, exactly which deliveries, and how carefully."""

    words: Mapping[str, str]
    items: tuple[Frozen, ...]
    plan: RunPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many items stand how. ``requested`` is always the sum of all."""

    chosen: int = 0
    sent: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def requested(self) -> int:
        """Return how many the run was asked to send."""
        return self.chosen + self.sent + self.done + self.failed + self.skipped

    @property
    def ended(self) -> int:
        """Return how many were tried to their end."""
        return self.done + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A replay as kept."""

    id: RunId
    by: By
    made_at: datetime
    words: Mapping[str, str]
    plan: RunPlan
    state: RunState = RunState.RUNNING
    released: int = 0  #: items sent so far, whatever has become of them
    forgiven: Tally = field(default_factory=Tally)  #: what had ended when a person let it go on; not counted again
    ended_at: datetime | None = None
    proposal: str | None = None  #: by which a second person agreed; None where one person began it alone

    @property
    def amends(self) -> bool:
        """Whether it states to a system once more what that has taken."""
        return AMEND in self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One delivery of a run as kept."""

    run: RunId
    place: int  #: from 1, in the order of release
    delivery: DeliveryId  #: of one that amends: the one that was delivered, and once it is sent the new one
    stopped_at: datetime
    state: ItemState = ItemState.CHOSEN
    why: Left | None = None
    sent_at: datetime | None = None
    ended_at: datetime | None = None


def left(standing: Standing) -> Left | None:
    """Return why a delivery cannot go by a run; None where it can."""
    if standing.state in FINAL:
        return Left.DELIVERED if standing.state is State.DELIVERED else Left.CANCELLED
    if standing.in_doubt:
        return Left.IN_DOUBT
    if standing.state not in STOPS:
        return Left.ON_ITS_WAY
    if standing.destination == OPERATORS:
        return Left.NO_DESTINATION
    if standing.reason is Why.NEVER_GIVEN:
        return Left.NEVER_GIVEN
    return Left.OTHER_RUN if standing.taken else None


def moved(standing: Standing | None, stopped_at: datetime) -> Left | None:
    """Return why an item cannot go now that its turn has come; None where it stands as it was chosen."""
    if standing is None:
        return Left.UNKNOWN
    if standing.reason is Why.EDITED:
        return Left.EDITED
    if standing.reason in {Why.JUDGED, Why.CALLED_OFF}:
        return Left.JUDGED
    why = left(standing)
    if why is None and standing.stopped_at != stopped_at:
        return Left.MOVED
    return Left.MOVED if why is Left.ON_ITS_WAY else why


def end_of(state: State) -> tuple[ItemState, Left | None] | None:
    """Return what becomes of a sent item when its delivery comes to this state; None while it is on its way."""
    if state is State.DELIVERED:
        return ItemState.DONE, None
    if state in STOPS:
        return ItemState.FAILED, None
    return (ItemState.SKIPPED, Left.CANCELLED) if state is State.CANCELLED else None


def room(run: Run, tally: Tally, lately: int) -> int:
    """Return how many items may be released now; ``lately`` were within ``RATE_WINDOW``.

    A step begins only when all of the one before have ended.
    """
    ends = itertools.dropwhile(lambda end: end < run.released, _ends(run.plan.steps))
    end = next(ends)
    if end == run.released:
        if tally.sent:
            return 0
        end = next(ends)
    return max(min(end - run.released, run.plan.rate - lately, tally.chosen), 0)


def _ends(steps: Sequence[int]) -> Iterator[int]:
    """Yield how many are released in all at the end of each step: 0, 1, 6, 26, 126, 226 and so on."""
    return itertools.accumulate(itertools.chain(steps, itertools.repeat(steps[-1])), initial=0)


def due(run: Run, tally: Tally) -> RunState:
    """Return the state that a run comes to by itself."""
    if not tally.chosen and not tally.sent:
        return RunState.FINISHED
    failed = tally.failed - run.forgiven.failed
    ended = tally.ended - run.forgiven.ended
    telling = ended >= TELLING or failed == ended  # nothing has gone through: five need not fail to see it
    if run.state is RunState.RUNNING and failed and telling and failed > run.plan.stop_at * ended:
        return RunState.STOPPED
    return run.state


def steered(run: Run, steering: Steering) -> RunState:
    """Return the state that a person brings a run to. Raises RunClosed."""
    to = _STEERS[steering]
    if to not in RUN_MOVES[run.state]:
        raise RunClosed(run.state)
    return to


def within(choice: Choice, systems: Collection[SystemId]) -> Choice:
    """Return a choice without what nobody would send: its system is none of these."""
    gone = tuple(LeftOut(name=item.id, why=Left.NO_SYSTEM) for item in choice.chosen if item.system not in systems)
    if not gone:
        return choice
    chosen = tuple(item for item in choice.chosen if item.system in systems)
    return replace(choice, chosen=chosen, left_out=(*choice.left_out, *gone))


def order(choice: Choice, words: Mapping[str, str], plan: RunPlan) -> Order:
    """Freeze a choice. Raises NothingChosen."""
    if not choice.chosen:
        raise NothingChosen
    items = tuple(Frozen(delivery=item.id, stopped_at=item.stopped_at) for item in choice.chosen)
    return Order(words=words, items=items, plan=plan)


def target(run: RunId) -> Target:
    """Name a run as the target of acts."""
    return Target(TargetKind.REPLAY, run)


def wish(asked: Order, lately: int = 0) -> Wish:
    """Return the proposal to begin a run of exactly these deliveries, by one who has done ``lately`` alone."""
    parameters = {
        "words": dict(asked.words),
        "items": [{"delivery": item.delivery, "stopped_at": item.stopped_at.isoformat()} for item in asked.items],
        "plan": {"steps": asked.plan.steps, "rate": asked.plan.rate, "stop_at": asked.plan.stop_at},
    }
    system = asked.words.get("system", "")
    return Wish(
        verb=Verb.REPLAY,
        target=Target(TargetKind.SYSTEM, system) if system else target(RunId("")),
        parameters=json.dumps(parameters, sort_keys=True, separators=(",", ":")).encode(),
        facts={**asked.words, "requested": str(len(asked.items)), "lately": str(lately), **facts_of(asked.plan)},
    )


def facts_of(plan: RunPlan) -> Mapping[str, str]:
    """Return a plan as facts to keep."""
    steps = "-".join(str(size) for size in plan.steps)
    return {"steps": steps, "rate": str(plan.rate), "stop_at": f"{plan.stop_at:g}"}
