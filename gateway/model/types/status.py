"""The national status table (TrangThaiHoSo); belongs to a dossier at one system, never to a dossier as such."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta

from gateway.model.types.shapes import Code, Line, Record

Status = Annotated[int, Meta(ge=1, le=10, description="national status, 1 to 10")]
Closing = Literal["granted", "refused", "returned", "withdrawn"]

#: Number to stable English name; what people read is ``texts``' ``status.<number>``.
STATUSES: Mapping[int, str] = MappingProxyType(
    {
        1: "submitted",
        2: "received",
        3: "not_received",
        4: "in_progress",
        5: "awaiting_supplement",
        6: "awaiting_payment",
        7: "withdrawal_requested",
        8: "stopped",
        9: "completed",
        10: "result_returned",
    }
)
REASON_REQUIRED = frozenset({3, 8})
CLOSING_ALLOWED = frozenset({9, 10})


class SourceStatus(Record, frozen=True, kw_only=True):
    """A status verbatim, as its source put it; a code that no table of ours knows is kept all the same."""

    table: Code | None = None  #: the table that the code is of
    code: Code | None = None  #: the source's own code
    text: Line = ""  #: the source's own words
