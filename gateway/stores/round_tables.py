"""What a driver offers for rounds of questions; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from gateway.core.ids import DossierId, SystemId


class RoundTable(Protocol):
    """The systems that are asked, and the dossiers that each has open."""

    def systems(self) -> Collection[SystemId]:
        """Return who is asked; looked at with every settlement, and therefore at hand."""
        ...

    def add_system(self, system: SystemId) -> None:
        """Ask this one from now on."""
        ...

    def drop_system(self, system: SystemId) -> None:
        """Ask this one no more, and forget what it has open."""
        ...

    def taken(self, system: SystemId) -> Sequence[DossierId]:
        """Return the dossiers whose submission a system has taken, or that it has from before the gateway."""
        ...

    def add(self, system: SystemId, dossier: DossierId) -> None:
        """Keep that it has this one open."""
        ...

    def drop(self, system: SystemId, dossier: DossierId) -> None:
        """Keep that it has not."""
        ...

    def open(self, system: SystemId, procedures: Collection[str], after: str, limit: int) -> Sequence[DossierId]:
        """Return what it has open of these procedures, by id, behind this one."""
        ...
