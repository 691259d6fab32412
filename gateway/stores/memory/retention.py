"""Erasing by age in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.delivery import FINAL, State
from gateway.core.ids import GATEWAY, OPERATORS, DossierId, MessageId
from gateway.core.reason import Why
from gateway.core.retention import Erased, Kept, Mark, Trace
from gateway.stores.memory.acts import MemoryActs
from gateway.stores.memory.attention import MemoryAttention
from gateway.stores.memory.chains import MemoryChains
from gateway.stores.memory.deliveries import MemoryDeliveries
from gateway.stores.memory.dossiers import MemoryDossiers
from gateway.stores.memory.journal import Journal, Table
from gateway.stores.memory.messages import MemoryMessages
from gateway.stores.memory.proposals import MemoryProposals
from gateway.stores.memory.replays import MemoryReplays
from gateway.stores.memory.rounds import MemoryRounds
from gateway.stores.memory.uploads import MemoryUploads
from gateway.stores.retention_tables import Tombstone
from gateway.stores.rows import DeliveryRow, DossierRow, Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Where something of a dossier may lie."""

    acts: MemoryActs
    attention: MemoryAttention
    chains: MemoryChains
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
        ended = ((row.closed_at, row.id) for row in self._tables.dossiers.all() if not _is_left(row))
        parked = ((stored.accepted_at, stored.dossier_id) for stored in self._tables.messages.all_parked())
        marks = sorted((at, home) for at, home in (*ended, *parked) if at is not None and at < before)
        return [mark for mark in marks if after is None or mark > after][:limit]

    def links(self, dossiers: Collection[DossierId]) -> Sequence[tuple[DossierId, DossierId]]:
        chains = self._tables.chains
        below = [(row.parent, row.dossier) for one in dossiers for row in chains.followers(one)]
        above = [(row.parent, row.dossier) for one in dossiers if (row := chains.origin(one)) is not None]
        return [*below, *above]

    def traces(self, dossiers: Collection[DossierId], now: datetime) -> Sequence[Trace]:
        rows = (self._tables.dossiers.get(dossier) for dossier in dossiers)
        found = [self._trace(row, now) for row in rows if row is not None and not _is_left(row)]
        parked = (stored for stored in self._tables.messages.all_parked() if stored.dossier_id in dossiers)
        return found + [self._trace(_as_row(stored), now, parked=stored.id) for stored in parked]

    def _trace(self, row: DossierRow, now: datetime, *, parked: MessageId | None = None) -> Trace:
        tables = self._tables
        messages = tables.messages.of_dossier(row.id)
        deliveries = self._deliveries(messages)
        moments = [
            *(stored.accepted_at for stored in messages),
            *(one.settled_at for one in deliveries if one.settled_at is not None),
            *(act.at for act in tables.acts.of_dossier(row.id)),
        ]
        blobs = [blob for stored in messages for blob in stored.draft.blobs]
        holds = {
            Kept.UNDECIDED: any(one.is_undecided and not (parked and _is_unmatched(one)) for one in deliveries),
            Kept.FILES: any(stored.draft.pending and self._is_open(stored) for stored in messages),
            Kept.AWAITED: parked is not None and tables.deliveries.undecided_before(row.source, parked),
            Kept.ASKED: tables.rounds.is_open(row.id),
            Kept.PROPOSED: tables.proposals.any_open(row.id, now),
            Kept.REPLAYED: any(tables.replays.of_delivery(one.id) is not None for one in deliveries),
        }
        destinations = {one.destination for one in tables.deliveries.of_dossier(row.id)} - {OPERATORS}
        return Trace(
            dossier=row.id,
            ended_at=row.closed_at,
            last_at=max(moments, default=None),
            holds=frozenset(reason for reason, holds_it in holds.items() if holds_it),
            took_part=frozenset({row.source, *row.adopted, *row.took_part, *destinations}),
            messages=len(messages),
            deliveries=len(deliveries),
            files=len(blobs),
            bytes=sum(blob.size for blob in blobs),
            parked=parked is not None,
        )

    def _is_open(self, stored: Stored) -> bool:
        return any(row.state not in FINAL for row in self._tables.deliveries.of_message(stored.id))

    def _deliveries(self, messages: Sequence[Stored]) -> list[DeliveryRow]:
        return [row for stored in messages for row in self._tables.deliveries.of_message(stored.id)]

    def erase(self, traces: Sequence[Trace], now: datetime, rule: str) -> None:
        for trace in traces:
            self._erase(trace, Erased(at=now, rule=rule))

    def _erase(self, trace: Trace, erased: Erased) -> None:
        tables, dossier = self._tables, trace.dossier
        messages = tables.messages.erase(dossier)
        for stored in messages:
            if stored.draft.source != GATEWAY:
                left = Tombstone(dossier=dossier, accepted_at=stored.accepted_at, revision=stored.revision)
                self._tombstones.put(stored.id, left)
        tables.deliveries.erase(self._deliveries(messages))
        tables.uploads.erase(blob for stored in messages for blob in stored.draft.blobs)
        tables.acts.erase(dossier)
        tables.attention.erase(dossier)
        tables.proposals.erase(dossier)
        tables.dossiers.erase(dossier, erased, trace.took_part)

    def resume(self, dossier: DossierId) -> None:
        self._tables.dossiers.resume(dossier)

    def tombstone(self, message: MessageId) -> Tombstone | None:
        return self._tombstones.get(message)


def _as_row(parked: Stored) -> DossierRow:
    """Return the dossier that a parked message is kept under, which has no row."""
    at = parked.accepted_at
    return DossierRow(id=parked.dossier_id, source=parked.draft.source, created_at=at, closed_at=at)


def _is_unmatched(row: DeliveryRow) -> bool:
    """Whether it waits for nothing but that somebody binds its code."""
    return row.state is State.HELD and row.reason is not None and row.reason.code is Why.UNMATCHED


def _is_left(row: DossierRow) -> bool:
    """Whether nothing but a mark is left of a dossier."""
    return row.erased is not None and row.erased.at is not None
