"""The legal result of a procedure."""

from __future__ import annotations

from gateway.model.types.file import Files, Signature
from gateway.model.types.form import Form
from gateway.model.types.shapes import Code, Line, Note, PartialDate, Record
from gateway.model.types.unit import Unit


class Register(Record, frozen=True, kw_only=True):
    """Where the result stands in a register of civil status."""

    number: Code | None = None
    book: Code | None = None
    page: Code | None = None


class Result(Record, frozen=True, kw_only=True):
    """One paper that was issued."""

    id: Code | None = None
    code: Code | None = None
    name: Line = ""
    number: Code | None = None
    register: Register | None = None
    issued_on: PartialDate | None = None
    issuer: Unit | None = None
    signer: Line | None = None
    position: Line | None = None
    valid_until: PartialDate | None = None
    data: Form | None = None
    files: Files = ()
    replaces: Code | None = None
    reason: Note = ""
    signature: Signature | None = None
