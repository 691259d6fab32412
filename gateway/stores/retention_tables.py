"""What a driver offers for erasing by age; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from gateway.core.ids import DossierId, MessageId
from gateway.core.retention import Mark, Trace


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """What stays of a message that was erased: its receipt."""

    dossier: DossierId
    accepted_at: datetime
    revision: int


class RetentionTable(Protocol):
    """What has ended, what is left of it, and what is left of what was erased: of many dossiers at once."""

    def ended(self, before: datetime, after: Mark | None, limit: int) -> Sequence[Mark]:
        """Return what ended, or was parked, before this and is not erased, the oldest first, behind a mark."""
        ...

    def links(self, dossiers: Collection[DossierId]) -> Sequence[tuple[DossierId, DossierId]]:
        """Return what follows from what, of all that one of these is an end of, in the order begun."""
        ...

    def traces(self, dossiers: Collection[DossierId], now: datetime) -> Sequence[Trace]:
        """Return what is kept of those that are not erased; whether a comparison touches them is not looked at."""
        ...

    def erase(self, traces: Sequence[Trace], now: datetime, rule: str) -> None:
        """Erase dossiers, and parked messages: of these no row is left but the receipt."""
        ...

    def resume(self, dossier: DossierId) -> None:
        """Look at an erased dossier again: something came that is kept for a person, and has an age of its own."""
        ...

    def tombstone(self, message: MessageId) -> Tombstone | None:
        """Return what stays of an erased message."""
        ...
