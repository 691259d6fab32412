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

    state: str = ""
    system: str = ""
    reason: str = ""
    kind: str = ""
    procedure: str = ""
    since: datetime | None = None
    until: datetime | None = None
    names: Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=MOST)] = ()
    amend: bool = False


class ReplayBody(ReasonedBody, frozen=True, kw_only=True):
    """What to send again, how carefully, and why."""

    selection: SelectionBody
    steps: tuple[int, ...] = _PLAN.steps
    rate: int = _PLAN.rate
    stop_at: float = _PLAN.stop_at


class CandidateBody(Struct, frozen=True, kw_only=True):
    """A delivery that a replay would send."""

    delivery_id: str
    dossier_id: str
    code: str
    kind: str
    system: str
    state: str
    reason: str
    stopped_at: datetime


class LeftOutBody(Struct, frozen=True, kw_only=True):
    """What was asked for and cannot go."""

    name: str
    why: str
    text: str


class ReplayPlanBody(Struct, frozen=True, kw_only=True):
    """What a replay would send, in its order: counted whole, shown in part.

    ``second_person``: it must be approved, and ``why``; ``lately``: how many whoever asks has begun alone lately.
    """

    requested: int
    lately: int
    second_person: bool
    why: str
    more: bool
    by_system: dict[str, int]
    by_reason: dict[str, int]
    by_kind: dict[str, int]
    first: tuple[CandidateBody, ...]
    left_out: dict[str, int]
    left_out_items: tuple[LeftOutBody, ...]


class RunBody(Struct, frozen=True, kw_only=True):
    """A replay: ``requested`` is always the sum of the five counts."""

    id: str
    state: str
    text: str
    begun_by: str
    reason: str
    made_at: datetime
    ended_at: datetime | None
    selection: dict[str, str]
    steps: tuple[int, ...]
    rate: int
    stop_at: float
    requested: int
    chosen: int
    sent: int
    done: int
    failed: int
    skipped: int


class BegunBody(Struct, frozen=True, kw_only=True):
    """The replay that was begun, or the proposal to begin it and ``why`` it needs a second person."""

    replay: RunBody | None = None
    proposal: ProposalBody | None = None
    why: str = ""


class RunsBody(Struct, frozen=True, kw_only=True):
    """Replays, the newest first."""

    items: tuple[RunBody, ...]


class ItemBody(Struct, frozen=True, kw_only=True):
    """One delivery of a replay."""

    place: int
    delivery_id: str
    state: str
    text: str
    why: str
    sent_at: datetime | None
    ended_at: datetime | None


class ItemsBody(Struct, frozen=True, kw_only=True):
    """A replay's deliveries in their order; ask ``behind`` the last place for more."""

    items: tuple[ItemBody, ...]
