"""What a driver offers for chained dossiers; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from gateway.core.ids import DossierId, MessageId, SystemId


class ChainRow(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a chain: which dossier a result has begun."""

    parent: DossierId
    step: str  #: the chained route; a dossier begins each step once
    dossier: DossierId
    begun_by: SystemId  #: who stated that result
    message: MessageId  #: that result


class ChainTable(Protocol):
    """One row per follower."""

    def begin(self, row: ChainRow) -> None:
        """Keep a step; a second one of the same name fails."""
        ...

    def followers(self, parent: DossierId) -> Sequence[ChainRow]:
        """Return what follows from a dossier, in the order begun."""
        ...

    def origin(self, dossier: DossierId) -> ChainRow | None:
        """Return what a dossier follows from."""
        ...
