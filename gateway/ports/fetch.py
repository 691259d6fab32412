"""Files that a sender named by address: fetched by the relay, durably stored before anybody is told so."""

from __future__ import annotations

from typing import Protocol

from gateway.core.message import Blob, PendingFile
from gateway.core.reason import Reason


class Fetches(Protocol):
    """Gets one file from where its sender keeps it."""

    async def fetch(self, pending: PendingFile, *, deadline: float) -> Blob | Reason:
        """Return the stored file, or why it cannot be had now; ``deadline`` is in monotonic seconds.

        A file that differs from ``pending.sha256`` is not kept: FILE_DIFFERS. What is to be said of the file itself
        has a code of ``core.files.OF_FILES``. Never raises for what the sender does.
        """
        ...
