"""What becomes of a replay's item, recorded in the transaction in which its delivery ends: the two cannot differ."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.replay import ItemState, end_of
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction


def note(tx: Transaction, row: DeliveryRow) -> None:
    """Count a delivery that has ended or stopped where a replay has sent it."""
    end = end_of(row.state)
    item = tx.replays.of_delivery(row.id) if end is not None else None
    if item is not None and end is not None and item.state is ItemState.SENT:
        state, why = end
        tx.replays.save_item(replace(item, state=state, why=why, ended_at=tx.now))
