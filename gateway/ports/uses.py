"""What counts once: nonces, and signatures that were shown before. Known to every worker, and after a restart."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class Use(StrEnum):
    """What a key was used for before."""

    FIRST = "first"  #: for nothing
    AGAIN = "again"  #: for the same content: an honest repetition, or one that does no more than it
    OTHER = "other"  #: for another content


class Uses(Protocol):
    """For whoever believes what others prove."""

    async def use(self, scope: str, key: str, *, content: str = "", keep_for: timedelta) -> Use:
        """Record that a key which counts once was used for this content, and return what it was used for before.

        What a key was used for first is kept for ``keep_for``, whatever it is shown for after that.
        """
        ...
