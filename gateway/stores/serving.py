"""Turning lanes from calls to the feed and back, when a system's file has changed."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace as changed

from gateway.core.delivery import FINAL, State
from gateway.core.ids import DossierId, SystemId
from gateway.core.reason import Reason, Why
from gateway.core.ways import Way, turned
from gateway.stores import lanes, replayed
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting


def serve(tx: Transaction, ways: Mapping[SystemId, Way], limit: int) -> int:
    """Turn lanes whose open deliveries are kept for the other way, those that wait for longest first."""
    turned_lanes = 0
    for system, way in ways.items():
        for dossier in tx.deliveries.astray(system, limit, feed=not way.feed):
            _turn(tx, system, dossier, way)
            turned_lanes += 1
    return turned_lanes


def _turn(tx: Transaction, system: SystemId, dossier: DossierId, way: Way) -> None:
    lane = [row for row in tx.deliveries.of_dossier(dossier) if row.destination == system and row.state not in FINAL]
    for row in lane:
        if row.feed != way.feed:
            turned_row = _turned(tx, row, way)
            tx.deliveries.turn(turned_row)
            replayed.note(tx, turned_row)
    lanes.promote(tx, system, dossier)
    tx.wake.add(system)


def _turned(tx: Transaction, row: DeliveryRow, way: Way) -> DeliveryRow:
    """Return a delivery as it goes on; what a lost worker had begun is in doubt since its claim."""
    if row.lease is not None and row.lease.begun:
        row = changed(row, in_doubt_since=row.in_doubt_since or row.due_at, closed_at=tx.now)
    to = turned(row.state, row.step, kind=row.kind, in_doubt=row.in_doubt_since is not None, way=way)
    if to is State.HELD and row.state is State.READY:
        row = changed(row, state=State.LEASED)  # a decision about it is as good as an attempt; see MOVES
    if to is not row.state:
        reason = Reason(Why.LOOKUP_MISSING) if to is State.HELD else row.reason
        row = changed(lanes.moved(row, to, tx.now), reason=reason)
    return changed(row, feed=way.feed, feed_seq=None if way.feed else row.feed_seq)


class ServingStore(Transacting):
    """``ports.ways.Ways`` over any driver."""

    async def serve(self, ways: Mapping[SystemId, Way], *, limit: int) -> int:
        return await self._write(lambda tx: serve(tx, ways, limit))
