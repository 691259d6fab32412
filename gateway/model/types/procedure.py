"""The administrative procedure."""

from __future__ import annotations

from gateway.model.types.shapes import Code, Line, Record


class Procedure(Record, frozen=True, kw_only=True):
    """Which procedure a dossier follows: the national code, and the province's own apart from it."""

    code: Code
    local_code: Code | None = None
    name: Line = ""
    service_code: Code | None = None
    field_code: Code | None = None
    field_name: Line = ""
    case: Line | None = None
    process: Code | None = None
    level: Code | None = None
