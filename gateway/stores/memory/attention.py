"""The attention list in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from gateway.core.attention import MOST, UNREAD, UNSENT, Cause, Episode
from gateway.core.delivery import FINAL, HEADS, State
from gateway.core.files import LASTING
from gateway.core.ids import DossierId, SystemId
from gateway.stores.attention_tables import Found, Pile
from gateway.stores.memory.deliveries import MemoryDeliveries
from gateway.stores.memory.journal import Journal, Table
from gateway.stores.memory.messages import MemoryMessages
from gateway.stores.rows import DeliveryRow, Stored


class MemoryAttention:
    """``attention_tables.AttentionTable`` in dictionaries."""

    def __init__(self, journal: Journal, deliveries: MemoryDeliveries, messages: MemoryMessages) -> None:
        self._deliveries = deliveries
        self._messages = messages
        self._silences = Table[tuple[SystemId, DossierId], datetime | None](journal)
        self._episodes = Table[Cause, Episode](journal)

    def stopped(self, state: State) -> Sequence[Pile]:
        rows = [row for row in self._deliveries.rows.values() if row.state is state]
        return _piles(rows, lambda row: row.settled_at or row.created_at)

    def failing(self, tries: int) -> Sequence[Pile]:
        rows = [row for row in self._deliveries.rows.values() if row.state in HEADS and 0 < tries <= row.tries]
        return _piles(rows, _accepted)

    def served(self) -> Sequence[SystemId]:
        return sorted({row.destination for row in self._deliveries.rows.values() if row.state not in FINAL})

    def unsent(self, before: datetime, at: SystemId) -> Sequence[Pile]:
        rows = [row for row in self._deliveries.rows.values() if row.destination == at and row.state in HEADS]
        return _piles([row for row in rows if row.created_at <= before], _accepted, _waits)

    def unfetched(self, before: datetime) -> Sequence[Pile]:
        found: defaultdict[tuple[SystemId, str], list[Found]] = defaultdict(list)
        for stored in self._messages.stored.values():
            if any(row.state is State.WAITING for row in self._deliveries.of_message(stored.id)):
                for why in _lacks(stored, before):
                    found[stored.draft.source, why].append(Found(stored.dossier_id, None, stored.accepted_at))
        return [Pile(system=source, why=why, found=found[source, why][:MOST]) for source, why in sorted(found)]

    def expect(self, system: SystemId, dossier: DossierId) -> None:
        if (system, dossier) not in self._silences:
            self._silences.put((system, dossier), None)

    def taken(self, system: SystemId, dossier: DossierId, now: datetime) -> None:
        if (system, dossier) in self._silences:
            self._silences.put((system, dossier), now)

    def heard(self, system: SystemId, dossier: DossierId) -> None:
        self._silences.drop((system, dossier))

    def silent(self, system: SystemId, before: datetime) -> Sequence[Found]:
        mine = ((dossier, since) for (name, dossier), since in self._silences.items() if name == system)
        found = [Found(dossier, None, since) for dossier, since in mine if since is not None and since <= before]
        return sorted(found, key=lambda one: one.since)[:MOST]

    def erase(self, dossier: DossierId) -> None:
        """Expect nothing more about a dossier."""
        for key in self._silences:
            if key[1] == dossier:
                self._silences.drop(key)

    def episodes(self) -> Sequence[Episode]:
        return sorted(self._episodes.values(), key=lambda episode: episode.cause)

    def keep(self, episode: Episode) -> None:
        self._episodes.put(episode.cause, episode)

    def end(self, cause: Cause) -> None:
        self._episodes.drop(cause)


def _lacks(stored: Stored, before: datetime) -> frozenset[str]:
    """Return for which reasons its files need a person; the empty one where they have only not come in time."""
    lasting = LASTING & {missed.reason.code for missed in stored.missed.values()}
    return lasting or frozenset({""} if stored.draft.pending and stored.accepted_at <= before else ())


def _accepted(row: DeliveryRow) -> datetime:
    return row.created_at


def _reason(row: DeliveryRow) -> str:
    return str(row.reason.code) if row.reason else ""


def _waits(row: DeliveryRow) -> str:
    return _reason(row) or (UNREAD if row.feed else UNSENT)


def _piles(
    rows: Iterable[DeliveryRow],
    since: Callable[[DeliveryRow], datetime],
    why: Callable[[DeliveryRow], str] = _reason,
) -> Sequence[Pile]:
    found: defaultdict[tuple[SystemId, str], list[Found]] = defaultdict(list)
    for row in sorted(rows, key=since):
        found[row.destination, why(row)].append(Found(row.dossier_id, row.id, since(row)))
    return [Pile(system=system, why=reason, found=found[system, reason][:MOST]) for system, reason in sorted(found)]
