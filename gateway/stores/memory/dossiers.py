"""Dossiers in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from msgspec.structs import replace as changed

from gateway.core.ids import DossierId, MessageId, SystemId
from gateway.core.message import Code
from gateway.core.retention import Erased
from gateway.ports.store import StatusView
from gateway.stores.memory.journal import Journal, Table
from gateway.stores.rows import DossierRow


class MemoryDossiers:
    """``dossier_tables.DossierTable`` in dictionaries."""

    def __init__(self, journal: Journal) -> None:
        self._dossiers = Table[DossierId, DossierRow](journal)
        self._owners = Table[Code, DossierId](journal)
        self._codes = Table[DossierId, tuple[Code, ...]](journal)
        self._named = Table[str, tuple[DossierId, ...]](journal)
        self._revisions = Table[DossierId, tuple[tuple[int, MessageId], ...]](journal)
        self._facts = Table[tuple[DossierId, SystemId], Mapping[str, str]](journal)
        self._statuses = Table[DossierId, Mapping[SystemId, StatusView]](journal)

    def begin(self, dossier: DossierId) -> None:
        """Need no word of it: everything is at hand."""

    def learn(self, dossiers: Iterable[DossierId]) -> None:
        """Need no warning: everything is at hand."""

    def owners(self, codes: Iterable[Code]) -> set[DossierId]:
        found = (self._owners.get(code) for code in codes)
        return {dossier for dossier in found if dossier is not None}

    def named(self, value: str, scheme: str | None, limit: int) -> Sequence[DossierId]:
        if scheme is not None:
            return sorted(self.owners((Code(scheme, value),)))
        return sorted(self._named.get(value) or ())[:limit]

    def bind(self, dossier: DossierId, code: Code) -> bool:
        if code in self._owners:
            return False
        self._owners.put(code, dossier)
        self._codes.put(dossier, (*self.codes(dossier), code))
        self._named.put(code.value, tuple({*(self._named.get(code.value) or ()), dossier}))
        return True

    def codes(self, dossier: DossierId) -> tuple[Code, ...]:
        return self._codes.get(dossier) or ()

    def get(self, dossier: DossierId) -> DossierRow | None:
        return self._dossiers.get(dossier)

    def procedure(self, dossier: DossierId) -> str:
        """Return a dossier's procedure; empty where none is stated."""
        row = self.get(dossier)
        return row.procedure if row else ""

    def all(self) -> Sequence[DossierRow]:
        """Return every dossier."""
        return self._dossiers.values()

    def erase(self, dossier: DossierId, erased: Erased, took_part: Collection[SystemId]) -> None:
        """Let go of all but the row and its codes, and mark that."""
        row = self.get(dossier)
        if row is None:
            return
        left = changed(row, digest="", stated_by=None, due_at=None, holds=frozenset(), paused_at=None)
        self.save(changed(left, erased=erased, took_part=frozenset(took_part)))
        self._revisions.drop(dossier)
        self._statuses.drop(dossier)
        for key in self._facts:
            if key[0] == dossier:
                self._facts.drop(key)

    def resume(self, dossier: DossierId) -> None:
        """Hear that something is kept of an erased dossier again."""
        row = self.get(dossier)
        if row is not None and row.erased is not None:
            self.save(changed(row, erased=replace(row.erased, at=None)))

    def adopted(self, system: SystemId) -> Sequence[DossierId]:
        """Return what a system has from before the gateway."""
        return [row.id for row in self._dossiers.values() if system in row.adopted]

    def save(self, row: DossierRow) -> None:
        self._dossiers.put(row.id, row)

    def due(
        self, limit: int, *, after: tuple[datetime, DossierId] | None, before: datetime | None, paused: bool
    ) -> Sequence[DossierRow]:
        open_ones = (row for row in self._dossiers.values() if row.closed_at is None and not row.test)
        found = sorted(
            (row.due_at, row.id, row)
            for row in open_ones
            if row.due_at is not None and (row.paused_at is not None) == paused
        )
        asked = (item for item in found if (after is None or item[:2] > after) and (before is None or item[0] < before))
        return [row for _, _, row in islice(asked, limit)]

    def revise(self, dossier: DossierId, revision: int, message: MessageId) -> None:
        self._revisions.put(dossier, (*(self._revisions.get(dossier) or ()), (revision, message)))

    def stated_by(self, dossier: DossierId, revision: int) -> tuple[int, MessageId] | None:
        stated = [entry for entry in self._revisions.get(dossier) or () if entry[0] <= revision]
        return stated[-1] if stated else None

    def facts(self, dossier: DossierId, system: SystemId) -> Mapping[str, str]:
        return self._facts.get((dossier, system)) or {}

    def add_facts(self, dossier: DossierId, system: SystemId, facts: Mapping[str, str]) -> None:
        self._facts.put((dossier, system), {**self.facts(dossier, system), **facts})

    def state_status(self, dossier: DossierId, status: StatusView) -> None:
        self._statuses.put(dossier, {**(self._statuses.get(dossier) or {}), status.system: status})

    def statuses(self, dossier: DossierId) -> Sequence[StatusView]:
        known = self._statuses.get(dossier) or {}
        return [known[system] for system in sorted(known)]
