"""What was handed over: drafts, submissions, messages. None of them names a destination by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from gateway.core.deadline import Turn
from gateway.core.empty import no_texts
from gateway.core.hot_value import hot_value
from gateway.core.ids import NO_FILE, NO_KEY, DeliveryId, DossierId, FileId, KeyId, MessageId, SystemId
from gateway.core.reason import Reason


@hot_value
class Payload:
    """Bytes exactly as received or rendered, with the type their sender declared; never printed."""

    body: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """One stored file: where its bytes are and how to prove them."""

    key: str  #: unique per upload, never shared between dossiers
    sha256: str  #: lower-case hex
    size: int  #: bytes
    content_type: str
    name: str = field(repr=False)
    file_id: FileId = NO_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingFile:
    """A file that the sender named by address; the relay fetches it durably before the first send."""

    file_id: FileId  #: under which it will be known once fetched
    url: str = field(repr=False)
    sha256: str | None = None
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Why a file could not be had when it was asked for last, and when that was."""

    reason: Reason
    at: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a dossier: ``scheme`` names who gave it (``province``, ``national``, …)."""

    scheme: str
    value: str


class ActorKind(StrEnum):
    """Who may act."""

    SYSTEM = "system"  #: a partner's machine
    OPERATOR = "operator"  #: a named person
    GATEWAY = "gateway"  #: ourselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it, and with which key."""

    kind: ActorKind
    name: str  #: a system's id, or an operator's name
    key_id: KeyId = NO_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """A status as its source put it, beside the national number where one is known."""

    status: int | None  #: 1 to 10, None for a code that the table does not know
    table: str = ""
    code: str = ""
    text: str = field(default="", repr=False)
    closing: str = ""


