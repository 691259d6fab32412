"""What erasing by age would do, as callers read it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class KeptBody(Struct, frozen=True, kw_only=True):
    """Why dossiers that ended long ago, or parked messages, stay, and how many do."""

    reason: str
    text: str
    dossiers: int


class RetentionBody(Struct, frozen=True, kw_only=True):
    """A page of what ended before the term; ``ended_first`` and ``ended_last`` are of the cases that would go.

    ``parked``: how many messages about codes that nobody has bound would go, too, the oldest from ``parked_first``.
    """

    days: int
    cases: int
    dossiers: int
    messages: int
    files: int
    bytes: int
    ended_first: datetime | None = None
    ended_last: datetime | None = None
    parked: int = 0
    parked_first: datetime | None = None
    kept: tuple[KeptBody, ...] = ()
    next: str = ""
