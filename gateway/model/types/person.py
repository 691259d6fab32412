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

    whole: Line  #: the name as it is written
    family: Line | None = None  #: family name
    middle: Line | None = None  #: middle name
    given: Line | None = None  #: given name


class Identity(Record, frozen=True, kw_only=True):
    """One identity paper."""

    type: Code | None = None  #: which kind of paper; a code of the national table, kept as data
    number: Code  #: its number, such as the 12 digits of a citizen's identity card
    issued_on: PartialDate | None = None  #: day of issue
    issued_by: Line = ""  #: who issued it


class Person(Record, frozen=True, kw_only=True):
    """A citizen, an enterprise or another organisation."""

    type: PartyType | None = None  #: what kind of party it is
    name: Name  #: full name, of a person or of an organisation
    identities: Annotated[tuple[Identity, ...], Meta(max_length=20)] = ()  #: identity papers
    account_id: Code | None = None  #: id of the account that was logged in with
    vneid_verified: bool | None = None  #: whether that account was verified by VNeID
    tax_code: Code | None = None  #: number at the tax office: 10 digits, 13 of a branch, or a citizen's own 12
    birth_date: PartialDate | None = None  #: day of birth, as well as it is known
    gender: Coded | None = None  #: as the catalogue of its source has it
    ethnicity: Coded | None = None  #: as the catalogue of its source has it
    nationality: Coded | None = None  #: as the catalogue of its source has it
    phone: Line | None = None  #: telephone number
    email: Line | None = None  #: address for e-mail
    fax: Line | None = None  #: fax number
    addresses: Annotated[tuple[Address, ...], Meta(max_length=20)] = ()  #: where the party lives or is reached


class Submitter(Person, frozen=True, kw_only=True):
    """Who hands the dossier in, or acts for its owner, and by which relation."""

    relation: Coded | None = None  #: what the submitter is to the owner


class Subject(Person, frozen=True, kw_only=True):
    """Whom the dossier is about beside its owner: the child, the deceased, the spouse."""

    role: Code  #: what it is in the dossier: child, deceased, spouse, …
