"""An address before and after the districts were abolished."""

from __future__ import annotations

from gateway.model.types.shapes import Code, Line, Record, WardCode


class Address(Record, frozen=True, kw_only=True):
    """Where somebody lives or is reached; no district since 01/07/2025."""

    use: Code | None = None  #: what it is for: permanent, temporary, contact, birthplace, …
    country: Code | None = None  #: country code, such as VN
    province: Code | None = None  #: province code of the General Statistics Office, such as 14
    district: Code | None = None  #: code of the former district; only in papers from before 01/07/2025
    ward: WardCode | None = None  #: code of the commune or ward
    detail: Line = ""  #: house number, street, hamlet
    whole: Line = ""  #: the address in one line
