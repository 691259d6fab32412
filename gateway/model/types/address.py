"""An address before and after the districts were abolished."""

from __future__ import annotations

from gateway.model.types.shapes import Code, Line, Record, WardCode


class Address(Record, frozen=True, kw_only=True):
    """Where somebody lives or is reached; no district since 01/07/2025."""

    use: Code | None = None  #: what it is for: permanent, temporary, contact, birthplace, …
    country: Code | None = None
    province: Code | None = None
    district: Code | None = None
    ward: WardCode | None = None
    detail: Line = ""
    whole: Line = ""
