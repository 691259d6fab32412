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
from gateway.model.types.shapes import Code, DossierCode, Moment, Note, Record, Summary, Text
from gateway.model.types.status import Closing, Status
from gateway.model.types.supplement import Supplement
from gateway.model.types.unit import Territory, Unit

Channel = Literal["counter", "online", "postal"]
RelationKind = Literal["part_of", "follows", "replaces"]
OnlinePayment = Literal["none", "online", "other"]


class Relation(Record, frozen=True, kw_only=True):
    """How this dossier belongs to another one."""

    kind: RelationKind  #: what this dossier is to the other one
    scheme: Code = "province"  #: who gave ``code``; the province where it is left out
    code: DossierCode  #: a code of the other dossier


class Dossier(Record, frozen=True, kw_only=True):
    """Everything that portal and ministries tell one another about an application."""

    code: DossierCode | None = None  #: the province's code, {agency}-{yyMMdd}-{number}, such as H52.12-261123-0001
    receipt_number: Code | None = None  #: number of the receipt that the citizen was handed
    relations: Annotated[tuple[Relation, ...], Meta(max_length=50)] = ()  #: other dossiers that this one belongs to
    origin: Code | None = None  #: where it was registered first; a code of the national table, kept as data
    channel: Channel | None = None  #: how the citizen handed it in
    submitted_via: Code | None = None  #: place of submission; a code of the national table, kept as data
    module: Code | None = None  #: the portal's module that it was handed in by
    procedure: Procedure  #: the administrative procedure that is applied for
    receiving_unit: Unit | None = None  #: the agency that receives it
    processing_unit: Unit | None = None  #: the agency that processes it
    registration_unit: Unit | None = None  #: the agency where the registration is made
    territory: Territory | None = None  #: the administrative territory that it belongs to
    owner: Person  #: whose dossier it is: the citizen or organisation entitled to the result
    submitter: Submitter | None = None  #: who hands it in, where that is not the owner
    representative: Submitter | None = None  #: who acts for the owner by authority
    subjects: Annotated[tuple[Subject, ...], Meta(max_length=100)] = ()  #: whom it is about beside the owner
    form: Form | None = None  #: the filled-in form
    summary: Summary = ""  #: what is applied for, in a sentence
    note: Note = ""  #: remarks
    other_info: Text = ""  #: anything else that partners are to know
    submitted_at: Moment | None = None  #: when the citizen handed it in
    received_at: Moment | None = None  #: when the agency received it
    due_at: Moment | None = None  #: when the result was promised
    processed_at: Moment | None = None  #: when processing ended
    returned_at: Moment | None = None  #: when the result was handed over
    refused_at: Moment | None = None  #: when it was refused
    return_note: Text = ""  #: how and where the result is fetched
    return_method: Code | None = None  #: how the result is to be returned; a code of the national table, kept as data
    return_address: Address | None = None  #: where the result is sent
    status: Status | None = None  #: as its source sees it
    closing: Closing | None = None  #: how it ended
    reason: Note = ""  #: why it was refused or stopped
    digitised: bool | None = None  #: whether it has digitised papers
    #: codes of the national databases that were looked up for it
    databases_used: Annotated[tuple[Code, ...], Meta(max_length=50)] = ()
    online_payment: OnlinePayment | None = None  #: whether and how fees may be paid online
    components: Annotated[tuple[Component, ...], Meta(max_length=200)] = ()  #: the papers that the procedure asks for
    other_papers: Annotated[tuple[Component, ...], Meta(max_length=200)] = ()  #: further papers that were handed in
    files: Files = ()  #: files that belong to no one paper
    fees: Annotated[tuple[Fee, ...], Meta(max_length=100)] = ()  #: fees and charges
    #: rounds of supplementing, the oldest first
    supplements: Annotated[tuple[Supplement, ...], Meta(max_length=100)] = ()
    results: Annotated[tuple[Result, ...], Meta(max_length=100)] = ()  #: the papers that were issued
    progress: Annotated[tuple[Progress, ...], Meta(max_length=500)] = ()  #: steps of processing, the oldest first
