"""One message to one system, and how far it has come. Lane = (destination, dossier)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.core.boot import Boot
from gateway.core.empty import no_texts
from gateway.core.hot_value import hot_value
from gateway.core.ids import DeliveryId, MessageId, NodeId, SystemId
from gateway.core.message import Message, Payload, Snapshot
from gateway.core.reason import Reason


class State(StrEnum):
    """Where a delivery is."""

    WAITING = "waiting"  #: behind the head of its lane, after another leg, or until its files are here
    DELAYED = "delayed"  #: head of its lane, due later
    READY = "ready"  #: head of its lane, due now
    LEASED = "leased"  #: one worker has it
    DELIVERED = "delivered"  #: final
    HELD = "held"  #: a person decides
    DEAD = "dead"  #: refused or expired; surely no effect; may be replayed
    CANCELLED = "cancelled"  #: final


#: The only moves there are: shared by code, tests, the documented diagram and the SQL CHECK.
MOVES: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.READY, State.HELD, State.CANCELLED, State.DEAD, State.DELIVERED}),
    State.DELAYED: frozenset({State.READY, State.HELD, State.DEAD, State.CANCELLED}),
    State.READY: frozenset({State.LEASED, State.CANCELLED, State.DEAD, State.DELIVERED}),
    State.LEASED: frozenset(
        {
            State.READY,
            State.DELAYED,
            State.DELIVERED,
            State.HELD,
            State.DEAD,
            State.CANCELLED,
        }
    ),
    State.HELD: frozenset({State.READY, State.WAITING, State.DELIVERED, State.DEAD, State.CANCELLED}),
    State.DEAD: frozenset({State.READY, State.WAITING, State.HELD, State.CANCELLED, State.DELIVERED}),
    State.DELIVERED: frozenset(),
    State.CANCELLED: frozenset(),
}

FINAL = frozenset({State.DELIVERED, State.CANCELLED})
#: States of which a lane has at most one: its head on the move.
HEADS = frozenset({State.DELAYED, State.READY, State.LEASED})
#: States that stop the lane behind them where the kind says so.
STOPS = frozenset({State.HELD, State.DEAD})


def is_passed(state: State, *, blocks: bool) -> bool:
    """Whether the lane goes on behind a delivery in this state."""
    return state in FINAL or (state in STOPS and not blocks)


class Step(StrEnum):
    """What the next attempt does."""

    SEND = "send"
    LOOKUP = "lookup"  #: an ambiguous attempt is being resolved


@hot_value
class Lease:
    """The right of one worker to one delivery, until the store's clock says otherwise."""

    delivery_id: DeliveryId
    token: str
    node: NodeId
    begun: bool = False  #: a first byte may have left


@hot_value
class Delivery:
    """Everything an adapter needs to send, and the relay to decide."""

    id: DeliveryId
    message: Message
    kind: str  #: that it goes as: its message's, but what opens a dossier at a system goes as the submission
    destination: SystemId
    lane_seq: int  #: the order within the lane; never derived from an id or a time
    state: State
    step: Step
    in_doubt_since: datetime | None  #: stays until delivered, finally absent, or judged by a person
    closed_at: datetime | None = None  #: when our side of the doubtful exchange ended; quiet runs from it
    attempts: int  #: tries that count against the message
    tries: int  #: all tries, whoever was to blame
    reclaims: int  #: workers lost over it in a row
    due_at: datetime  #: when it was due; of a leased one, when it was claimed
    expires_at: datetime | None
    blocks: bool = True
    tells: bool = False  #: its source wants ``relay.*`` about it
    route: str = ""  #: by which it goes
    reason: Reason | None = None  #: why it stands as it does
    pinned: str | None  #: configuration and mapping version of its last claim; of what is in doubt, that it was sent by
    dossier: Snapshot  #: partners want the whole dossier, not one event
    codes: Mapping[str, str]  #: scheme to value: the codes known now, the partner's own among them
    notes: Mapping[str, str] = field(default_factory=no_texts)  #: done steps of a multi-step send
    lease: Lease | None = None
    boot: Boot | None = None  #: the clock by which its moments are written


class DoubtMark(StrEnum):
    """What a settlement does to ``in_doubt_since``."""

    KEEP = "keep"
    SET = "set"  #: since the claim, unless it is set already
    CLEAR = "clear"


@hot_value
class Transition:
    """The state to settle into, how long to wait (the store adds its own clock), and why."""

    to: State
    wait: timedelta = timedelta(0)
    step: Step = Step.SEND
    reason: Reason | None = None
    doubt: DoubtMark = DoubtMark.KEEP
    consumes: bool = False  #: counts against the message
    codes: Mapping[str, str] = field(default_factory=no_texts)  #: scheme to value, to be bound
    facts: Mapping[str, str] = field(default_factory=no_texts)  #: the destination's own ids
    notes: Mapping[str, str] = field(default_factory=no_texts)


@hot_value
class Attempt:
    """One try, kept as evidence."""

    delivery_id: DeliveryId
    message_id: MessageId
    step: Step
    outcome: str  #: ``delivered``, ``retryable``, ``rejected``, ``ambiguous``, ``absent``, ``unknown``
    reason: Reason | None
    duration: timedelta
    config: str  #: configuration version that it was made by
    request_digest: str = ""  #: sha256 of what was sent
    http_status: int | None = None
    reply: Payload | None = None  #: of a rehearsal: what would have been sent
    trace_id: str = ""
    proof: Mapping[str, str] = field(default_factory=no_texts)  #: what the way between us knows it by
