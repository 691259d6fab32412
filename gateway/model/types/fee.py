"""Fees and charges."""

from __future__ import annotations

from typing import Literal

from gateway.model.types.file import FileRef
from gateway.model.types.shapes import Code, Line, Moment, Money, PartialDate, Record

FeeState = Literal["due", "paid", "cancelled", "refunded"]


class Payer(Record, frozen=True, kw_only=True):
    """Who pays."""

    name: Line = ""  #: full name
    tax_code: Code | None = None  #: number at the tax office: 10 digits, 13 of a branch, or a citizen's own 12
    identity_number: Code | None = None  #: number of the identity paper


class Payee(Record, frozen=True, kw_only=True):
    """The account that is paid into."""

    account: Code | None = None  #: account number
    bank_code: Code | None = None  #: which bank, as its source codes it
    name: Line = ""  #: holder of the account


class Fee(Record, frozen=True, kw_only=True):
    """One fee, from its notice to its receipt."""

    id: Code | None = None  #: its source's own id of this fee
    code: Code | None = None  #: code of the fee in the catalogue
    name: Line = ""  #: what the fee is called
    kind: Code | None = None  #: fee (phí) or charge (lệ phí); a code of the national table, kept as data
    amount: Money  #: what is to be paid
    collect_at: Code | None = None  #: national table: 1 on receipt, 2 on supplement, 4 on return
    notice_no: Code | None = None  #: number of the tax notice
    decision_no: Code | None = None  #: number of the decision that sets it
    decision_date: PartialDate | None = None  #: day of that decision
    payer: Payer | None = None  #: who pays
    payee: Payee | None = None  #: the account that is paid into
    due_on: PartialDate | None = None  #: the last day to pay
    state: FeeState | None = None  #: how the payment stands
    paid_at: Moment | None = None  #: when it was paid
    transaction: Code | None = None  #: reference of the payment
    lookup_code: Code | None = None  #: code by which the payment is looked up
    receipt_file: FileRef | None = None  #: the receipt as a file
