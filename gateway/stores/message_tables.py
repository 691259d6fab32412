"""What a driver offers for messages and uploaded files; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from gateway.core.ids import DossierId, FileId, MessageId, SystemId
from gateway.core.message import Blob, Code, Draft, Missed, PendingFile, Seen
from gateway.core.reason import Why
from gateway.stores.rows import Stored, Upload


class MessageTable(Protocol):
    """Messages, what they are recognised by, and the files they wait for."""

    def add(self, stored: Stored) -> None:
        """Keep a message with its files."""
        ...

    def learn(self, messages: Iterable[MessageId]) -> None:
        """Hear which messages will be asked for: a driver may read them at once."""
        ...

    def get(self, message: MessageId) -> Stored | None:
        """Return one message."""
        ...

    def of_dossier(self, dossier: DossierId) -> Sequence[Stored]:
        """Return a dossier's messages in the order accepted."""
        ...

    def rehome(self, stored: Stored) -> None:
        """Move a parked message to the dossier it was about: dossier, revision and small fields are replaced."""
        ...

    def keyed(self, draft: Draft) -> Seen | None:
        """Return the message with the same source, operation and dedup key."""
        ...

    def remember(self, draft: Draft, message: MessageId) -> None:
        """Keep a draft's dedup key."""
        ...

    def last(self, source: SystemId, dossier: DossierId) -> Seen | None:
        """Return the source's last message about a dossier."""
        ...

    def park(self, message: MessageId, codes: Iterable[Code]) -> None:
        """Remember which codes a message waits for."""
        ...

    def unpark(self, message: MessageId) -> None:
        """Forget them."""
        ...

    def is_parked(self, message: MessageId) -> bool:
        """Whether it still waits for a code to be bound."""
        ...

    def parked(self, codes: Iterable[Code]) -> Sequence[MessageId]:
        """Return the messages that wait for one of these codes, in the order accepted."""
        ...

    def attach(self, message: MessageId, file: FileId, blob: Blob) -> bool:
        """Turn a pending file into a stored one; False where none is pending under this id."""
        ...

    def miss(self, message: MessageId, file: FileId, missed: Missed) -> bool:
        """Keep why a pending file could not be had; False where none is pending under this id."""
        ...

    def tell(self, message: MessageId, why: Why) -> None:
        """Keep what a message's source was told of the files that it waits for."""
        ...

    def forgo(self, message: MessageId) -> None:
        """Let no file of a message be pending any more."""
        ...

    def fetches(self, limit: int, now: datetime) -> Sequence[tuple[MessageId, PendingFile]]:
        """Return pending files, those not tried for longest first, and mark them as tried."""
        ...


class UploadTable(Protocol):
    """Uploaded files and who may refer to them."""

    def add(self, upload: Upload) -> None:
        """Keep an upload."""
        ...

    def get(self, file: FileId) -> Upload | None:
        """Return one upload."""
        ...

    def attached(self, file: FileId, caller: SystemId | None, digest: str = "") -> Blob | None:
        """Return a file of a message that the caller sent or was sent, the first one whose SHA-256 begins so."""
        ...

    def kept(self, keys: Collection[str]) -> set[str]:
        """Return those blob keys that an upload or a message refers to."""
        ...

    def forget(self, before: datetime) -> int:
        """Drop uploads older than this that no message refers to."""
        ...
