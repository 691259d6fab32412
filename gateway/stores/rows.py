"""What a driver keeps, as values: the rows behind dossiers, messages and deliveries.

They are msgspec structs rather than dataclasses: making and changing one is on the path of every accept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from gateway.core.boot import Boot
from gateway.core.deadline import Said, Term
from gateway.core.delivery import FINAL, HEADS, Attempt, Delivery, Lease, State, Step, is_passed
from gateway.core.files import LASTING
from gateway.core.ids import DeliveryId, DossierId, FileId, MessageId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import Blob, Draft, Message, Missed, Snapshot
from gateway.core.reason import Reason, Why
from gateway.core.retention import Erased
from gateway.ports.store import AttemptView, AwaitedFile, DeliveryView

#: Why a submission was cancelled that no longer counts as given: nothing of it left, or another took its place.
UNGIVEN = (Why.WITHDRAWN, Why.CALLED_OFF, Why.SUPERSEDED, Why.EDITED)
#: Why a person has ended a submission that may have arrived: of what surely has not it is ``CALLED_OFF``.
UNCLEAR = (Why.JUDGED, Why.SKIPPED)
UNREAD = "\0"  #: among notes, where those stand that cannot be read: no adapter gives such a name


class DossierRow(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier and what its current revision says of it."""

    id: DossierId
    source: SystemId
    created_at: datetime
    revision: int = 0
    digest: str = ""  #: of the message that stated the current revision
    stated_by: MessageId | None = None  #: that message
    procedure: str = ""
    agency: str = ""
    due_at: datetime | None = None
    test: bool = False  #: began as a test, and so stays one
    holds: frozenset[str] = frozenset()  #: why the days until its due date are not counted
    paused_at: datetime | None = None
    closed_at: datetime | None = None
    adopted: frozenset[SystemId] = frozenset()  #: systems that have it from before the gateway
    erased: Erased | None = None  #: its age was reached: nothing but this row and its codes is left
    took_part: frozenset[SystemId] = frozenset()  #: whoever did, of one that is erased

    @property
    def term(self) -> Term:
        """Return what was stated of its due date."""
        return Term(due_at=self.due_at, holds=self.holds, paused_at=self.paused_at, closed_at=self.closed_at)

    def heard(self, said: Said) -> DossierRow:
        """Return it after what an event said of its due date."""
        term = self.term.hear(said)
        return msgspec.structs.replace(self, due_at=term.due_at, holds=term.holds, paused_at=term.paused_at)


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A message as kept: its draft, with the files that are here and those still to come."""

    id: MessageId
    dossier_id: DossierId
    draft: Draft
    accepted_at: datetime
    revision: int
    route_version: str = ""
    anomalies: tuple[str, ...] = ()
    warnings: tuple[Reason, ...] = ()  #: of its receipt
    damage: bytes | None = None  #: what stands where the small fields of its draft should, and cannot be read
    missed: Mapping[FileId, Missed] = {}  #: of the files still to come, those that were asked for in vain
    told: Why | None = None  #: the last that its source was told of these

    @property
    def awaited(self) -> tuple[AwaitedFile, ...]:
        """Return its files still to come, as people see them."""
        files = self.draft.pending
        return tuple(AwaitedFile(id=one.file_id, name=one.name, missed=self.missed.get(one.file_id)) for one in files)

    @property
    def is_fileless(self) -> bool:
        """Whether one of its files cannot be had until its sender has acted."""
        return any(missed.reason.code in LASTING for missed in self.missed.values())

    def message(self) -> Message:
        """Return it as the rest of the gateway knows it."""
        draft = self.draft
        return Message(
            id=self.id,
            dossier_id=self.dossier_id,
            source=draft.source,
            kind=draft.kind,
            payload=draft.payload,
            accepted_at=self.accepted_at,
            revision=self.revision,
            digest=draft.digest,
            codes=draft.codes,
            source_event_id=draft.dedup_key or "",
            blobs=draft.blobs,
            pending=draft.pending,
            occurred_at=draft.occurred_at,
            actor=draft.actor,
            causation_id=draft.causation_id,
            anomalies=self.anomalies,
            test=draft.test,
        )


class DeliveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as kept. ``dossier_id`` is that of its lane and never changes."""

    id: DeliveryId
    message_id: MessageId
    dossier_id: DossierId
    source: SystemId
    kind: str  #: that it goes as, which is its message's unless it opens the dossier at its destination
    destination: SystemId
    lane_seq: int
    state: State
    step: Step = Step.SEND
    awaits: int = 0  #: outstanding conditions: pending files, and legs that must be delivered before
    blocks: bool = True
    tells: bool = False
    route: str = ""  #: by which it goes
    feed: bool = False  #: read by its destination, never claimed
    feed_seq: int | None = None  #: given when nothing before it in its lane is still missing in the feed
    created_at: datetime
    priority_at: datetime
    due_at: datetime  #: when it may be claimed; once leased, when it was: doubt begins there
    expires_at: datetime | None = None
    settled_at: datetime | None = None
    in_doubt_since: datetime | None = None
    closed_at: datetime | None = None
    attempts: int = 0
    tries: int = 0
    reclaims: int = 0
    reason: Reason | None = None
    pinned: str | None = None
    knows: int | None = None  #: how many codes of its dossier were known when it was claimed; doubt keeps it at these
    notes: Mapping[str, str] = {}
    lease: Lease | None = None
    lease_until: datetime | None = None
    settled_token: str = ""  #: of the lease that was settled last

    @property
    def is_undecided(self) -> bool:
        """Whether it has not ended, or nobody knows how."""
        return self.state not in FINAL or self.in_doubt_since is not None

    @property
    def stands(self) -> bool:
        """Whether the lane has not passed it yet."""
        return not is_passed(self.state, blocks=self.blocks)

    @property
    def is_head(self) -> bool:
        """Whether it is the one of its lane that is on the move."""
        return self.state in HEADS

    @property
    def begun(self) -> bool:
        """Whether a byte may have left: leased, in doubt, or shown in a feed."""
        return self.state is State.LEASED or self.in_doubt_since is not None or self.feed_seq is not None

    @property
    def reached(self) -> bool:
        """Whether its destination has taken it, may have, or says that it has it already."""
        claimed = self.state is not State.DEAD and self.reason is not None and self.reason.code is Why.ALREADY_EXISTS
        return self.state is State.DELIVERED or self.begun or claimed

    @property
    def is_unclear(self) -> bool:
        """Whether it is a submission that may have arrived, and that a person has ended."""
        ended = self.state is State.CANCELLED and self.kind == SUBMITTED
        return ended and self.reason is not None and self.reason.code in UNCLEAR

    def view(self, stored: Stored) -> DeliveryView:
        """Return it as people see it, under the dossier its message belongs to now."""
        return DeliveryView(
            id=self.id,
            message_id=self.message_id,
            dossier_id=stored.dossier_id,
            kind=self.kind,
            source=self.source,
            destination=self.destination,
            lane_seq=self.lane_seq,
            state=self.state,
            step=self.step,
            in_doubt_since=self.in_doubt_since,
            attempts=self.attempts,
            tries=self.tries,
            reason=self.reason,
            created_at=self.created_at,
            due_at=self.due_at,
            settled_at=self.settled_at,
            files=stored.awaited,
            blocks=self.blocks,
        )

    def delivery(self, message: Message, dossier: Snapshot, codes: Mapping[str, str], boot: Boot) -> Delivery:
        """Return it with everything that sending needs."""
        return Delivery(
            id=self.id,
            message=message,
            kind=self.kind,
            destination=self.destination,
            lane_seq=self.lane_seq,
            state=self.state,
            step=self.step,
            in_doubt_since=self.in_doubt_since,
            closed_at=self.closed_at,
            attempts=self.attempts,
            tries=self.tries,
            reclaims=self.reclaims,
            due_at=self.due_at,
            expires_at=self.expires_at,
            blocks=self.blocks,
            tells=self.tells,
            route=self.route,
            reason=self.reason,
            pinned=self.pinned,
            dossier=dossier,
            codes=codes,
            notes=self.notes,
            lease=self.lease,
            boot=boot,
        )


class LaneRow(msgspec.Struct, frozen=True):
    """What a lane comes to for planning, however many deliveries it holds."""

    destination: SystemId
    reached: bool  #: its destination has taken something of it, or may have
    unclear: bool  #: … but nothing says more than that a person has ended a submission that may have arrived
    withdrawn: bool  #: it lost its submission to a withdrawal, was given no other since, and nothing of it arrived
    called_off: bool  #: it lost its submission to a person, nothing that could take its place waits, nor arrived


class GivenRow(msgspec.Struct, frozen=True):
    """What a lane's destination was given to go on with, as far as it was not cancelled."""

    destination: SystemId
    submitted: bool  #: a submission is among it
    at: datetime  #: of the last; a submission counts from when it was made, for it may settle after its answer came


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded attempt and the lease under which it was made."""

    token: str
    at: datetime
    attempt: Attempt

    def view(self, number: int) -> AttemptView:
        """Return it as people see it."""
        return AttemptView(number=number, at=self.at, attempt=self.attempt)


class OneUse(msgspec.Struct, frozen=True):
    """What a key that counts once was used for."""

    scope: str
    key: str
    content: str
    until: datetime


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file handed over before any message refers to it."""

    blob: Blob
    owner: SystemId
    created_at: datetime
