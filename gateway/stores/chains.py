"""Dossiers that follow from one another, as planning and people see them."""

from __future__ import annotations

from gateway.core import kinds
from gateway.core.ids import DossierId
from gateway.core.message import Draft, Follower
from gateway.stores.chain_tables import ChainRow
from gateway.stores.rows import DossierRow
from gateway.stores.tables import Transaction

_WITHDRAWS = frozenset({kinds.WITHDRAWAL_REQUESTED, kinds.WITHDRAWAL_ACCEPTED})
#: What says whether a withdrawal stands.
_COURSE = _WITHDRAWS | {kinds.SUBMITTED, kinds.WITHDRAWAL_REFUSED}


def statement(tx: Transaction, dossier: DossierRow) -> Draft | None:
    """Return what states the dossier's current revision."""
    stored = tx.messages.get(dossier.stated_by) if dossier.stated_by else None
    return stored.draft if stored else None


def followers(tx: Transaction, parent: DossierId) -> tuple[Follower, ...]:
    """Return the dossiers that follow from this one, in the order begun."""
    found = ((row, tx.dossiers.get(row.dossier)) for row in tx.chains.followers(parent))
    return tuple(_follower(tx, row, dossier) for row, dossier in found if dossier is not None)


def _follower(tx: Transaction, row: ChainRow, dossier: DossierRow) -> Follower:
    return Follower(
        step=row.step,
        dossier_id=row.dossier,
        begun_by=row.begun_by,
        source=dossier.source,
        codes=tx.dossiers.codes(row.dossier),
        statement=statement(tx, dossier),
        withdrawing=is_withdrawing(tx, row.dossier),
    )


def is_withdrawing(tx: Transaction, dossier: DossierId) -> bool:
    """Whether a withdrawal stands, routed or not: it was not refused, and nothing was submitted anew, since."""
    said = [stored.draft.kind for stored in tx.messages.of_dossier(dossier) if stored.draft.kind in _COURSE]
    return bool(said) and said[-1] in _WITHDRAWS
