"""One door as ``/openapi.json`` describes it."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from gateway.ingress.errors import PROBLEM_TYPE

JSON = "application/json"
#: What reading a body may end in.
READING = (400, 408, 413, 415, 422)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    path: str
    method: str
    summary: str
    answer: type[Struct] | None = None
    status: int = 200
    sends: tuple[type[Struct], ...] = ()
    media: tuple[str, ...] = (JSON,)
    answers_as: tuple[str, ...] = (JSON,)
    others: tuple[tuple[int, type[Struct]], ...] = ()  #: further answers that are no problems, with their status
    parameters: tuple[str, ...] = ()  #: names in ``_PARAMETERS``
    problems: tuple[int, ...] = ()
    refuses_as: tuple[str, ...] = (PROBLEM_TYPE,)
    open: bool = False
