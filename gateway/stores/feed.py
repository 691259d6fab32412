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
    start = _number(tx, system, after) if after else 0
    rows = tx.deliveries.in_feed(system, start, limit + 1)
    shown = rows[:limit]
    items = [
        FeedItem(cursor=_cursor(tx, row.feed_seq or 0), delivery=delivery)
        for row, delivery in zip(shown, loading.deliveries(tx, shown), strict=True)
    ]
    earliest = _earliest(tx, system)
    last = items[-1].cursor if items else after or earliest
    return FeedPage(items=items, next=last, more=len(rows) > limit, earliest=earliest)


def acknowledge(tx: Transaction, system: SystemId, cursor: str, plan: Planner, limit: int) -> int:
    """Settle as delivered what is shown up to the cursor, in order, so many at most, and tell those who asked."""
    rows = tx.deliveries.in_feed(system, 0, limit, until=_number(tx, system, cursor))
    for row in rows:
        current = tx.deliveries.get(row.id)
        if current is not None and current.state not in FINAL:
            evidence.moved(tx, current, Move.ACKNOWLEDGED, State.DELIVERED)
            delivered = lanes.moved(current, State.DELIVERED, tx.now)
            lanes.settle_row(tx, changed(delivered, tries=current.tries + 1))
            if current.tells:
                _tell(tx, Acceptance(tx, plan), current)
    return len(rows)


def _tell(tx: Transaction, acceptance: Acceptance, row: DeliveryRow) -> None:
    stored = loading.message(tx, row)
    follow(tx, acceptance, stored, news.tell(kinds.RELAY_DELIVERED, loading.about(row, stored)))


def _cursor(tx: Transaction, number: int) -> str:
    return f"{tx.epoch}.{number}"


def _earliest(tx: Transaction, system: SystemId) -> str:
    """Return the cursor just before the first row that is not acknowledged."""
    first = tx.deliveries.in_feed(system, 0, 1)
    number = (first[0].feed_seq or 1) - 1 if first else tx.deliveries.end_of_feed(system)
    return _cursor(tx, number)


def _number(tx: Transaction, system: SystemId, cursor: str) -> int:
    """Return the number in a cursor; raises CursorExpired for one of another epoch, CursorInvalid for nonsense."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise CursorInvalid("no cursor looks like this")
    if found["epoch"] != tx.epoch:
        raise CursorExpired(_earliest(tx, system))
    number = int(found["number"])
    if number > tx.deliveries.end_of_feed(system):
        raise CursorInvalid("this feed has not come so far")
    return number
