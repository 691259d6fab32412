"""Fees and charges."""

from __future__ import annotations

from typing import Literal

from gateway.model.types.file import FileRef
from gateway.model.types.shapes import Code, Line, Moment, Money, PartialDate, Record

FeeState = Literal["due", "paid", "cancelled", "refunded"]


class Payer(Record, frozen=True, kw_only=True):
    """Who pays."""

    name: Line = ""
    tax_code: Code | None = None
    identity_number: Code | None = None


class Payee(Record, frozen=True, kw_only=True):
    """The account that is paid into."""

    account: Code | None = None
    bank_code: Code | None = None
    name: Line = ""


class Fee(Record, frozen=True, kw_only=True):
    """One fee, from its notice to its receipt."""

    id: Code | None = None
    code: Code | None = None
    name: Line = ""
    kind: Code | None = None
    amount: Money
    collect_at: Code | None = None  #: national table: 1 on receipt, 2 on supplement, 4 on return
    notice_no: Code | None = None
    decision_no: Code | None = None
    decision_date: PartialDate | None = None
    payer: Payer | None = None
    payee: Payee | None = None
    due_on: PartialDate | None = None
    state: FeeState | None = None
    paid_at: Moment | None = None
    transaction: Code | None = None
    lookup_code: Code | None = None
    receipt_file: FileRef | None = None
