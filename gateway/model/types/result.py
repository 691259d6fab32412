"""The legal result of a procedure."""

from __future__ import annotations

from gateway.model.types.file import Files, Signature
from gateway.model.types.form import Form
from gateway.model.types.shapes import Code, Line, Note, PartialDate, Record
from gateway.model.types.unit import Unit


class Register(Record, frozen=True, kw_only=True):
    """Where the result stands in a register of civil status."""

    number: Code | None = None  #: number of the entry
    book: Code | None = None  #: the volume
    page: Code | None = None  #: on which page of the volume


class Result(Record, frozen=True, kw_only=True):
    """One paper that was issued."""

    id: Code | None = None  #: its source's own id of the paper; later events name it by this
    code: Code | None = None  #: code of the kind of paper, such as KQ.G15.000031
    name: Line = ""  #: what the paper is called
    number: Code | None = None  #: number and symbol on the paper
    register: Register | None = None  #: where it stands in the register
    issued_on: PartialDate | None = None  #: day of issue
    issuer: Unit | None = None  #: the agency that issued it
    signer: Line | None = None  #: who signed it
    position: Line | None = None  #: the signer's post
    valid_until: PartialDate | None = None  #: the last day on which it is valid
    data: Form | None = None  #: its contents as data
    files: Files = ()  #: the paper as files
    #: id of the paper that this one takes the place of; required where a result is corrected
    replaces: Code | None = None
    reason: Note = ""  #: why it was corrected
    signature: Signature | None = None  #: what is known of its digital signature
