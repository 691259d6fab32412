"""The nouns of a dossier: frozen structs that refuse unknown keys."""

from gateway.model.types.actor import Actor
from gateway.model.types.address import Address
from gateway.model.types.coded import Coded
from gateway.model.types.component import Component
from gateway.model.types.dossier import Dossier, Relation
from gateway.model.types.fee import Fee
from gateway.model.types.file import FileRef, Signature, file_link
from gateway.model.types.form import Form
from gateway.model.types.person import Identity, Name, Person, Subject, Submitter
from gateway.model.types.procedure import Procedure
from gateway.model.types.progress import Progress
from gateway.model.types.reference import SCHEMES, Reference, Scheme
from gateway.model.types.result import Register, Result
from gateway.model.types.shapes import Code, Key, Line, Moment, Money, Note, PartialDate, Record, Text
from gateway.model.types.status import CLOSING_ALLOWED, REASON_REQUIRED, STATUSES, SourceStatus, Status
from gateway.model.types.supplement import Supplement
from gateway.model.types.unit import Territory, Unit

__all__ = [
    "CLOSING_ALLOWED",
    "REASON_REQUIRED",
    "SCHEMES",
    "STATUSES",
    "Actor",
    "Address",
    "Code",
    "Coded",
    "Component",
    "Dossier",
    "Fee",
    "FileRef",
    "Form",
    "Identity",
    "Key",
    "Line",
    "Moment",
    "Money",
    "Name",
    "Note",
    "PartialDate",
    "Person",
    "Procedure",
    "Progress",
    "Record",
    "Reference",
    "Register",
    "Relation",
    "Result",
    "Scheme",
    "Signature",
    "SourceStatus",
    "Status",
    "Subject",
    "Submitter",
    "Supplement",
    "Territory",
    "Text",
    "Unit",
    "file_link",
]
