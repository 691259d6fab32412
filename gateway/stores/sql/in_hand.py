"""The deliveries that are leased or about to be, as they stand: what is settled next need not be read again."""

from __future__ import annotations

from gateway.core.delivery import State
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.stores.rows import DeliveryRow

_MOST = 4096  #: rows of about 1 KB
_KEPT = {State.READY, State.LEASED}


class InHand:
    """Rows that the only writer has written. The oldest go first; all are forgotten when anything is undone."""

    def __init__(self) -> None:
        self._rows: dict[DeliveryId, DeliveryRow] = {}
        self._alone: dict[tuple[SystemId, DossierId], DeliveryId] = {}  #: lanes that never had another
        self._ended: set[DeliveryId] = set()

    def begin(self) -> None:
        """Let go of what the last transaction has ended, and of what is too much."""
        for delivery in self._ended:
            self.let_go(delivery)
        self._ended.clear()
        while len(self._rows) > _MOST:
            self.let_go(next(iter(self._rows)))

    def add(self, row: DeliveryRow) -> None:
        """Hear of a new delivery at the end of its lane."""
        lane = row.destination, row.dossier_id
        if row.lane_seq > 1:
            self._alone.pop(lane, None)
        if row.state in _KEPT and not row.feed:
            self._rows[row.id] = row
            if row.lane_seq == 1:
                self._alone[lane] = row.id

    def save(self, row: DeliveryRow) -> None:
        """Hear how a delivery stands now."""
        if row.state is State.LEASED:
            self._rows[row.id] = row
            self._ended.discard(row.id)
        elif row.id in self._rows:
            self._rows[row.id] = row
            self._ended.add(row.id)

    def learn(self, row: DeliveryRow, *, is_alone: bool) -> None:
        """Hear how a delivery stood when this transaction began, and whether its lane never had another."""
        if row.feed:
            return
        self._rows[row.id] = row
        if row.state is not State.LEASED:
            self._ended.add(row.id)
        if is_alone:
            self._alone[row.destination, row.dossier_id] = row.id

    def get(self, delivery: DeliveryId) -> DeliveryRow | None:
        """Return the row, where it is in hand."""
        return self._rows.get(delivery)

    def alone(self, destination: SystemId, dossier: DossierId) -> DeliveryRow | None:
        """Return the only delivery that a lane ever had, where it is in hand."""
        delivery = self._alone.get((destination, dossier))
        return None if delivery is None else self._rows[delivery]

    def let_go(self, delivery: DeliveryId) -> None:
        """Know nothing of a delivery."""
        row = self._rows.pop(delivery, None)
        if row is None:
            return
        lane = row.destination, row.dossier_id
        if self._alone.get(lane) == delivery:
            del self._alone[lane]
