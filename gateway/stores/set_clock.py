"""When the clock is set that counts: what waits, is leased or is in doubt moves along with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.core.boot import Boot, step
from gateway.ports.clock import Clock
from gateway.stores.tables import Transaction

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHARED = "shared"  #: in a machine's place: what all nodes together have moved by stands there
#: Beyond what a node may lose between the clock's answer and a look at its own: its transaction is cut off before.
_LEAST = timedelta(seconds=10)


def look(clock: Clock) -> tuple[datetime, Boot]:
    """Return the time, and when the machine started by the same clock."""
    now = clock.now()
    return now, Boot(id=clock.boot_id(), at=now - timedelta(seconds=clock.uptime()))


def follow(tx: Transaction) -> None:
    """Move what is measured in passed time by as much as the clock was set since the last transaction."""
    known = tx.boots.last()
    set_by = step(known, tx.boot) if known else None
    if set_by:
        tx.deliveries.shift(set_by)
    if known is None or known.id != tx.boot.id or set_by:
        tx.boots.keep(tx.boot)


class SetBack:
    """Follows a clock that is not this machine's, and that several nodes share, where it was set back.

    What waited for a minute would wait for as long as it was set back. What one node has moved the others see, and do
    not move again. Where the clock went ahead nothing is moved: so it seems to a machine that was stopped as well.
    """

    def __init__(self) -> None:
        self._started: datetime | None = None  #: when this machine did, by the shared clock as it was set at first

    def follow(self, tx: Transaction, moved: timedelta) -> None:
        """Move what waits; ``moved`` is by how much all nodes together have until now."""
        started = tx.boot.at - moved
        back = (self._started or started) - started
        if back <= _LEAST:
            self._started = started
            return
        tx.deliveries.shift(-back)
        tx.boots.keep(Boot(id=_SHARED, at=_EPOCH + moved - back))
