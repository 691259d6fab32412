"""When the machine's clock is set: what waits, is leased or is in doubt moves along with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.core.boot import Boot, step
from gateway.ports.clock import Clock
from gateway.stores.tables import Transaction


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
