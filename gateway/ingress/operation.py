"""One door as ``/openapi.json`` describes it."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from gateway.ingress.errors import PROBLEM_TYPE
from gateway.model.names import NATIONAL_MEDIA_TYPE

JSON = "application/json"
XML = "text/xml"
ANY = "*/*"
#: What states dossiers and events speaks English names, or national ones.
BOTH = (JSON, NATIONAL_MEDIA_TYPE)
#: Refusals (codes of ``problems``) of what asks for a key, whatever the door.
KEYED = (
    "parameter.invalid",
    "header.repeated",
    "key.missing",
    "key.invalid",
    "key.forbidden",
    "internal",
    "store.unavailable",
    "store.full",
    "gateway.not_ready",
    "gateway.busy",
)
#: What reading a body may end in.
READING = (
    "request.invalid",
    "body.incomplete",
    "body.timeout",
    "body.too_large",
    "media_type.unsupported",
    "encoding.unsupported",
)
#: The same where an operator says why something is done.
REASONED = (*READING, "reason.invalid")


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
    parameters: tuple[str, ...] = ()  #: names in ``openapi_parameters``
    headers: tuple[str, ...] = ()  #: of its successes; names in ``openapi_parameters``
    problems: tuple[str, ...] = ()  #: codes in ``problems``, beside ``KEYED``
    refuses_as: tuple[str, ...] = (PROBLEM_TYPE,)
    open: bool = False
