"""What the REST doors answer with: the shapes that ``/openapi.json`` is made from."""

from __future__ import annotations

from datetime import datetime

from msgspec import Raw, Struct


class Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reply: what is not known is left out."""


class TextBody(Body, frozen=True, kw_only=True):
    """A code for machines and a sentence for people."""

    code: str  #: stable code
    text: str  #: the sentence, in the caller's language


class FaultBody(Body, frozen=True, kw_only=True):
    """One thing wrong in what was sent; never repeats the value."""

    path: str  #: where, in the sender's own names, such as dossier.owner.name
    code: str  #: what is wrong: a stable code
    message: str  #: what is wrong, in words
    expected: str = ""  #: what would be right


class ProblemBody(Body, frozen=True, kw_only=True):
    """A refusal (RFC 9457)."""

    type: str  #: ``urn:provincial-gateway:problem:`` and the code
    title: str  #: what is wrong, in a few words
    status: int  #: the HTTP status
    detail: str = ""  #: what happened and what to do
    code: str  #: stable code; the words are not stable
    errors: tuple[FaultBody, ...] = ()  #: every fault of the body, each with its place
    revision: int | None = None  #: the dossier's revision that stands: with dossier.exists and revision.stale
    earliest: str | None = None  #: the oldest cursor that can still be read: with cursor.expired
    allow: tuple[str, ...] = ()  #: the methods that the path takes: with method.not_allowed
    matches: tuple[CodeBody, ...] = ()  #: codes of the dossiers that were found: with dossier.ambiguous
    query_id: str = ""  #: the query, where it was sent


class CodeBody(Body, frozen=True, kw_only=True):
    """One code of a dossier and who gave it."""

    scheme: str  #: who gave the code, such as province, national, unit
    code: str  #: the code itself


class ReceiptBody(Struct, frozen=True, kw_only=True):
    """The promise: this is durable."""

    message_id: str  #: the event's id from now on
    dossier_id: str  #: the gateway's id of the dossier
    revision: int  #: the dossier's revision after it
    accepted_at: datetime  #: when it was on disk
    deliveries: tuple[str, ...]  #: ids of its deliveries, one a system that gets it
    duplicate: bool  #: whether the same was accepted before: this is the first receipt again
    matched: bool  #: whether its dossier is known; if not, it waits until somebody binds the code
    files: str  #: ready; or pending, while a file named by address is still to be fetched
    warnings: tuple[TextBody, ...]  #: what does not stop it, and is odd all the same


class ItemBody(Body, frozen=True, kw_only=True):
    """What became of one item of a batch: a receipt or a problem."""

    status: int  #: the HTTP status that the item would have got alone
    receipt: ReceiptBody | None = None  #: where it was accepted
    problem: ProblemBody | None = None  #: where it was refused


class BatchBody(Body, frozen=True, kw_only=True, omit_defaults=False):
    """What became of a batch, in the order of its items."""

    accepted: int  #: how many items were accepted
    refused: int  #: how many items were refused
    items: tuple[ItemBody, ...]  #: the answers, in the order of the items


class FeedBody(Body, frozen=True, kw_only=True):
    """A page of a feed; ask ``after`` its ``next`` to acknowledge it."""

    items: tuple[FeedItemBody, ...]  #: events for the caller, in the order in which they became due
    next: str  #: ask ``after`` this for more: all before it is acknowledged then
    more: bool  #: whether others wait already
    earliest: str  #: just before the first that is not acknowledged; later than ``after``: some in between were
    warnings: tuple[TextBody, ...] = ()  #: such as feed.unused, where the system is called instead of reading


class FeedItemBody(Struct, frozen=True, kw_only=True):
    """One event for the caller."""

    cursor: str  #: the place in the feed
    delivery_id: str  #: the delivery of the event to the caller
    event: Raw  #: an Event, whole


class FileBody(Struct, frozen=True, kw_only=True):
    """A stored file; events name it by ``id``."""

    id: str  #: names the file in events
    href: str  #: where it is read, relative to the gateway
    name: str  #: file name as it was given
    media_type: str  #: as it was given; application/octet-stream where it was not
    size: int  #: bytes
    sha256: str  #: of its bytes, lower-case hex


class ReasonBody(Body, frozen=True, kw_only=True):
    """Why something did not simply go through, and what the partner said."""

    code: str  #: stable code
    text: str = ""  #: what it means, in the caller's language
    words: str = ""  #: the partner's own words; where it said nothing, the name of what broke, for operators


class StatusBody(Body, frozen=True, kw_only=True):
    """The last status that one system stated."""

    system: str  #: who stated it
    status: int | None  #: the national number, 1 to 10; null where the table lacks it
    table: str = ""  #: the table of the source's own code
    code: str = ""  #: the source's own code
    text: str = ""  #: the source's own words
    closing: str = ""  #: with the end: granted, refused, returned, withdrawn
    occurred_at: datetime | None = None  #: when it happened, as its source says
    accepted_at: datetime  #: when the gateway learnt of it
    message_id: str  #: the event that stated it


class DeadlineBody(Body, frozen=True, kw_only=True):
    """How a due date stands, in working days; while paused, and once closed, as it stood then."""

    outlook: str  #: on_time, soon, overdue, paused, closed
    text: str  #: the outlook in words
    due_at: datetime  #: when the result was promised
    days_left: int  #: working days up to and with the due day
    days_over: int  #: working days after it
    paused_at: datetime | None = None  #: since when the days are not counted


class RelatedBody(Body, frozen=True, kw_only=True):
    """A dossier at the other end of a chain."""

    step: str  #: the step of the chain that leads from one to the other
    id: str  #: the gateway's id of the other dossier
    codes: tuple[CodeBody, ...] = ()  #: the other dossier's codes
    procedure: str = ""  #: national code of its procedure
    message_id: str  #: the result that began it
    statuses: tuple[StatusBody, ...] = ()  #: the last that each system stated of it


class ErasedBody(Struct, frozen=True, kw_only=True):
    """When what was kept of a dossier was erased by age, and by which rule; not when, where something came since."""

    at: datetime | None  #: when it was erased
    rule: str  #: the rule by which


class AwaitedFileBody(Body, frozen=True, kw_only=True):
    """A file that was named by address and is still to be fetched."""

    id: str  #: the file's id, as in ``/v1/files/{id}``
    name: str = ""  #: its name, where one was given
    reason: ReasonBody | None = None  #: why it could not be had last; left out until a try has failed
    tried_at: datetime | None = None  #: when that was


class DossierBody(Body, frozen=True, kw_only=True):
    """A dossier as the gateway knows it."""

    id: str  #: the gateway's id
    source: str  #: the system that submitted it
    revision: int  #: counts the whole statements of it, from 1
    created_at: datetime  #: when the gateway first heard of it
    codes: tuple[CodeBody, ...] = ()  #: every code by which it is known
    procedure: str = ""  #: national code of the procedure
    agency: str = ""  #: code of the agency that processes it
    participants: tuple[str, ...] = ()  #: the systems that take part; for its source and operators
    statuses: tuple[StatusBody, ...] = ()  #: the status that stands of each system
    deadline: DeadlineBody | None = None  #: how its due date stands, where one was stated
    follows: RelatedBody | None = None  #: the dossier whose result began it; for its source and operators
    followers: tuple[RelatedBody, ...] = ()  #: the dossiers that its results began; for its source and operators
    files: tuple[AwaitedFileBody, ...] = ()  #: of its last statement, not here yet; its source and operators only
    erased: ErasedBody | None = None  #: where what was kept of it was erased by age
    dossier: Raw | None = None  #: a Dossier as last stated, whole; when one dossier is asked for


class DossiersBody(Struct, frozen=True, kw_only=True):
    """The dossiers that have a code."""

    items: tuple[DossierBody, ...]  #: the dossiers; none where nobody has this code


class StatedBody(Body, frozen=True, kw_only=True):
    """The status that one event states: the national number, beside the words and code of its source."""

    status: int | None  #: the national number, 1 to 10; null where the table lacks it
    table: str = ""  #: the table of the source's own code
    code: str = ""  #: the source's own code
    text: str = ""  #: the source's own words
    closing: str = ""  #: with the end: granted, refused, returned, withdrawn


class MessageBody(Body, frozen=True, kw_only=True):
    """An accepted event."""

    id: str  #: the event's id
    kind: str  #: what happened, such as status.changed
    source: str  #: who stated it
    revision: int  #: the dossier's revision after it
    accepted_at: datetime  #: when it was on disk
    occurred_at: datetime | None = None  #: when it happened, as its source says
    source_event_id: str = ""  #: its source's own id
    causation_id: str | None = None  #: the event that made the gateway state this one
    stated: StatedBody | None = None  #: the status that it states, if any
    anomalies: tuple[str, ...] = ()  #: what is odd about that status: stable codes
    test: bool = False  #: whether all of it is invented


class AttemptBody(Body, frozen=True, kw_only=True):
    """One try of a delivery."""

    number: int  #: from 1, in the order of the tries
    delivery_id: str  #: which delivery was tried
    at: datetime  #: when it ended
    step: str  #: send; or lookup, to find out what became of a try
    outcome: str  #: delivered, retryable, rejected, ambiguous, absent, unknown
    duration_ms: int  #: how long it took, milliseconds
    reason: ReasonBody | None = None  #: why it did not simply go through
    http_status: int | None = None  #: what the partner answered over HTTP
    trace_id: str = ""  #: names the exchange in traces
    proof: dict[str, str] = {}  #: what the way between us knows the exchange by; of a reply that is cut, its whole size


class DeliveryBody(Body, frozen=True, kw_only=True):
    """One message to one system, and how far it has come."""

    id: str  #: the delivery's id
    message_id: str  #: the event that is sent
    dossier_id: str  #: the gateway's id of the dossier
    kind: str  #: the event's kind
    source: str  #: who stated the event
    destination: str  #: who gets it
    lane_seq: int  #: its place among the deliveries of this dossier to this system
    state: str  #: waiting, delayed, ready, leased, delivered, held, dead, cancelled
    in_doubt_since: datetime | None = None  #: since when nobody knows whether the partner has it
    attempts: int  #: tries that count against it
    tries: int  #: all tries, whoever was to blame
    reason: ReasonBody | None = None  #: why it stands so
    created_at: datetime  #: when it was made
    due_at: datetime  #: when it was, or will be, tried next
    settled_at: datetime | None = None  #: when it was delivered, stopped or ended
    files_pending: int = 0  #: files that are still to be fetched before it goes
    files: tuple[AwaitedFileBody, ...] = ()  #: these files
    skips: tuple[str, ...] = ()  #: ids of earlier deliveries that were left out before it
    out_of_order: bool = False  #: whether it went ahead of an older one
    code: str = ""  #: the dossier's first code; in a list only
    history: tuple[AttemptBody, ...] = ()  #: its tries; when one delivery is asked for


class DeliveriesBody(Struct, frozen=True, kw_only=True):
    """Deliveries, the newest first."""

    items: tuple[DeliveryBody, ...]  #: the deliveries


class ActBody(Body, frozen=True, kw_only=True):
    """What a person did: who, when, what, to what, and why in their own words."""

    id: str  #: the act's id
    at: datetime  #: when it was done
    actor: str  #: who did it
    key_id: str = ""  #: by which key
    verb: str  #: what was done: a stable code
    text: str  #: what was done, in words
    target_kind: str  #: delivery, dossier, system, proposal, replay, reconciliation, configuration, other (a newer one)
    target: str  #: its id
    dossier_id: str = ""  #: the dossier whose timeline shows it
    reason: str  #: why, in the person's own words
    facts: dict[str, str] = {}  #: what belongs to it, by name; never personal data


class TimelineBody(Struct, frozen=True, kw_only=True):
    """Everything that happened to a dossier and that the caller may see, oldest first; ``acts`` for operators only."""

    dossier: DossierBody  #: the dossier as it stands
    messages: tuple[MessageBody, ...]  #: what was stated about it
    deliveries: tuple[DeliveryBody, ...]  #: who was, or is to be, told
    attempts: tuple[AttemptBody, ...]  #: the tries
    acts: tuple[ActBody, ...] = ()  #: what people did


class NameBody(Struct, frozen=True, kw_only=True):
    """A name for people."""

    vi: str  #: in Vietnamese
    en: str  #: in English


class KeyBody(Body, frozen=True, kw_only=True):
    """An API key; its text is shown once, when it is made."""

    id: str  #: names the key; not its text
    role: str  #: system or operator
    name: str  #: the system, or the person
    created_at: datetime | None = None  #: when it was made
    revoked_at: datetime | None = None  #: when it was revoked; left out while it works
    key: str | None = None  #: its text, once


class KeysBody(Struct, frozen=True, kw_only=True):
    """All API keys, oldest first."""

    items: tuple[KeyBody, ...]  #: the keys


class NewKeyBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to be made for a system or an operator."""

    name: str  #: id of the system, or the person's name
    role: str = "system"  #: system or operator


class HealthBody(Body, frozen=True, kw_only=True):
    """Whether the gateway can do its work."""

    status: str  #: live; of /readyz ready, or not ready
    missing: tuple[str, ...] = ()  #: the parts that do not work; ``put_back``: the database lacks what was kept in it
    pressure: tuple[str, ...] = ()  #: ``database``, ``space``, ``files``, ``backlog``: some is refused for now
