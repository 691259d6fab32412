"""The dossier: one application of a citizen or an enterprise, whole."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from gateway.model.types.address import Address
from gateway.model.types.component import Component
from gateway.model.types.fee import Fee
from gateway.model.types.file import Files
from gateway.model.types.form import Form
from gateway.model.types.person import Person, Subject, Submitter
from gateway.model.types.procedure import Procedure
from gateway.model.types.progress import Progress
from gateway.model.types.result import Result
from gateway.model.types.shapes import Code, Moment, Note, Record, Summary, Text
from gateway.model.types.status import Closing, Status
from gateway.model.types.supplement import Supplement
from gateway.model.types.unit import Territory, Unit

Channel = Literal["counter", "online", "postal"]
RelationKind = Literal["part_of", "follows", "replaces"]
OnlinePayment = Literal["none", "online", "other"]


class Relation(Record, frozen=True, kw_only=True):
    """How this dossier belongs to another one."""

    kind: RelationKind
    scheme: Code = "province"
    code: Code


class Dossier(Record, frozen=True, kw_only=True):
    """Everything that portal and ministries tell one another about an application."""

    code: Code | None = None
    receipt_number: Code | None = None
    relations: Annotated[tuple[Relation, ...], Meta(max_length=50)] = ()
    origin: Code | None = None
    channel: Channel | None = None
    submitted_via: Code | None = None
    module: Code | None = None
    procedure: Procedure
    receiving_unit: Unit | None = None
    processing_unit: Unit | None = None
    registration_unit: Unit | None = None
    territory: Territory | None = None
    owner: Person
    submitter: Submitter | None = None
    representative: Submitter | None = None
    subjects: Annotated[tuple[Subject, ...], Meta(max_length=100)] = ()
    form: Form | None = None
    summary: Summary = ""
    note: Note = ""
    other_info: Text = ""
    submitted_at: Moment | None = None
    received_at: Moment | None = None
    due_at: Moment | None = None
    processed_at: Moment | None = None
    returned_at: Moment | None = None
    refused_at: Moment | None = None
    return_note: Text = ""
    return_method: Code | None = None
    return_address: Address | None = None
    status: Status | None = None
    closing: Closing | None = None
    reason: Note = ""
    digitised: bool | None = None
    databases_used: Annotated[tuple[Code, ...], Meta(max_length=50)] = ()
    online_payment: OnlinePayment | None = None
    components: Annotated[tuple[Component, ...], Meta(max_length=200)] = ()
    other_papers: Annotated[tuple[Component, ...], Meta(max_length=200)] = ()
    files: Files = ()
    fees: Annotated[tuple[Fee, ...], Meta(max_length=100)] = ()
    supplements: Annotated[tuple[Supplement, ...], Meta(max_length=100)] = ()
    results: Annotated[tuple[Result, ...], Meta(max_length=100)] = ()
    progress: Annotated[tuple[Progress, ...], Meta(max_length=500)] = ()
