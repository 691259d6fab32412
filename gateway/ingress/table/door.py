"""One door, and how doors are hung."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import KW_ONLY, dataclass
from typing import TypeAlias

from aiohttp import web
from msgspec import Struct

from gateway.ingress.doors import visit_of
from gateway.ingress.errors import PROBLEM_TYPE, Told, response_of
from gateway.ingress.parameters import Parameter
from gateway.model.names import NATIONAL_MEDIA_TYPE

_OPERATORS = ("/v1/ops/", "/metrics")
JSON = "application/json"
XML = "text/xml"
ANY = "*/*"
#: In an application, which of its routes is which door.
TABLE = web.AppKey("table", dict[web.AbstractRoute, "Door"])
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


Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refuse: TypeAlias = Callable[[web.Request, Told], web.Response]


def with_problem(request: web.Request, told: Told) -> web.Response:
    """Refuse as most doors do: by a problem, in the caller's language."""
    visit = visit_of(request)
    visit.refusal = told.problem.code
    return response_of(told, visit.language)


@dataclass(frozen=True, slots=True)
class Door:
    """One method of one path: who answers there, who may come, and what ``/openapi.json`` says of it."""

    at: str  #: ``GET /v1/files/{id}``; a part with a pattern may hold ``/``, and ``*`` is any method
    handler: Handler
    summary: str
    _: KW_ONLY
    tag: str = ""  #: under which it is described; empty where its path says it
    answer: type[Struct] | None = None
    status: int = 200
    sends: tuple[type[Struct], ...] = ()
    media: tuple[str, ...] = (JSON,)
    answers_as: tuple[str, ...] = (JSON,)
    others: tuple[tuple[int, type[Struct]], ...] = ()  #: further answers that are no problems, with their status
    parameters: tuple[Parameter, ...] = ()
    headers: tuple[str, ...] = ()  #: of its successes; names in ``openapi_parameters``
    problems: tuple[str, ...] = ()  #: codes in ``problems``, beside ``KEYED``
    refuse: Refuse = with_problem
    refuses_as: tuple[str, ...] = (PROBLEM_TYPE,)
    open: bool = False  #: asks nobody for a key

    @property
    def method(self) -> str:
        """Return the method, in capitals."""
        return self.at.partition(" ")[0]

    @property
    def path(self) -> str:
        """Return the path without patterns: ``/v1/dossiers/{code}``."""
        return re.sub(r":[^}]+", "", self.at.partition(" ")[2])

    @property
    def is_operators(self) -> bool:
        """Whether only operators may come: the path says it, so that nobody can forget to."""
        return self.path.startswith(_OPERATORS)


def hang(app: web.Application, doors: Iterable[Door]) -> dict[web.AbstractRoute, Door]:
    """Let an application answer at these doors, and return which of its routes is which.

    A door that takes the rest of a path comes last: ``/v1/dossiers/{code}/timeline`` is no dossier's code.
    """
    placed = sorted(doors, key=lambda door: door.at.endswith(":.+}"))
    return {_route(app, door): door for door in placed}


def _route(app: web.Application, door: Door) -> web.AbstractRoute:
    return app.router.add_route(door.method, door.at.partition(" ")[2], door.handler, expect_handler=_wait)


async def _wait(_request: web.Request) -> None:
    """Call for no body yet that its caller holds back (``Expect``): whose it is, and how large, is judged before."""
