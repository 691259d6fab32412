"""What left its lane's order, by name: what was passed undelivered, and what is sent after later ones."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from gateway.core.delivery import STOPS, State
from gateway.core.ids import DeliveryId
from gateway.core.reason import Why
from gateway.stores.rows import DeliveryRow

_BY_A_PERSON = frozenset({Why.SKIPPED, Why.CALLED_OFF})


def skips(row: DeliveryRow, lane: Collection[DeliveryRow]) -> tuple[DeliveryId, ...]:
    """Return what stands before a delivery and will not, or not yet, be delivered: G3 lets it go on, flagged."""
    if row.state is State.WAITING:
        return ()
    return tuple(other.id for other in lane if other.lane_seq < row.lane_seq and _is_passed_over(other))


def _is_passed_over(row: DeliveryRow) -> bool:
    skipped = row.state is State.CANCELLED and row.reason is not None and row.reason.code in _BY_A_PERSON
    return skipped or (row.state in STOPS and not row.blocks)


def is_out_of_order(row: DeliveryRow, lane: Collection[DeliveryRow]) -> bool:
    """Whether a later one of the lane was delivered before it was, or before it is."""
    if row.state in {State.CANCELLED, *STOPS}:
        return False
    later = (other for other in lane if other.lane_seq > row.lane_seq and other.state is State.DELIVERED)
    return any(_is_before(other.settled_at, row.settled_at) for other in later)


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one < other)
