"""Reconciliations: asked for, what our books say, and the report as kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from gateway.core import reconcile
from gateway.core.acts import By, Verb
from gateway.core.ids import DossierId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.reconcile import (
    Booked,
    Divergence,
    Divergent,
    Entry,
    Reconciliation,
    ReconciliationId,
    ReconciliationState,
    Report,
    UnknownReconciliation,
)
from gateway.stores import acts, loading
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting


def ask(tx: Transaction, system: SystemId, names: tuple[str, ...], by: By | None) -> Reconciliation:
    """Keep that a system's word is wanted; a person who asks is kept with it."""
    item = Reconciliation(id=ReconciliationId(tx.ids.new()), system=system, by=by, asked_at=tx.now, names=tuple(names))
    tx.reconciliations.save(item)
    if by is not None:
        _record(tx, item, by)
    return item


def _record(tx: Transaction, item: Reconciliation, by: By) -> None:
    named = {"named": str(len(item.names))} if item.names else {}
    facts = {"system": item.system, **named, **item.facts}
    acts.record(tx, Verb.RECONCILE, reconcile.target(item.id), by=by, facts=facts)


def conclude(tx: Transaction, reconciliation: ReconciliationId, report: Report) -> Reconciliation:
    """Keep what a comparison came to, once. Raises UnknownReconciliation."""
    item = _found(tx, reconciliation)
    if item.state is not ReconciliationState.ASKED:
        return item
    return _end(tx, item, report)


def listed(tx: Transaction, asked: Reconciliation, report: Report, by: By) -> Reconciliation:
    """Keep a comparison with a list, under a new id."""
    item = replace(asked, id=ReconciliationId(tx.ids.new()), asked_at=tx.now, by=by)
    _record(tx, item, by)
    return _end(tx, item, report)


def _end(tx: Transaction, item: Reconciliation, report: Report) -> Reconciliation:
    state = ReconciliationState.FINISHED if report.is_whole else ReconciliationState.BROKEN_OFF
    report = replace(report, findings=tuple(found for found in report.findings if _still_stands(tx, found)))
    done = replace(
        item,
        state=state,
        ended_at=tx.now,
        compared=report.compared,
        unanswered=report.unanswered,
        counts=dict(report.counts),
    )
    tx.reconciliations.save(done)
    tx.reconciliations.add_findings(done.id, report.findings[: reconcile.MOST])
    return done


def _still_stands(tx: Transaction, found: Divergent) -> bool:
    """Whether our books still say what was compared: a delivery may have moved while the system was asked."""
    row = tx.deliveries.get(found.delivery) if found.delivery else None
    return row is None or found.divergence is Divergence.DIFFERENT or str(row.state) == found.ours


def booked(tx: Transaction, system: SystemId, names: Sequence[str], limit: int) -> tuple[Booked, ...]:
    """Return what our books say of these dossiers, or of the newest, as far as it is settled, with what asks for it."""
    if names:
        rows = [row for name in names for row in _named(tx, system, name)]
    else:
        rows = list(tx.deliveries.submissions(system, limit, settled=True))
    wholes = loading.deliveries(tx, rows[:limit])
    return tuple(Booked(entry=_entry(tx, row), delivery=whole) for row, whole in zip(rows, wholes, strict=False))


def books(tx: Transaction, system: SystemId, codes: Collection[str]) -> tuple[tuple[Entry, ...], frozenset[str]]:
    """Return our entries for a list of codes and for all that it may lack, and the codes that no entry has."""
    rows = {row.id: row for row in tx.deliveries.submissions(system, reconcile.MOST, settled=False)}
    unknown: set[str] = set()
    for code in codes:
        found = _named(tx, system, code)
        rows |= {row.id: row for row in found}
        if not found and not _is_adopted(tx, system, code):
            unknown.add(code)
    return tuple(_entry(tx, row) for row in rows.values()), frozenset(unknown)


def _named(tx: Transaction, system: SystemId, code: str) -> list[DeliveryRow]:
    """Return the last submission to a system of each dossier with this code."""
    found: list[DeliveryRow] = []
    for dossier in tx.dossiers.named(code, None, reconcile.MOST):
        found += _submissions(tx, system, dossier)[-1:]
    return found


def _is_adopted(tx: Transaction, system: SystemId, code: str) -> bool:
    """Whether the system has a dossier with this code of which we have no submission: adopted, or erased by age."""
    rows = (tx.dossiers.get(dossier) for dossier in tx.dossiers.named(code, None, reconcile.MOST))
    return any(row is not None and system in row.adopted | row.took_part for row in rows)


def _submissions(tx: Transaction, system: SystemId, dossier: DossierId) -> list[DeliveryRow]:
    lane = tx.deliveries.of_dossier(dossier)
    return [row for row in lane if row.destination == system and row.kind == SUBMITTED]


def _entry(tx: Transaction, row: DeliveryRow) -> Entry:
    said = loading.said_last(tx, row.dossier_id, row.destination)
    return Entry(
        dossier_id=row.dossier_id,
        codes=tuple(code.value for code in tx.dossiers.codes(row.dossier_id)),
        delivery=row.id,
        state=row.state,
        in_doubt=row.in_doubt_since is not None,
        settled_at=row.settled_at,
        status=said.status if said else None,
    )


def _found(tx: Transaction, reconciliation: ReconciliationId) -> Reconciliation:
    item = tx.reconciliations.get(reconciliation)
    if item is None:
        raise UnknownReconciliation(reconciliation)
    return item


class ReconciliationStore(Transacting):
    """``ports.reconciliations.Reconciliations`` over any driver."""

    async def ask(self, system: SystemId, names: tuple[str, ...] = (), *, by: By | None = None) -> Reconciliation:
        return await self._write(lambda tx: ask(tx, system, names, by))

    async def asked(self) -> Sequence[Reconciliation]:
        return await self._read(lambda tx: tx.reconciliations.asked())

    async def booked(self, system: SystemId, names: Sequence[str] = (), *, limit: int) -> Sequence[Booked]:
        return await self._read(lambda tx: booked(tx, system, names, limit))

    async def books(self, system: SystemId, codes: Collection[str]) -> tuple[Sequence[Entry], frozenset[str]]:
        return await self._read(lambda tx: books(tx, system, codes))

    async def conclude(self, reconciliation: ReconciliationId, report: Report) -> Reconciliation:
        return await self._write(lambda tx: conclude(tx, reconciliation, report))

    async def keep_list(self, asked: Reconciliation, report: Report, *, by: By) -> Reconciliation:
        return await self._write(lambda tx: listed(tx, asked, report, by))

    async def reconciliations(self, system: SystemId | None = None, *, limit: int = 100) -> Sequence[Reconciliation]:
        return await self._read(lambda tx: tx.reconciliations.newest(system, limit))

    async def reconciliation(self, reconciliation: ReconciliationId) -> Reconciliation:
        return await self._read(lambda tx: _found(tx, reconciliation))

    async def divergences(
        self, reconciliation: ReconciliationId, *, behind: int = 0, limit: int = 100
    ) -> Sequence[tuple[int, Divergent]]:
        def work(tx: Transaction) -> Sequence[tuple[int, Divergent]]:
            return tx.reconciliations.findings(_found(tx, reconciliation).id, behind, limit)

        return await self._read(work)
