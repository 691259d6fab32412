"""What a driver offers for erasing by age; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from gateway.core.ids import DossierId, MessageId, SystemId
from gateway.core.retention import Mark, Trace


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """What stays of a message that was erased: its receipt."""

    dossier: DossierId
    accepted_at: datetime
    revision: int


class RetentionTable(Protocol):
    """What has ended, what is left of it, and what is left of what was erased."""

    def ended(self, before: datetime, after: Mark | None, limit: int) -> Sequence[Mark]:
        """Return dossiers that ended before this and are not erased, the oldest first, behind a mark."""
        ...

    def trace(self, dossier: DossierId, now: datetime) -> Trace:
        """Return what is kept of a dossier; whether a comparison touches it is not looked at."""
        ...

    def erase(self, dossier: DossierId, took_part: Collection[SystemId], now: datetime, rule: str) -> tuple[int, int]:
        """Erase a dossier; return of how many messages and deliveries."""
        ...

    def tombstone(self, message: MessageId) -> Tombstone | None:
        """Return what stays of an erased message."""
        ...
