"""Dossiers that follow from one another, as planning and people see them."""

from __future__ import annotations

from gateway.core.ids import OPERATORS, DossierId
from gateway.core.message import Draft, Follower
from gateway.stores import loading
from gateway.stores.chain_tables import ChainRow
from gateway.stores.rows import DossierRow
from gateway.stores.tables import Transaction


def statement(tx: Transaction, dossier: DossierRow) -> Draft | None:
    """Return what states the dossier's current revision."""
    stored = tx.messages.get(dossier.stated_by) if dossier.stated_by else None
    return stored.draft if stored else None


def followers(tx: Transaction, parent: DossierId) -> tuple[Follower, ...]:
    """Return the dossiers that follow from this one, in the order begun."""
    found = ((row, tx.dossiers.get(row.dossier)) for row in tx.chains.followers(parent))
    return tuple(_follower(tx, row, dossier) for row, dossier in found if dossier is not None)


def _follower(tx: Transaction, row: ChainRow, dossier: DossierRow) -> Follower:
    rows = [item for item in tx.deliveries.of_dossier(row.dossier) if item.destination != OPERATORS]
    return Follower(
        step=row.step,
        dossier_id=row.dossier,
        begun_by=row.begun_by,
        source=dossier.source,
        codes=tx.dossiers.codes(row.dossier),
        statement=statement(tx, dossier),
        withdrawing=loading.is_withdrawing(rows),
    )
