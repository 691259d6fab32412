"""What the doors of queries read and answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Raw, Struct

from gateway.ingress.bodies import Body
from gateway.ingress.ops_bodies import Asked


class OfficerBody(Asked, frozen=True, kw_only=True):
    """On whose behalf a question is put; a system's key must give name, unit and code."""

    name: str = ""
    position: str = ""
    unit: str = ""
    officer_code: str = ""


class QueryBody(Asked, frozen=True, kw_only=True):
    """A question: what about, for whom, and why, in the officer's own words."""

    request: Annotated[dict[str, str], Meta(max_length=50)]
    officer: OfficerBody = OfficerBody()
    purpose: str = ""


class SourceBody(Struct, frozen=True, kw_only=True):
    """Who answered; ``test``: its sandbox did, so nothing in the answer is real."""

    system: str
    name: str
    test: bool


class AnswerBody(Struct, frozen=True, kw_only=True):
    """What a system answered; the gateway keeps nothing of it."""

    query_id: str
    operation: str
    source: SourceBody
    answered_at: datetime
    language: str
    answer: Raw


class QueryRecordBody(Body, frozen=True, kw_only=True):
    """Who asked what kind of thing, when and why, and how it ended; never about whom, never the answer."""

    id: str
    asked_at: datetime
    ended_at: datetime | None = None
    caller: str
    key_id: str = ""
    system: str
    operation: str
    officer: OfficerBody
    purpose: str
    state: str
    text: str
    reason: str = ""
    http_status: int | None = None
    duration_ms: float | None = None


class QueriesBody(Struct, frozen=True, kw_only=True):
    """Queries, the newest first; ask ``before`` the last one's id for more."""

    items: tuple[QueryRecordBody, ...]
