"""The bodies of events that are not a noun of the dossier by themselves."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from gateway.model.types.component import Component
from gateway.model.types.fee import Fee
from gateway.model.types.form import Form
from gateway.model.types.person import Submitter
from gateway.model.types.reference import References
from gateway.model.types.shapes import Choice, Code, Key, Line, Moment, Note, PartialDate, Record
from gateway.model.types.status import Closing, SourceStatus, Status
from gateway.model.types.unit import Unit


class AmendmentRequest(Record, frozen=True, kw_only=True):
    """A system asks the portal to change the dossier; ``fields`` are dotted paths of it."""

    reason: Note
    fields: Annotated[tuple[Line, ...], Meta(max_length=100)] = ()
    respond_by: Moment | None = None


class Transfer(Record, frozen=True, kw_only=True):
    """The dossier goes on at another agency."""

    from_unit: Unit | None = None
    to_unit: Unit
    reason: Note = ""
    transferred_at: Moment | None = None


class Assignment(Record, frozen=True, kw_only=True):
    """Codes that somebody gave to the dossier."""

    references: Annotated[References, Meta(min_length=1)]


class StatusChange(Choice, frozen=True, kw_only=True):
    """The dossier's status at the system that says so: a national number, the source's own words, or both."""

    one_of: ClassVar[tuple[str, ...]] = ("status", "source_status")

    status: Status | None = None
    source_status: SourceStatus | None = None
    reason: Note = ""
    closing: Closing | None = None
    due_at: Moment | None = None
    unit: Unit | None = None


class DeadlineChange(Record, frozen=True, kw_only=True):
    """The promised day moves, stands still, or counts again."""

    action: Literal["extend", "pause", "resume"]
    due_before: Moment | None = None
    due_at: Moment | None = None
    reason: Note = ""


class SupplementAnswer(Record, frozen=True, kw_only=True):
    """What the citizen hands in for a supplement request."""

    id: Code | None = None
    content: Note = ""
    submitted_at: Moment | None = None
    papers: Annotated[tuple[Component, ...], Meta(max_length=200)] = ()
    form: Form | None = None


class SupplementClosure(Record, frozen=True, kw_only=True):
    """How a round of supplementing ended."""

    id: Code | None = None
    result: Literal["accepted", "insufficient", "expired"]
    reason: Note = ""
    due_after: Moment | None = None


class Withdrawal(Record, frozen=True, kw_only=True):
    """A withdrawal that is asked for, accepted or refused."""

    reason: Note = ""
    requested_by: Submitter | None = None
    requested_at: Moment | None = None
    decided_at: Moment | None = None


class FeePayment(Fee, frozen=True, kw_only=True):
    """A fee that was paid, cancelled or paid back, and why."""

    reason: Note = ""


class Revocation(Record, frozen=True, kw_only=True):
    """A result that is no longer valid."""

    id: Code
    number: Code | None = None
    reason: Note
    revoked_on: PartialDate | None = None


class Dispute(Record, frozen=True, kw_only=True):
    """The citizen says that a result is wrong."""

    id: Code
    number: Code | None = None
    reason: Note


class Return(Record, frozen=True, kw_only=True):
    """A result was handed over, or came back."""

    id: Code | None = None
    returned_at: Moment | None = None
    method: Code | None = None
    receiver: Line | None = None
    note: Note = ""


class RelayNews(Record, frozen=True, kw_only=True):
    """How far one event has come on its way to one system."""

    system: Code
    delivery_id: Key | None = None
    event_id: Key | None = None
    event_kind: Code | None = None
    reason: Code | None = None
    words: Note = ""
    partner_code: Code | None = None
    next_try: Moment | None = None


class Unmatched(Record, frozen=True, kw_only=True):
    """Somebody spoke of a dossier that nobody knows."""

    event_id: Key | None = None
    event_kind: Code | None = None
    references: References = ()
    reason: Code | None = None
