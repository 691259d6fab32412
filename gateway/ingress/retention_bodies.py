"""What erasing by age would do, as callers read it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class KeptBody(Struct, frozen=True, kw_only=True):
    """Why dossiers that ended long ago, or parked messages, stay, and how many do."""

    reason: str  #: why they stay: a stable code
    text: str  #: the same in words
    dossiers: int  #: how many stay


class RetentionBody(Struct, frozen=True, kw_only=True):
    """A page of what ended before the term; ``ended_first`` and ``ended_last`` are of the cases that would go.

    ``parked``: how many messages about codes that nobody has bound would go, too, the oldest from ``parked_first``.
    """

    days: int  #: how long ago they must have ended
    cases: int  #: cases that would go: dossiers that belong together
    dossiers: int  #: dossiers that would go
    messages: int  #: events that would go
    files: int  #: files that would go
    bytes: int  #: of these files
    ended_first: datetime | None = None  #: the oldest end
    ended_last: datetime | None = None  #: the newest end
    parked: int = 0  #: messages about unknown codes that would go
    parked_first: datetime | None = None  #: since when the oldest of them waits
    kept: tuple[KeptBody, ...] = ()  #: what stays, and why
    next: str = ""  #: ask with this ``cursor`` for more; empty at the end
