"""What the door of comparisons reads and answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gateway.core.shadowing import MOST
from gateway.ingress.ops_bodies import Asked

#: Deliveries that one question may leave out.
MOST_MATCHED = 50_000


class LoggedBody(Asked, frozen=True, kw_only=True):
    """What the way before has sent: when, about which dossier, and the body as text."""

    line: Annotated[int, Meta(ge=1)]
    time: datetime
    code: Annotated[str, Meta(min_length=1, max_length=100)]
    body: str


class CompareBody(Asked, frozen=True, kw_only=True):
    """A recorded log, or a part of it."""

    lines: Annotated[tuple[LoggedBody, ...], Meta(min_length=1, max_length=MOST)]


class ComparedBody(Struct, frozen=True, kw_only=True):
    """What a line comes to, and the places that differ; never what stands there."""

    line: int
    code: str
    likeness: str
    text: str
    delivery_id: str
    paths: tuple[str, ...]


class ComparisonBody(Struct, frozen=True, kw_only=True):
    """How many lines come to what, all that are not the same, and our deliveries that lines were compared with."""

    counts: dict[str, int]
    items: tuple[ComparedBody, ...]
    matched: tuple[str, ...] = ()


class RehearsedBody(Asked, frozen=True, kw_only=True):
    """From when to when a log reaches, and our deliveries that its lines were compared with."""

    since: datetime
    until: datetime
    matched: Annotated[tuple[str, ...], Meta(max_length=MOST_MATCHED)] = ()


class OursBody(Struct, frozen=True, kw_only=True):
    """A delivery of ours that was rehearsed, and that no line is like."""

    delivery_id: str
    code: str
    kind: str
    at: datetime


class OnlyOursBody(Struct, frozen=True, kw_only=True):
    """All of them, the oldest first; ``whole`` is false where older ones were not looked at."""

    items: tuple[OursBody, ...]
    whole: bool


class DoubleBody(Struct, frozen=True, kw_only=True):
    """A dossier that somebody beside the gateway sends, too, and what shows it."""

    delivery_id: str
    code: str
    procedure: str
    agency: str
    sign: str
    text: str
    at: datetime


class DoublesBody(Struct, frozen=True, kw_only=True):
    """All of them, the oldest first; ``whole`` is false where older ones were not looked at."""

    items: tuple[DoubleBody, ...]
    whole: bool
