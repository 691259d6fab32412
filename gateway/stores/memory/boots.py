"""When the machine started, as the last transaction saw it, in memory."""

from __future__ import annotations

from typing import Literal

from gateway.core.boot import Boot
from gateway.stores.memory.journal import Journal, Table


class MemoryBoots:
    """``register_tables.BootTable`` in a dictionary of one."""

    def __init__(self, journal: Journal) -> None:
        self._last = Table[Literal["last"], Boot](journal)

    def last(self) -> Boot | None:
        return self._last.get("last")

    def keep(self, boot: Boot) -> None:
        self._last.put("last", boot)
