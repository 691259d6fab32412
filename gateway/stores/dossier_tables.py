"""What a driver offers for dossiers; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.core.ids import DossierId, MessageId, SystemId
from gateway.core.message import Code
from gateway.ports.store import StatusView
from gateway.stores.rows import DossierRow


class DossierTable(Protocol):
    """Dossiers, their codes, revisions, facts and statuses."""

    def begin(self, dossier: DossierId) -> None:
        """Hear that this id is new: nothing is kept under it yet."""
        ...

    def learn(self, dossiers: Iterable[DossierId]) -> None:
        """Hear whose codes, revisions and facts will be asked for: a driver may read them at once."""
        ...

    def owners(self, codes: Iterable[Code]) -> set[DossierId]:
        """Return the dossiers that these codes are bound to."""
        ...

    def named(self, value: str, scheme: str | None, limit: int) -> Sequence[DossierId]:
        """Return the dossiers with this code, oldest first."""
        ...

    def bind(self, dossier: DossierId, code: Code) -> bool:
        """Bind a code; False where it is bound already."""
        ...

    def codes(self, dossier: DossierId) -> tuple[Code, ...]:
        """Return its codes in the order they were bound."""
        ...

    def get(self, dossier: DossierId) -> DossierRow | None:
        """Return one dossier."""
        ...

    def save(self, row: DossierRow) -> None:
        """Add or replace a dossier."""
        ...

    def revise(self, dossier: DossierId, revision: int, message: MessageId) -> None:
        """Record which message states this revision."""
        ...

    def stated_by(self, dossier: DossierId, revision: int) -> tuple[int, MessageId] | None:
        """Return the latest revision up to this one, and the message that states it."""
        ...

    def facts(self, dossier: DossierId, system: SystemId) -> Mapping[str, str]:
        """Return a system's own ids for a dossier."""
        ...

    def add_facts(self, dossier: DossierId, system: SystemId, facts: Mapping[str, str]) -> None:
        """Add a system's own ids, replacing those of the same name."""
        ...

    def due(
        self, limit: int, *, after: tuple[datetime, DossierId] | None, before: datetime | None, paused: bool
    ) -> Sequence[DossierRow]:
        """Return dossiers, no tests, that have a due date and have not ended, by due date and id."""
        ...

    def state_status(self, dossier: DossierId, status: StatusView) -> None:
        """Keep a system's status in place of its earlier one."""
        ...

    def statuses(self, dossier: DossierId) -> Sequence[StatusView]:
        """Return the status that stands of each system."""
        ...
