"""The status that stands of a system, and what it means to its dossier."""

from __future__ import annotations

from gateway.core.guard import stands_at
from gateway.core.ids import DossierId, SystemId
from gateway.core.message import StatedStatus
from gateway.ports.store import StatusView
from gateway.stores import endings, loading, rounds
from gateway.stores.rows import Stored
from gateway.stores.tables import Transaction


def state(tx: Transaction, stored: Stored) -> None:
    """Keep the status that a message states as the one that stands of its source."""
    draft = stored.draft
    if draft.status is not None:
        status = StatusView(
            system=draft.source,
            status=draft.status,
            occurred_at=draft.occurred_at,
            accepted_at=stored.accepted_at,
            message_id=stored.id,
        )
        keep(tx, stored.dossier_id, status)


def keep(tx: Transaction, home: DossierId, status: StatusView) -> None:
    """Keep a status as the one that stands of its system, and when the dossier has ended or goes on after all."""
    tx.dossiers.state_status(home, status)
    rounds.hear(tx, status.system, home, status.status)
    endings.hear(tx, home, status.status)


def standing(tx: Transaction, home: DossierId, system: SystemId) -> StatedStatus | None:
    """Return the status that stands of a system, with the time from which it does."""
    view = loading.said_last(tx, home, system)
    if view is None:
        return None
    at = stands_at(view.occurred_at, view.accepted_at)
    return StatedStatus(status=view.status, at=at, accepted_at=view.accepted_at)
