"""When a dossier has ended, and that it goes on after all: kept with it, for what is due and for what may be erased."""

from __future__ import annotations

from msgspec.structs import replace as changed

from gateway.core import deadline
from gateway.core.asking import GOES_ON
from gateway.core.delivery import State
from gateway.core.ids import DossierId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import SourceStatus
from gateway.stores import loading
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction


def hear(tx: Transaction, dossier: DossierId, status: SourceStatus) -> None:
    """Keep what a status that has just been kept says of the end: any but the last ones says that it goes on."""
    if status.status in deadline.ENDS:
        _look_again(tx, dossier, is_closed=False)
        return
    row = tx.dossiers.get(dossier)
    if row is not None and row.closed_at is not None:
        tx.dossiers.save(changed(row, closed_at=None))


def take_up(tx: Transaction, dossier: DossierId) -> None:
    """Open what had ended and is with somebody again, though nobody has said so: it was put right, or adopted."""
    _look_again(tx, dossier, is_closed=True)


def note(tx: Transaction, row: DeliveryRow) -> None:
    """Look again once what a dossier goes on with has been taken, which counts from then, or never will be."""
    if row.kind not in GOES_ON or row.settled_at is None:
        return
    if row.state is State.CANCELLED:
        _look_again(tx, row.dossier_id, is_closed=False)
    elif row.kind != SUBMITTED:  # a submission counts from when it was made
        take_up(tx, row.dossier_id)


def _look_again(tx: Transaction, dossier: DossierId, *, is_closed: bool) -> None:
    """Judge a dossier that stands so once more; of what is erased nothing is left to judge by."""
    row = tx.dossiers.get(dossier)
    if row is None or row.erased is not None or (row.closed_at is not None) != is_closed:
        return
    if loading.is_over(tx, row) != is_closed:
        tx.dossiers.save(changed(row, closed_at=None if is_closed else tx.now))
