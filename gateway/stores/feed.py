"""Feeds: pages and acknowledgements for systems that read instead of being called."""

from __future__ import annotations

import re

from msgspec.structs import replace as changed

from gateway.core import kinds, news
from gateway.core.delivery import FINAL, State
from gateway.core.errors import CursorExpired, CursorInvalid
from gateway.core.ids import SystemId
from gateway.core.planning import Planner
from gateway.core.record import Move
from gateway.ports.store import FeedItem, FeedPage
from gateway.stores import evidence, lanes, loading
from gateway.stores.acceptance import Acceptance
from gateway.stores.rows import DeliveryRow
from gateway.stores.settlement import follow
from gateway.stores.tables import Transaction

#: What ``_cursor`` makes: the store's epoch, and a number.
_CURSOR = re.compile(r"(?P<epoch>[0-9A-Za-z_-]{1,64})\.(?P<number>[0-9]{1,18})", re.ASCII)


def read(tx: Transaction, system: SystemId, after: str, limit: int) -> FeedPage:
    """Return a page of what is not acknowledged after the cursor."""
    epoch = tx.restores.epoch()
    start = _number(tx, system, after, epoch) if after else 0
    rows = tx.deliveries.in_feed(system, start, limit + 1)
    shown = rows[:limit]
    items = [
        FeedItem(cursor=_cursor(epoch, row.feed_seq or 0), delivery=delivery)
        for row, delivery in zip(shown, loading.deliveries(tx, shown), strict=True)
    ]
    earliest = _earliest(tx, system, epoch)
    last = items[-1].cursor if items else after or earliest
    return FeedPage(items=items, next=last, more=len(rows) > limit, earliest=earliest)


def acknowledge(tx: Transaction, system: SystemId, cursor: str, plan: Planner, limit: int) -> int:
    """Settle as delivered what is shown up to the cursor, in order, so many at most, and tell those who asked."""
    rows = tx.deliveries.in_feed(system, 0, limit, until=_number(tx, system, cursor, tx.restores.epoch()))
    for row in rows:
        current = tx.deliveries.get(row.id)
        if current is not None and current.state not in FINAL:
            evidence.moved(tx, current, Move.ACKNOWLEDGED, State.DELIVERED)
            delivered = lanes.moved(current, State.DELIVERED, tx.now)
            settled = changed(delivered, tries=current.tries + 1, in_doubt_since=None, closed_at=None)
            lanes.settle_row(tx, settled)
            if current.tells:
                _tell(tx, Acceptance(tx, plan), current)
    return len(rows)


def _tell(tx: Transaction, acceptance: Acceptance, row: DeliveryRow) -> None:
    stored = loading.message(tx, row)
    follow(tx, acceptance, stored, news.tell(kinds.RELAY_DELIVERED, loading.about(row, stored)))


def _cursor(epoch: str, number: int) -> str:
    return f"{epoch}.{number}"


def _earliest(tx: Transaction, system: SystemId, epoch: str) -> str:
    """Return the cursor just before the first row that is not acknowledged."""
    first = tx.deliveries.in_feed(system, 0, 1)
    number = (first[0].feed_seq or 1) - 1 if first else tx.deliveries.end_of_feed(system)
    return _cursor(epoch, number)


def _number(tx: Transaction, system: SystemId, cursor: str, epoch: str) -> int:
    """Return the number in a cursor; raises CursorExpired for one of another epoch, CursorInvalid for nonsense."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise CursorInvalid("no cursor looks like this")
    if found["epoch"] != epoch:
        raise CursorExpired(_earliest(tx, system, epoch))
    number = int(found["number"])
    if number > tx.deliveries.end_of_feed(system):
        raise CursorInvalid("this feed has not come so far")
    return number
