"""What the door of comparisons reads and answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gateway.core.shadowing import MOST
from gateway.ingress.ops_bodies import Asked


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
    """How many lines come to what, and all that are not the same."""

    counts: dict[str, int]
    items: tuple[ComparedBody, ...]
