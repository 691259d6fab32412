"""Leases: who may send what, and until when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from msgspec.structs import replace as changed

from gateway.core.delivery import Delivery, Lease, State
from gateway.core.ids import SystemId
from gateway.core.poison import SUSPECT_AFTER, lost_in_a_row
from gateway.core.record import Move
from gateway.ports.store import Slots
from gateway.stores import evidence, lanes, loading
from gateway.stores.rows import UNREAD, DeliveryRow, Stored
from gateway.stores.tables import Transaction

_DUE_AT_ONCE = 1000


def claim(tx: Transaction, slots: Slots) -> tuple[Delivery, ...]:
    """Make due what is due, then lease to this node what its slots allow."""
    for row in tx.deliveries.due(tx.now, _DUE_AT_ONCE):
        tx.deliveries.save(lanes.moved(row, State.READY, tx.now))
    while True:
        taken = [row for system, free in slots.free.items() if free > 0 for row in _pick(tx, slots, system, free)]
        stored = loading.messages(tx, taken)
        damaged = [row for row, one in zip(taken, stored, strict=True) if one.damage is not None or UNREAD in row.notes]
        if not damaged:
            break
        for row in damaged:
            lanes.set_aside(tx, row)  # its slot is for another
    tx.dossiers.learn(one.dossier_id for one in stored)
    leased = [given(tx, row, slots, knows=_knowing(tx, row, one)) for row, one in zip(taken, stored, strict=True)]
    whole = loading.deliveries(tx, leased, stored)  # read first: whatever is asked later has to wait for what is kept
    for row in leased:
        tx.deliveries.save(row)
    return whole


def _pick(tx: Transaction, slots: Slots, system: SystemId, free: int) -> Sequence[DeliveryRow]:
    """Choose fresh ones first; a quarter of the slots is for retries, and of what is left what they may have."""
    fresh = tx.deliveries.ready(system, free, retries=False)
    most = min(slots.again.get(system, free), free)
    again = tx.deliveries.ready(system, most, retries=True) if most > 0 else ()
    if system in slots.fresh_first:
        return (*fresh, *again)[:free]
    if free == 1:
        return sorted((*fresh, *again), key=lambda row: row.priority_at)[:1]
    share = min(len(again), max(free // 4, 1, free - len(fresh)))
    return (*fresh[: free - share], *again[:share])


def _knowing(tx: Transaction, row: DeliveryRow, stored: Stored) -> int | None:
    """Return how much is known of the dossier's codes; what is in doubt goes again with those that it went with."""
    return row.knows if row.in_doubt_since is not None else len(tx.dossiers.codes(stored.dossier_id))


def given(tx: Transaction, row: DeliveryRow, slots: Slots, *, knows: int | None) -> DeliveryRow:
    """Return the row leased to the node of these slots; what the partner may have keeps the configuration it has.

    What is suspected of killing its workers counts as begun only once its turn has come.
    """
    resolves = row.kind not in slots.hold_kinds.get(row.destination, ()) and row.route not in slots.shadow_routes
    begun = resolves and row.reclaims < SUSPECT_AFTER
    lease = Lease(delivery_id=row.id, token=tx.ids.token(), node=slots.node, begun=begun)
    return changed(
        row,
        state=State.LEASED,
        lease=lease,
        lease_until=tx.now + slots.lease_for,
        due_at=tx.now,
        pinned=(row.pinned if row.in_doubt_since is not None else None) or slots.config,
        knows=knows,
    )


@dataclass(slots=True)
class FreeSlots:
    """Leases new heads of empty lanes as long as slots are free and nothing else waits for them."""

    tx: Transaction
    slots: Slots | None
    used: dict[SystemId, int] = field(default_factory=dict)

    def take(self, row: DeliveryRow) -> DeliveryRow | None:
        """Return the row leased, or None."""
        if self.slots is None or row.feed or row.kind in self.slots.hold_kinds.get(row.destination, ()):
            return None
        used = self.used.get(row.destination, 0)
        free = self.slots.free.get(row.destination, 0) - used
        if free <= 0 or self.tx.deliveries.has_ready(row.destination):
            return None
        self.used[row.destination] = used + 1
        known = len(self.tx.dossiers.codes(row.dossier_id))
        return given(self.tx, row, self.slots, knows=known)


def begin(tx: Transaction, lease: Lease) -> bool:
    """Mark a lease as begun; False where it is lost or has lapsed."""
    row = _mine(tx, lease)
    if row is None or row.lease is None or row.lease_until is None or row.lease_until <= tx.now:
        return False
    if not row.lease.begun:
        tx.deliveries.save(changed(row, lease=replace(row.lease, begun=True)))
    return True


def renew(tx: Transaction, leases: Collection[Lease], lease_for: timedelta) -> tuple[Lease, ...]:
    """Prolong the leases that are still ours, and return them as they stand."""
    kept: list[Lease] = []
    for row in (_mine(tx, lease) for lease in leases):
        if row is not None and row.lease is not None:
            tx.deliveries.save(changed(row, lease_until=tx.now + lease_for))
            kept.append(row.lease)
    return tuple(kept)


def release(tx: Transaction, leases: Collection[Lease]) -> None:
    """Make ready again what is still ours."""
    for lease in leases:
        row = _mine(tx, lease)
        if row is not None:
            lanes.settle_row(tx, lanes.moved(row, State.READY, tx.now))


def reclaim(tx: Transaction, slots: Slots, limit: int) -> tuple[Delivery, ...]:
    """Free what had not begun; take over, counted, what had."""
    taken: list[DeliveryRow] = []
    for row in tx.deliveries.lost(tx.now, limit):
        if row.lease is not None and row.lease.begun:
            taken.append(_take_over(tx, row, slots))
        else:
            evidence.moved(tx, row, Move.FREED, State.READY)
            lanes.settle_row(tx, _freed(tx, row, slots))
    return loading.deliveries(tx, taken)


def _freed(tx: Transaction, row: DeliveryRow, slots: Slots) -> DeliveryRow:
    """Return the row ready again; what is rehearsed may kill its worker too, and never counts as begun before."""
    freed = lanes.moved(row, State.READY, tx.now)
    if row.route not in slots.shadow_routes and row.destination not in slots.shadow_systems:
        return freed
    return changed(freed, reclaims=min(row.reclaims + 1, SUSPECT_AFTER))


def _take_over(tx: Transaction, row: DeliveryRow, slots: Slots) -> DeliveryRow:
    """Lease to this node what another had begun: whatever its kind, a byte may have left since it was claimed."""
    claimed_at = row.due_at
    evidence.moved(tx, row, Move.TAKEN_OVER, State.LEASED)
    pinned = row.pinned
    before = lost_in_a_row([one.attempt for one in tx.deliveries.attempts(row.id)], row.step)
    row = given(tx, changed(row, reclaims=min(row.reclaims, before) + 1), slots, knows=row.knows)
    if row.lease is not None:
        row = changed(row, lease=replace(row.lease, begun=True), due_at=claimed_at, pinned=pinned)
    tx.deliveries.save(row)
    return row


def _mine(tx: Transaction, lease: Lease) -> DeliveryRow | None:
    row = tx.deliveries.get(lease.delivery_id)
    held = row is not None and row.lease is not None and row.lease.token == lease.token
    return row if held else None
