"""What the doors of queries read and answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Raw, Struct

from gateway.ingress.bodies import Body
from gateway.ingress.ops_bodies import Asked


class OfficerBody(Asked, frozen=True, kw_only=True):
    """On whose behalf a question is put; a system's key must give name, unit and code."""

    name: str = ""  #: full name
    position: str = ""  #: post or title
    unit: str = ""  #: the officer's agency
    officer_code: str = ""  #: the agency's code for the officer


class QueryBody(Asked, frozen=True, kw_only=True):
    """A question: what about, for whom, and why, in the officer's own words."""

    #: what is asked about, under the names of the system's file
    request: Annotated[dict[str, str], Meta(max_length=50)]
    officer: OfficerBody = OfficerBody()  #: on whose behalf
    purpose: str = ""  #: why, 1 to 500 characters


class SourceBody(Struct, frozen=True, kw_only=True):
    """Who answered; ``test``: its sandbox did, so nothing in the answer is real."""

    system: str  #: the system's id
    name: str  #: what it is called
    test: bool  #: whether its sandbox answered


class AnswerBody(Struct, frozen=True, kw_only=True):
    """What a system answered; the gateway keeps nothing of it."""

    query_id: str  #: under which the query is kept
    operation: str  #: which question it was
    source: SourceBody  #: who answered
    answered_at: datetime  #: when the answer came
    language: str  #: of the texts in ``answer``
    answer: Raw  #: what the system told, under the names of its file


class QueryRecordBody(Body, frozen=True, kw_only=True):
    """Who asked what kind of thing, when and why, and how it ended; never about whom, never the answer."""

    id: str  #: the query's id
    asked_at: datetime  #: when it was asked
    ended_at: datetime | None = None  #: when it ended
    caller: str  #: whose key it was asked with
    key_id: str = ""  #: by which key
    system: str  #: who was asked
    operation: str  #: which question it was
    officer: OfficerBody  #: on whose behalf
    purpose: str  #: why, in the officer's own words
    state: str  #: asked, answered, none, refused, failed, timed_out
    text: str  #: the state in words
    reason: str = ""  #: why there was no answer: a stable code
    http_status: int | None = None  #: what the system answered over HTTP
    duration_ms: float | None = None  #: how long it took, milliseconds


class QueriesBody(Struct, frozen=True, kw_only=True):
    """Queries, the newest first; ask ``before`` the last one's id for more."""

    items: tuple[QueryRecordBody, ...]  #: the queries
