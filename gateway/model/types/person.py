"""People and organisations of a dossier."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from gateway.model.types.address import Address
from gateway.model.types.coded import Coded
from gateway.model.types.shapes import Code, Line, PartialDate, Record

PartyType = Literal["citizen", "enterprise", "state_body", "organisation"]


class Name(Record, frozen=True, kw_only=True):
    """A name as a whole and, where known, in its parts."""

    whole: Line
    family: Line | None = None
    middle: Line | None = None
    given: Line | None = None


class Identity(Record, frozen=True, kw_only=True):
    """One identity paper."""

    type: Code | None = None
    number: Code
    issued_on: PartialDate | None = None
    issued_by: Line = ""


class Person(Record, frozen=True, kw_only=True):
    """A citizen, an enterprise or another organisation."""

    type: PartyType | None = None
    name: Name
    identities: Annotated[tuple[Identity, ...], Meta(max_length=20)] = ()
    account_id: Code | None = None
    vneid_verified: bool | None = None
    tax_code: Code | None = None
    birth_date: PartialDate | None = None
    gender: Coded | None = None
    ethnicity: Coded | None = None
    nationality: Coded | None = None
    phone: Line | None = None
    email: Line | None = None
    fax: Line | None = None
    addresses: Annotated[tuple[Address, ...], Meta(max_length=20)] = ()


class Submitter(Person, frozen=True, kw_only=True):
    """Who hands the dossier in, or acts for its owner, and by which relation."""

    relation: Coded | None = None


class Subject(Person, frozen=True, kw_only=True):
    """Whom the dossier is about beside its owner: the child, the deceased, the spouse."""

    role: Code
