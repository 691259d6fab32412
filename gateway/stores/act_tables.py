"""What a driver offers for acts; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.core.acts import Act, ActId, Target
from gateway.core.ids import DossierId


class ActTable(Protocol):
    """Acts in the order they were done."""

    def add(self, act: Act) -> None:
        """Keep an act."""
        ...

    def of_dossier(self, dossier: DossierId) -> Sequence[Act]:
        """Return a dossier's acts, oldest first."""
        ...

    def newest(self, target: Target | None, before: ActId | None, limit: int) -> Sequence[Act]:
        """Return acts, the newest first, those done before this one where it is named."""
        ...
