"""Erasing by age in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.delivery import FINAL
from gateway.core.ids import GATEWAY, DossierId, MessageId, SystemId
from gateway.core.retention import Erased, Kept, Mark, Trace
from gateway.stores.memory.acts import MemoryActs
from gateway.stores.memory.attention import MemoryAttention
from gateway.stores.memory.deliveries import MemoryDeliveries
from gateway.stores.memory.dossiers import MemoryDossiers
from gateway.stores.memory.journal import Journal, Table
from gateway.stores.memory.messages import MemoryMessages
from gateway.stores.memory.proposals import MemoryProposals
from gateway.stores.memory.replays import MemoryReplays
from gateway.stores.memory.rounds import MemoryRounds
from gateway.stores.memory.uploads import MemoryUploads
from gateway.stores.retention_tables import Tombstone
from gateway.stores.rows import DeliveryRow, Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Where something of a dossier may lie."""

    acts: MemoryActs
    attention: MemoryAttention
    deliveries: MemoryDeliveries
    dossiers: MemoryDossiers
    messages: MemoryMessages
    proposals: MemoryProposals
    replays: MemoryReplays
    rounds: MemoryRounds
    uploads: MemoryUploads


class MemoryRetention:
    """``retention_tables.RetentionTable`` over the other tables."""

    def __init__(self, journal: Journal, tables: Tables) -> None:
        self._tables = tables
        self._tombstones = Table[MessageId, Tombstone](journal)

    def ended(self, before: datetime, after: Mark | None, limit: int) -> Sequence[Mark]:
        marks = sorted(
            (row.closed_at, row.id)
            for row in self._tables.dossiers.all()
            if row.closed_at is not None and row.closed_at < before and row.erased is None
        )
        return [mark for mark in marks if after is None or mark > after][:limit]

    def trace(self, dossier: DossierId, now: datetime) -> Trace:
        tables = self._tables
        row = tables.dossiers.get(dossier)
        messages = tables.messages.of_dossier(dossier)
        deliveries = self._deliveries(messages)
        moments = [
            *(stored.accepted_at for stored in messages),
            *(one.settled_at for one in deliveries if one.settled_at is not None),
            *(act.at for act in tables.acts.of_dossier(dossier)),
        ]
        blobs = [blob for stored in messages for blob in stored.draft.blobs]
        holds = {
            Kept.UNDECIDED: any(one.state not in FINAL or one.in_doubt_since is not None for one in deliveries),
            Kept.FILES: any(stored.draft.pending for stored in messages),
            Kept.ASKED: tables.rounds.is_open(dossier),
            Kept.PROPOSED: tables.proposals.any_open(dossier, now),
            Kept.REPLAYED: any(tables.replays.of_delivery(one.id) is not None for one in deliveries),
        }
        return Trace(
            dossier=dossier,
            ended_at=row.closed_at if row else None,
            last_at=max(moments, default=None),
            holds=frozenset(reason for reason, holds_it in holds.items() if holds_it),
            messages=len(messages),
            files=len(blobs),
            bytes=sum(blob.size for blob in blobs),
        )

    def _deliveries(self, messages: Sequence[Stored]) -> list[DeliveryRow]:
        return [row for stored in messages for row in self._tables.deliveries.of_message(stored.id)]

    def erase(self, dossier: DossierId, took_part: Collection[SystemId], now: datetime, rule: str) -> tuple[int, int]:
        tables = self._tables
        messages = tables.messages.erase(dossier)
        deliveries = self._deliveries(messages)
        for stored in messages:
            if stored.draft.source != GATEWAY:
                left = Tombstone(dossier=dossier, accepted_at=stored.accepted_at, revision=stored.revision)
                self._tombstones.put(stored.id, left)
        tables.deliveries.erase(deliveries)
        tables.uploads.erase(blob for stored in messages for blob in stored.draft.blobs)
        tables.attention.erase(dossier)
        tables.proposals.erase(dossier)
        tables.dossiers.erase(dossier, Erased(at=now, rule=rule), took_part)
        return len(messages), len(deliveries)

    def tombstone(self, message: MessageId) -> Tombstone | None:
        return self._tombstones.get(message)
