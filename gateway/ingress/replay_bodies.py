"""What the doors of replays read and answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gateway.core.replay import MOST, RunPlan
from gateway.ingress.ops_bodies import Asked, ProposalBody, ReasonedBody

_PLAN = RunPlan()


class SelectionBody(Asked, frozen=True, kw_only=True):
    """Which stopped deliveries: all conditions hold together; ``names`` are ids of deliveries or codes of dossiers.

    With ``amend`` what the ``system`` has of the dossiers that are named is stated to it once more, by new deliveries.
    """

    state: str = ""  #: held or dead; both where left out
    system: str = ""  #: the destination's id
    reason: str = ""  #: why they stopped: a stable code
    kind: str = ""  #: the event's kind
    procedure: str = ""  #: national code of the dossier's procedure
    since: datetime | None = None  #: stopped at this time or later
    until: datetime | None = None  #: stopped before this time
    #: ids of deliveries or codes of dossiers
    names: Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=MOST)] = ()
    amend: bool = False  #: whether to state anew what the system has, instead of sending what stopped


class ReplayBody(ReasonedBody, frozen=True, kw_only=True):
    """What to send again, how carefully, and why."""

    selection: SelectionBody  #: what to send again
    steps: tuple[int, ...] = _PLAN.steps  #: sizes of the steps, one after the other; the last is repeated
    rate: int = _PLAN.rate  #: deliveries in a minute, at most
    stop_at: float = _PLAN.stop_at  #: the share of failures, 0 to 1, at which it stops by itself; 1 never does


class CandidateBody(Struct, frozen=True, kw_only=True):
    """A delivery that a replay would send."""

    delivery_id: str  #: names it in /v1/deliveries/{id}
    dossier_id: str  #: the gateway's id of the dossier
    code: str  #: the dossier's first code
    kind: str  #: the event's kind
    system: str  #: who gets it
    state: str  #: held or dead; with ``amend`` delivered
    reason: str  #: why it stopped: a stable code; empty where it was simply delivered (``amend``)
    stopped_at: datetime  #: when it stopped


class LeftOutBody(Struct, frozen=True, kw_only=True):
    """What was asked for and cannot go."""

    name: str  #: the delivery or the code that was asked for
    why: str  #: why it cannot go: a stable code
    text: str  #: the same in words


class ReplayPlanBody(Struct, frozen=True, kw_only=True):
    """What a replay would send, in its order: counted whole, shown in part.

    ``second_person``: it must be approved, and ``why``; ``lately``: how many whoever asks has begun alone lately.
    """

    requested: int  #: how many it would send
    lately: int  #: how many whoever asks has begun or done alone in 24 hours
    second_person: bool  #: whether a second person must approve it
    why: str  #: why a second person must
    more: bool  #: whether more fit than one replay takes
    by_system: dict[str, int]  #: how many go to each system
    by_reason: dict[str, int]  #: how many have each reason
    by_kind: dict[str, int]  #: how many are of each kind
    first: tuple[CandidateBody, ...]  #: the first that it would send
    left_out: dict[str, int]  #: how many cannot go, by reason
    left_out_items: tuple[LeftOutBody, ...]  #: the first of these


class RunBody(Struct, frozen=True, kw_only=True):
    """A replay: ``requested`` is always the sum of the five counts."""

    id: str  #: the replay's id
    state: str  #: running, paused, stopped, finished, cancelled
    text: str  #: the state in words
    begun_by: str  #: who began it
    reason: str  #: why
    made_at: datetime  #: when it was begun
    ended_at: datetime | None  #: when it ended
    selection: dict[str, str]  #: what was asked for, by condition
    steps: tuple[int, ...]  #: sizes of the steps
    rate: int  #: deliveries in a minute, at most
    stop_at: float  #: the share of failures at which it stops by itself
    requested: int  #: how many it has in all
    chosen: int  #: how many have not had their turn
    sent: int  #: how many are on their way
    done: int  #: how many were delivered
    failed: int  #: how many stopped again
    skipped: int  #: how many were not sent by it


class BegunBody(Struct, frozen=True, kw_only=True):
    """The replay that was begun, or the proposal to begin it and ``why`` it needs a second person."""

    replay: RunBody | None = None  #: where it was begun
    proposal: ProposalBody | None = None  #: where it waits for a second person
    why: str = ""  #: why it needs one


class RunsBody(Struct, frozen=True, kw_only=True):
    """Replays, the newest first."""

    items: tuple[RunBody, ...]  #: the replays


class ReplayItemBody(Struct, frozen=True, kw_only=True):
    """One delivery of a replay."""

    place: int  #: from 1, in the order of release
    delivery_id: str  #: names it in /v1/deliveries/{id}
    state: str  #: chosen, sent, done, failed, skipped
    text: str  #: the state in words
    why: str  #: why it was skipped: a stable code
    sent_at: datetime | None  #: when it was released
    ended_at: datetime | None  #: when it ended


class ItemsBody(Struct, frozen=True, kw_only=True):
    """A replay's deliveries in their order; ask ``behind`` the last place for more."""

    items: tuple[ReplayItemBody, ...]  #: the deliveries
