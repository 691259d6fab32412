"""Rounds of questions: which dossiers a system that is asked has open."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gateway.core.asking import OpenDossier, is_finished, is_open
from gateway.core.delivery import State
from gateway.core.ids import DossierId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import SourceStatus
from gateway.stores import loading
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting


def ask_about(tx: Transaction, systems: Collection[SystemId]) -> None:
    """Begin and end the keeping of what systems have open."""
    kept = frozenset(tx.rounds.systems())
    for system in sorted(kept - frozenset(systems)):
        tx.rounds.drop_system(system)
    for system in sorted(frozenset(systems) - kept):
        tx.rounds.add_system(system)
        for dossier in tx.rounds.taken(system):
            _take(tx, system, dossier, SUBMITTED)


def adopt(tx: Transaction, system: SystemId, dossier: DossierId) -> None:
    """Keep that a system which is asked has a dossier from before the gateway."""
    if system in tx.rounds.systems():
        _take(tx, system, dossier, SUBMITTED)


def note(tx: Transaction, row: DeliveryRow) -> None:
    """Keep that a system which is asked has taken something of a dossier."""
    if row.state is State.DELIVERED and row.destination in tx.rounds.systems():
        _take(tx, row.destination, row.dossier_id, row.kind)


def _take(tx: Transaction, system: SystemId, dossier: DossierId, kind: str) -> None:
    said = loading.said_last(tx, dossier, system)
    if is_open(kind, said.status if said else None):
        tx.rounds.add(system, dossier)


def hear(tx: Transaction, system: SystemId, dossier: DossierId, status: SourceStatus) -> None:
    """Ask no more about a dossier that a system has finished."""
    if is_finished(status) and system in tx.rounds.systems():
        tx.rounds.drop(system, dossier)


def open_dossiers(
    tx: Transaction, system: SystemId, procedures: Collection[str], after: str, limit: int
) -> tuple[OpenDossier, ...]:
    """Return the next dossiers of a round, with their codes."""
    found = tx.rounds.open(system, procedures, after, limit)
    tx.dossiers.learn(found)
    return tuple(
        OpenDossier(id=dossier, codes={code.scheme: code.value for code in tx.dossiers.codes(dossier)})
        for dossier in found
    )


class RoundStore(Transacting):
    """``ports.rounds.Rounds`` over any driver."""

    async def ask_about(self, systems: Collection[SystemId]) -> None:
        await self._write(lambda tx: ask_about(tx, systems))

    async def open_dossiers(
        self, system: SystemId, procedures: Collection[str], *, after: str, limit: int
    ) -> Sequence[OpenDossier]:
        return await self._read(lambda tx: open_dossiers(tx, system, procedures, after, limit))
