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

    reason: Note  #: what has to be changed, and why
    #: dotted paths of the dossier, such as owner.birth_date
    fields: Annotated[tuple[Line, ...], Meta(max_length=100)] = ()
    respond_by: Moment | None = None  #: until when it is waited for


class Transfer(Record, frozen=True, kw_only=True):
    """The dossier goes on at another agency."""

    from_unit: Unit | None = None  #: the agency that hands it on
    to_unit: Unit  #: the agency that goes on with it
    reason: Note = ""  #: why it is handed on
    transferred_at: Moment | None = None  #: when it was handed on


class Assignment(Record, frozen=True, kw_only=True):
    """Codes that somebody gave to the dossier."""

    references: Annotated[References, Meta(min_length=1)]  #: the codes that were given


class StatusChange(Choice, frozen=True, kw_only=True):
    """The dossier's status at the system that says so: a national number, the source's own words, or both."""

    one_of: ClassVar[tuple[str, ...]] = ("status", "source_status")

    status: Status | None = None  #: the national number; left out where no number of the table fits
    source_status: SourceStatus | None = None  #: the status as the source itself puts it
    reason: Note = ""  #: why; required with status 3 and 8
    closing: Closing | None = None  #: how it ended; with status 9 or 10 only
    due_at: Moment | None = None  #: when the result is promised now
    unit: Unit | None = None  #: the agency that has it now


class DeadlineChange(Record, frozen=True, kw_only=True):
    """The promised day moves, stands still, or counts again."""

    action: Literal["extend", "pause", "resume"]  #: whether the day moves, stands still, or counts again
    due_before: Moment | None = None  #: when the result had been promised
    due_at: Moment | None = None  #: when it is promised now; required where the day moves
    reason: Note = ""  #: why


class SupplementAnswer(Record, frozen=True, kw_only=True):
    """What the citizen hands in for a supplement request."""

    id: Code | None = None  #: id of the round that is answered
    content: Note = ""  #: what is handed in, in words
    submitted_at: Moment | None = None  #: when the citizen handed it in
    papers: Annotated[tuple[Component, ...], Meta(max_length=200)] = ()  #: the papers that are handed in
    form: Form | None = None  #: the form, where it was filled in anew


class SupplementClosure(Record, frozen=True, kw_only=True):
    """How a round of supplementing ended."""

    id: Code | None = None  #: id of the round that has ended
    result: Literal["accepted", "insufficient", "expired"]  #: how it ended
    reason: Note = ""  #: why
    due_after: Moment | None = None  #: when the result is promised now


class Withdrawal(Record, frozen=True, kw_only=True):
    """A withdrawal that is asked for, accepted or refused."""

    reason: Note = ""  #: why; required where it is refused
    requested_by: Submitter | None = None  #: who asks
    requested_at: Moment | None = None  #: when it was asked for
    decided_at: Moment | None = None  #: when it was decided


class FeePayment(Fee, frozen=True, kw_only=True):
    """A fee that was paid, cancelled or paid back, and why."""

    reason: Note = ""  #: why it was cancelled or paid back


class Revocation(Record, frozen=True, kw_only=True):
    """A result that is no longer valid."""

    id: Code  #: id of the result, as it was issued
    number: Code | None = None  #: number and symbol on the paper
    reason: Note  #: why it is not valid any more
    revoked_on: PartialDate | None = None  #: from which day on


class Dispute(Record, frozen=True, kw_only=True):
    """The citizen says that a result is wrong."""

    id: Code  #: id of the result, as it was issued
    number: Code | None = None  #: number and symbol on the paper
    reason: Note  #: what is wrong with it


class Return(Record, frozen=True, kw_only=True):
    """A result was handed over, or came back."""

    id: Code | None = None  #: id of the result, as it was issued
    returned_at: Moment | None = None  #: when it was handed over, or came back
    method: Code | None = None  #: how it was returned; a code of the national table, kept as data
    receiver: Line | None = None  #: who took it
    note: Note = ""  #: remarks


class RelayNews(Record, frozen=True, kw_only=True):
    """How far one event has come on its way to one system."""

    system: Code  #: the system that the event is for
    delivery_id: Key | None = None  #: the delivery, for ``GET /v1/deliveries/{id}``
    event_id: Key | None = None  #: the event that is on its way
    event_kind: Code | None = None  #: the kind of that event
    reason: Code | None = None  #: why it was delayed, held, refused or cancelled: a stable code
    words: Note = ""  #: what that system answered, in its own words; of a file, what its host did
    partner_code: Code | None = None  #: the code that it answered with
    next_try: Moment | None = None  #: when it is sent again


class Unmatched(Record, frozen=True, kw_only=True):
    """Somebody spoke of a dossier that nobody knows."""

    event_id: Key | None = None  #: the event that speaks of it
    event_kind: Code | None = None  #: the kind of that event
    references: References = ()  #: the codes that it names
    reason: Code | None = None  #: why it could not be matched: a stable code
