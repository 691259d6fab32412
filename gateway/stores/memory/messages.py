"""Messages in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from msgspec.structs import replace as changed

from gateway.core.ids import DossierId, FileId, MessageId, SystemId
from gateway.core.message import Blob, Code, Draft, Missed, PendingFile, Seen
from gateway.core.reason import Why
from gateway.stores.memory.journal import Journal, Table
from gateway.stores.rows import Stored


class MemoryMessages:
    """``message_tables.MessageTable`` in dictionaries."""

    def __init__(self, journal: Journal) -> None:
        self.stored = Table[MessageId, Stored](journal)
        self._order = Table[MessageId, int](journal)
        self._by_dossier = Table[DossierId, tuple[MessageId, ...]](journal)
        self._keys = Table[tuple[str, str, str | None], Seen](journal)
        self._parked = Table[MessageId, frozenset[Code]](journal)
        self._tried = Table[tuple[MessageId, FileId], datetime | None](journal)

    def add(self, stored: Stored) -> None:
        self.stored.put(stored.id, stored)
        self._order.put(stored.id, len(self._order))
        self._by_dossier.put(stored.dossier_id, (*self._ids(stored.dossier_id), stored.id))
        for file in stored.draft.pending:
            self._tried.put((stored.id, file.file_id), None)

    def _ids(self, dossier: DossierId) -> tuple[MessageId, ...]:
        return self._by_dossier.get(dossier) or ()

    def learn(self, messages: Iterable[MessageId]) -> None:
        """Need no warning: everything is at hand."""

    def get(self, message: MessageId) -> Stored | None:
        return self.stored.get(message)

    def of_dossier(self, dossier: DossierId) -> Sequence[Stored]:
        mine = sorted(self._ids(dossier), key=lambda message: self._order.get(message) or 0)
        return [stored for message in mine if (stored := self.stored.get(message))]

    def rehome(self, stored: Stored) -> None:
        before = self.stored.get(stored.id)
        if before is None:
            return
        left = tuple(other for other in self._ids(before.dossier_id) if other != stored.id)
        self._by_dossier.put(before.dossier_id, left)
        self._by_dossier.put(stored.dossier_id, (*self._ids(stored.dossier_id), stored.id))
        self.stored.put(stored.id, stored)

    def erase(self, dossier: DossierId) -> Sequence[Stored]:
        """Let go of a dossier's messages and return them; their keys, and their places, stay taken."""
        messages = self.of_dossier(dossier)
        for stored in messages:
            for file in stored.draft.pending:
                self._tried.drop((stored.id, file.file_id))
            self.stored.drop(stored.id)
            self._parked.drop(stored.id)
        self._by_dossier.drop(dossier)
        return messages

    def keyed(self, draft: Draft) -> Seen | None:
        return self._keys.get((draft.source, draft.operation, draft.dedup_key))

    def remember(self, draft: Draft, message: MessageId) -> None:
        self._keys.put((draft.source, draft.operation, draft.dedup_key), Seen(message, draft.digest))

    def last(self, source: SystemId, dossier: DossierId) -> Seen | None:
        said = [stored for stored in self.of_dossier(dossier) if stored.draft.source == source]
        return Seen(said[-1].id, said[-1].draft.digest) if said else None

    def park(self, message: MessageId, codes: Iterable[Code]) -> None:
        self._parked.put(message, frozenset(codes))

    def unpark(self, message: MessageId) -> None:
        self._parked.drop(message)

    def is_parked(self, message: MessageId) -> bool:
        return bool(self._parked.get(message))

    def parked(self, codes: Iterable[Code]) -> Sequence[MessageId]:
        wanted = set(codes)
        return [message for message, waits in self._parked.items() if waits & wanted]

    def all_parked(self) -> Sequence[Stored]:
        """Return what waits for a code."""
        return [stored for message in self._parked if (stored := self.stored.get(message))]

    def attach(self, message: MessageId, file: FileId, blob: Blob) -> bool:
        stored = self.stored.get(message)
        if stored is None or not self._tried.drop((message, file)):
            return False
        draft = stored.draft
        pending = tuple(item for item in draft.pending if item.file_id != file)
        missed = {other: why for other, why in stored.missed.items() if other != file}
        whole = replace(draft, pending=pending, blobs=(*draft.blobs, blob))
        self.stored.put(message, changed(stored, draft=whole, missed=missed))
        return True

    def miss(self, message: MessageId, file: FileId, missed: Missed) -> bool:
        stored = self.stored.get(message)
        if stored is None or (message, file) not in self._tried:
            return False
        self.stored.put(message, changed(stored, missed={**stored.missed, file: missed}))
        return True

    def tell(self, message: MessageId, why: Why) -> None:
        stored = self.stored.get(message)
        if stored is not None:
            self.stored.put(message, changed(stored, told=why))

    def forgo(self, message: MessageId) -> None:
        stored = self.stored.get(message)
        if stored is None:
            return
        for file in stored.draft.pending:
            self._tried.drop((message, file.file_id))
        self.stored.put(message, changed(stored, draft=replace(stored.draft, pending=()), missed={}))

    def fetches(self, limit: int, now: datetime) -> Sequence[tuple[MessageId, PendingFile]]:
        waiting = sorted(self._tried.items(), key=lambda item: (item[1] is not None, item[1] or now))[:limit]
        for key, _ in waiting:
            self._tried.put(key, now)
        return [(message, self._file(message, file)) for (message, file), _ in waiting]

    def _file(self, message: MessageId, file: FileId) -> PendingFile:
        stored = self.stored.get(message)
        pending = stored.draft.pending if stored else ()
        return next(item for item in pending if item.file_id == file)
