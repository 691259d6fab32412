"""The administrative procedure."""

from __future__ import annotations

from gateway.model.types.shapes import Code, Line, Record


class Procedure(Record, frozen=True, kw_only=True):
    """Which procedure a dossier follows: the national code, and the province's own apart from it."""

    code: Code  #: national code, such as 1.001193
    local_code: Code | None = None  #: the province's own code, such as 1.001193.000.00.00.H52
    name: Line = ""  #: what the procedure is called
    service_code: Code | None = None  #: code of the public service
    field_code: Code | None = None  #: code of its field, such as G03-GD06
    field_name: Line = ""  #: what the field is called
    case: Line | None = None  #: which case of the procedure it is, in words
    process: Code | None = None  #: code of the process that it is worked by
    level: Code | None = None  #: level of the online service, such as 4 for all online
