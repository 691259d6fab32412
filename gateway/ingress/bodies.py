"""What the REST doors answer with: the shapes that ``/openapi.json`` is made from."""

from __future__ import annotations

from datetime import datetime

from msgspec import Raw, Struct


class Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reply: what is not known is left out."""


class TextBody(Body, frozen=True, kw_only=True):
    """A code for machines and a sentence for people."""

    code: str
    text: str


class FaultBody(Body, frozen=True, kw_only=True):
    """One thing wrong in what was sent; never repeats the value."""

    path: str
    code: str
    message: str
    expected: str = ""


class ProblemBody(Body, frozen=True, kw_only=True, omit_defaults=True):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = ""
    code: str
    errors: tuple[FaultBody, ...] = ()
    revision: int | None = None
    earliest: str | None = None
    allow: tuple[str, ...] = ()
    matches: tuple[CodeBody, ...] = ()
    query_id: str = ""


class CodeBody(Body, frozen=True, kw_only=True):
    """One code of a dossier and who gave it."""

    scheme: str
    code: str


class ReceiptBody(Struct, frozen=True, kw_only=True):
    """The promise: this is durable."""

    message_id: str
    dossier_id: str
    revision: int
    accepted_at: datetime
    deliveries: tuple[str, ...]
    duplicate: bool
    matched: bool
    files: str
    warnings: tuple[TextBody, ...]


class ItemBody(Body, frozen=True, kw_only=True):
    """What became of one item of a batch: a receipt or a problem."""

    status: int
    receipt: ReceiptBody | None = None
    problem: ProblemBody | None = None


class BatchBody(Body, frozen=True, kw_only=True, omit_defaults=False):
    """What became of a batch, in the order of its items."""

    accepted: int
    refused: int
    items: tuple[ItemBody, ...]


class FeedBody(Body, frozen=True, kw_only=True, omit_defaults=True):
    """A page of a feed; ask ``after`` its ``next`` to acknowledge it."""

    items: tuple[FeedItemBody, ...]
    next: str
    more: bool
    earliest: str
    warnings: tuple[TextBody, ...] = ()


class FeedItemBody(Struct, frozen=True, kw_only=True):
    """One event for the caller."""

    cursor: str
    delivery_id: str
    event: Raw


class FileBody(Struct, frozen=True, kw_only=True):
    """A stored file; events name it by ``id``."""

    id: str
    href: str
    name: str
    media_type: str
    size: int
    sha256: str


class ReasonBody(Body, frozen=True, kw_only=True):
    """Why something did not simply go through, and the partner's own words."""

    code: str
    text: str = ""
    words: str = ""


class StatusBody(Body, frozen=True, kw_only=True):
    """The last status that one system stated."""

    system: str
    status: int | None
    table: str = ""
    code: str = ""
    text: str = ""
    closing: str = ""
    occurred_at: datetime | None = None
    accepted_at: datetime
    message_id: str


class DeadlineBody(Body, frozen=True, kw_only=True):
    """How a due date stands, in working days; while paused, and once closed, as it stood then."""

    outlook: str
    text: str
    due_at: datetime
    days_left: int
    days_over: int
    paused_at: datetime | None = None


class RelatedBody(Body, frozen=True, kw_only=True):
    """A dossier at the other end of a chain."""

    step: str
    id: str
    codes: tuple[CodeBody, ...] = ()
    procedure: str = ""
    message_id: str
    statuses: tuple[StatusBody, ...] = ()


class ErasedBody(Struct, frozen=True, kw_only=True):
    """When what was kept of a dossier was erased by age, and by which rule; not when, where something came since."""

    at: datetime | None
    rule: str


class DossierBody(Body, frozen=True, kw_only=True):
    """A dossier as the gateway knows it."""

    id: str
    source: str
    revision: int
    created_at: datetime
    codes: tuple[CodeBody, ...] = ()
    procedure: str = ""
    agency: str = ""
    participants: tuple[str, ...] = ()
    statuses: tuple[StatusBody, ...] = ()
    deadline: DeadlineBody | None = None
    follows: RelatedBody | None = None
    followers: tuple[RelatedBody, ...] = ()
    erased: ErasedBody | None = None
    dossier: Raw | None = None


class DossiersBody(Struct, frozen=True, kw_only=True):
    """The dossiers that have a code."""

    items: tuple[DossierBody, ...]


class StatedBody(Body, frozen=True, kw_only=True):
    """The status that one event states: the national number, beside the words and code of its source."""

    status: int | None
    table: str = ""
    code: str = ""
    text: str = ""
    closing: str = ""


class MessageBody(Body, frozen=True, kw_only=True):
    """An accepted event."""

    id: str
    kind: str
    source: str
    revision: int
    accepted_at: datetime
    occurred_at: datetime | None = None
    source_event_id: str = ""
    causation_id: str | None = None
    stated: StatedBody | None = None
    anomalies: tuple[str, ...] = ()
    test: bool = False


class AttemptBody(Body, frozen=True, kw_only=True):
    """One try of a delivery."""

    number: int
    delivery_id: str
    at: datetime
    step: str
    outcome: str
    duration_ms: int
    reason: ReasonBody | None = None
    http_status: int | None = None
    trace_id: str = ""
    proof: dict[str, str] = {}


class DeliveryBody(Body, frozen=True, kw_only=True):
    """One message to one system, and how far it has come."""

    id: str
    message_id: str
    dossier_id: str
    kind: str
    source: str
    destination: str
    lane_seq: int
    state: str
    in_doubt_since: datetime | None = None
    attempts: int
    tries: int
    reason: ReasonBody | None = None
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None = None
    files_pending: int = 0
    skips: tuple[str, ...] = ()
    out_of_order: bool = False
    code: str = ""  #: the dossier's first code; in a list only
    history: tuple[AttemptBody, ...] = ()


class DeliveriesBody(Struct, frozen=True, kw_only=True):
    """Deliveries, the newest first."""

    items: tuple[DeliveryBody, ...]


class ActBody(Body, frozen=True, kw_only=True):
    """What a person did: who, when, what, to what, and why in their own words."""

    id: str
    at: datetime
    actor: str
    key_id: str = ""
    verb: str
    text: str
    target_kind: str
    target: str
    dossier_id: str = ""
    reason: str
    facts: dict[str, str] = {}


class TimelineBody(Struct, frozen=True, kw_only=True):
    """Everything that happened to a dossier and that the caller may see, oldest first; ``acts`` for operators only."""

    dossier: DossierBody
    messages: tuple[MessageBody, ...]
    deliveries: tuple[DeliveryBody, ...]
    attempts: tuple[AttemptBody, ...]
    acts: tuple[ActBody, ...] = ()


class NameBody(Struct, frozen=True, kw_only=True):
    """A name for people."""

    vi: str
    en: str


class KeyBody(Body, frozen=True, kw_only=True):
    """An API key; its text is shown once, when it is made."""

    id: str
    role: str
    name: str
    created_at: datetime | None = None
    revoked_at: datetime | None = None
    key: str | None = None


class KeysBody(Struct, frozen=True, kw_only=True):
    """All API keys, oldest first."""

    items: tuple[KeyBody, ...]


class NewKeyBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to be made for a system or an operator."""

    name: str
    role: str = "system"


class HealthBody(Body, frozen=True, kw_only=True):
    """Whether the gateway can do its work."""

    status: str
    missing: tuple[str, ...] = ()
    pressure: tuple[str, ...] = ()  #: ``space``, ``backlog``: some of what is new is refused for now
