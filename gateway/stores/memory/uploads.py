"""Uploaded and attached files in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from gateway.core.ids import FileId, SystemId
from gateway.core.message import Blob
from gateway.stores.memory.deliveries import MemoryDeliveries
from gateway.stores.memory.dossiers import MemoryDossiers
from gateway.stores.memory.journal import Journal, Table
from gateway.stores.memory.messages import MemoryMessages
from gateway.stores.rows import Stored, Upload


class MemoryUploads:
    """``message_tables.UploadTable`` in dictionaries."""

    def __init__(
        self,
        journal: Journal,
        dossiers: MemoryDossiers,
        messages: MemoryMessages,
        deliveries: MemoryDeliveries,
    ) -> None:
        self._dossiers = dossiers
        self._messages = messages
        self._deliveries = deliveries
        self._uploads = Table[FileId, Upload](journal)

    def add(self, upload: Upload) -> None:
        self._uploads.put(upload.blob.file_id, upload)

    def get(self, file: FileId) -> Upload | None:
        return self._uploads.get(file)

    def attached(self, file: FileId, caller: SystemId | None, digest: str = "") -> Blob | None:
        for stored in self._messages.stored.values():
            for blob in stored.draft.blobs:
                is_it = blob.file_id == file and blob.sha256.startswith(digest)
                if is_it and (caller is None or caller in self._readers(stored)):
                    return blob
        return None

    def _readers(self, stored: Stored) -> Iterator[SystemId]:
        """Yield who may read a message's files: its source, its destinations, and who gets the snapshot it states."""
        yield stored.draft.source
        for row in self._deliveries.of_message(stored.id):
            yield row.destination
        if self._dossiers.stated_by(stored.dossier_id, stored.revision) != (stored.revision, stored.id):
            return
        for later in self._messages.of_dossier(stored.dossier_id):
            if later.revision >= stored.revision:
                for row in self._deliveries.of_message(later.id):
                    yield row.destination

    def kept(self, keys: Collection[str]) -> set[str]:
        uploaded = {upload.blob.key for upload in self._uploads.values()}
        return set(keys) & (uploaded | self._attached_keys())

    def _attached_keys(self) -> set[str]:
        return {blob.key for stored in self._messages.stored.values() for blob in stored.draft.blobs}

    def erase(self, blobs: Iterable[Blob]) -> None:
        """Let go of the uploads of these files that no message has any more."""
        attached = self._attached_keys()
        for blob in blobs:
            if blob.key not in attached:
                self._uploads.drop(blob.file_id)

    def forget(self, before: datetime) -> int:
        attached = self._attached_keys()
        old = [
            file
            for file, upload in self._uploads.items()
            if upload.created_at < before and upload.blob.key not in attached
        ]
        return sum(self._uploads.drop(file) for file in old)