#: What stands for a status that cannot be read: no number, so that it neither ends a dossier nor forbids what follows.
NO_STATUS = SourceStatus(
    status=None, table="x.gateway", code="x.gateway.damaged", text="(không đọc được · cannot be read)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedStatus:
    """A status that one source has stated of a dossier, and when."""

    status: SourceStatus
    at: datetime  #: from when it stands: when it happened, as far as its source says so
    accepted_at: datetime

    def supersedes(self, other: StatedStatus) -> bool:
        """Whether this one stands after the other: it happened later, or was accepted later at the same time."""
        return (self.at, self.accepted_at) >= (other.at, other.accepted_at)


@hot_value
class Draft:
    """What a door or an adapter makes of a partner's call: not yet accepted, not yet routed."""

    source: SystemId
    operation: str  #: door and verb; the scope of the dedup key
    actor: Actor
    kind: str  #: dotted, past tense: ``dossier.submitted``, ``status.changed``
    codes: tuple[Code, ...]  #: every code of the dossier that the sender gave, the best one first
    payload: Payload  #: the canonical event as JSON, English names
    digest: str  #: ``digest_of`` what it states and its files
    document: Payload | None = None  #: the whole canonical dossier, where this event states it
    document_digest: str = ""  #: of the dossier alone and its files, whichever event states it
    raw: Payload | None = None  #: what the partner really sent, where it differs
    blobs: tuple[Blob, ...] = ()
    pending: tuple[PendingFile, ...] = ()
    dedup_key: str | None = None  #: the source's own id, if it gave one
    #: Of its call, where that may be shown once only and has no id of the source's own in what it proves.
    proof: str | None = field(default=None, repr=False, compare=False)
    if_match: int | None = None  #: the revision the sender means to change
    occurred_at: datetime | None = None
    procedure: str = ""  #: national procedure code, for routing
    agency: str = ""  #: receiving unit's code, for routing
    due_at: datetime | None = None  #: promised to the citizen by portal or ministry
    turn: Turn | None = None  #: what it does to the counting of days until then
    status: SourceStatus | None = None
    text: str = field(default="", repr=False)
    causes: str = ""
    corrects: str = ""
    to: tuple[SystemId, ...] = ()  #: set only by the gateway itself: destinations instead of routing
    step: str = ""  #: set only by the gateway itself: the chained route by which it begins a dossier
    causation_id: MessageId | None = None
    test: bool = False


@hot_value
class Leg:
    """One destination of a submission, frozen by routing at the moment of acceptance."""

    destination: SystemId
    priority_at: datetime  #: min(due date, accepted + longest wait): nothing starves
    expires_at: datetime | None = None
    blocks: bool = True  #: does a held or dead head stop this lane?
    prelease: bool = True  #: False where doubt would need a person
    tells: bool = False  #: does its source want ``relay.*`` about it?
    route: str = ""  #: by which it goes; empty where it is addressed
    feed: bool = False  #: the destination reads a feed and is never called
    expects: bool = False  #: its destination owes a first word once it has taken it
    hold: Reason | None = None  #: born HELD, for a person to decide
    opens: bool = False  #: its destination was never given the dossier: this goes as the submission
    after: tuple[SystemId, ...] = ()  #: orders transport only


@hot_value
class Submission:
    """A draft with its id and its frozen legs: what a store writes."""

    id: MessageId
    draft: Draft
    legs: tuple[Leg, ...]
    route_version: str = ""
    anomalies: tuple[str, ...] = ()


@hot_value
class Message:
    """A submission as stored: immutable, with its dossier and the time it was accepted."""

    id: MessageId
    dossier_id: DossierId
    source: SystemId
    kind: str
    payload: Payload
    accepted_at: datetime
    revision: int
    digest: str
    codes: tuple[Code, ...] = ()  #: as the sender gave them
    source_event_id: str = ""
    blobs: tuple[Blob, ...] = ()
    pending: tuple[PendingFile, ...] = ()
    occurred_at: datetime | None = None
    actor: Actor
    causation_id: MessageId | None = None
    anomalies: tuple[str, ...] = ()
    test: bool = False


@hot_value
class Snapshot:
    """The whole canonical dossier as of one message."""

    dossier_id: DossierId
    revision: int  #: 0 while nobody has stated the whole dossier
    document: Payload | None  #: canonical dossier as JSON
    blobs: tuple[Blob, ...] = ()  #: the dossier's files
    facts: Mapping[str, str] = field(default_factory=no_texts)  #: the destination's own ids


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDelivery:
    """A delivery of the dossier that is not final yet, as planning sees it."""

    id: DeliveryId
    message_id: MessageId
    destination: SystemId
    kind: str
    source: SystemId
    begun: bool  #: leased or in doubt: a byte may have left
    lane_seq: int = 0  #: its place in its lane
    dead: bool = False  #: refused or expired, surely without effect, and its lane stops at it
    tells: bool = False  #: does its source want ``relay.*`` about it?
    fileless: bool = False  #: a submission that waits for a file which cannot be had
    stated: str = ""  #: the kind of its message, where that goes as another


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierState:
    """What the store knows of a dossier at the moment something is said about it."""

    id: DossierId
    source: SystemId  #: who submitted it
    revision: int
    document_digest: str  #: of the current revision
    document_message: MessageId | None  #: that message
    codes: tuple[Code, ...]
    procedure: str
    agency: str
    due_at: datetime | None
    routed_to: frozenset[SystemId]
    reached: frozenset[SystemId]  #: systems that have taken, or may have taken, something of it
    open: tuple[OpenDelivery, ...] = ()  #: by destination, by lane; only for what ``withdrawal.looks_at_open``
    withdrawn: frozenset[SystemId] = frozenset()  #: systems that a withdrawal overtook: they never had the submission
    #: Those of ``reached`` that may have it, though a person ended their submission and they have taken nothing since.
    unclear: frozenset[SystemId] = frozenset()
    spoke: frozenset[SystemId] = frozenset()  #: systems that have stated a status; only for what ``looks_at_statuses``
    #: Systems whose submission a person called off, and who have stated no status since: they never had it.
    unopened: frozenset[SystemId] = frozenset()
    adopted: frozenset[SystemId] = (
        frozenset()
    )  #: systems that have had it since before the gateway; they are reached, too
    test: bool = False  #: began as a test: whatever is said about it is one
    step: str = ""  #: the chained route that began it, if one did
    erased: bool = False  #: by age: nothing more can be said of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """A dossier that a result of another one began."""

    step: str  #: the chained route
    dossier_id: DossierId
    begun_by: SystemId  #: who stated that result
    source: SystemId
    codes: tuple[Code, ...]
    statement: Draft | None  #: what states its current revision
    withdrawing: bool  #: its withdrawal was asked for or accepted, and not refused since


@dataclass(frozen=True, slots=True)
class Seen:
    """An earlier message that a draft is compared with."""

    message_id: MessageId
    digest: str


@hot_value
class Known:
    """What a planner may look at: read by the store inside the accepting transaction."""

    now: datetime  #: the store's clock
    dossier: DossierState | None = None
    by_key: Seen | None = None  #: same source, operation and dedup key
    by_proof: Seen | None = None  #: same source and proof of the call
    last: Seen | None = None  #: that source's last event of this dossier
    stated: StatedStatus | None = None  #: the status that stands of that source; read only where the draft states one
    accepted_at: datetime | None = None  #: of what was parked and is looked at again; else it is accepted now
    message_id: MessageId | None = None  #: likewise: the id that it has
    restated: bool = False  #: likewise: whether what states the dossier now was accepted after it
    ambiguous: bool = False  #: the codes belong to different dossiers
    echoes: frozenset[SystemId] = frozenset()  #: who stated the same kind among the events that led to this one
    statement: Draft | None = None  #: what states the dossier's current revision; read only where a result is issued
    withdrawing: bool = False  #: its withdrawal was asked for or accepted, and not refused since; read only there, too
    followers: tuple[Follower, ...] = ()  #: read only for kinds that may change them


@hot_value
class Plan:
    """What accepting a draft means: the first submission is the draft's own, the others follow from it."""

    submissions: tuple[Submission, ...]
    new_dossier: DossierId | None = None  #: set where no dossier was known
    parked: bool = False  #: nobody has bound these codes yet; matched when somebody does
    revises: bool = False  #: the draft's document becomes the next revision
    states: bool = False  #: the draft's status is the one that stands of its source from here on
    cancel: tuple[DeliveryId, ...] = ()  #: never-begun deliveries that a withdrawal overtakes
    supersede: tuple[DeliveryId, ...] = ()  #: submissions without their files, of which the draft takes the place
    chained: tuple[Draft, ...] = ()  #: what it means for the dossiers that follow from this one
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same was said before: answer with the first receipt."""

    first: MessageId


@dataclass(frozen=True, slots=True)
class Conflict:
    """Same key, other digest."""

    first: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists:
    """Other content for a known code: the sender must amend."""

    code: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """If-Match names another revision than the current one."""

    revision: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Not accepted, and why."""

    reason: Reason


@hot_value
class Receipt:
    """The promise: this is durable."""

    message_id: MessageId
    dossier_id: DossierId
    revision: int
    accepted_at: datetime
    deliveries: tuple[DeliveryId, ...]
    duplicate: bool
    matched: bool  #: False: a code nobody has bound yet
    files_pending: bool = False
    warnings: tuple[Reason, ...] = ()
    anomalies: tuple[str, ...] = ()


#: What accepting one item came to.
ItemResult: TypeAlias = Receipt | Conflict | Exists | Stale | Refused


def digest_of(document: bytes, blobs: Iterable[Blob]) -> str:
    """Return the SHA-256 of a document's bytes and its files' hashes in order, in hexadecimal digits."""
    digest = hashlib.sha256(document)
    for blob in blobs:
        digest.update(bytes.fromhex(blob.sha256))
    return digest.hexdigest()
