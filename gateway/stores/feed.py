"""Feeds: pages and acknowledgements for systems that read instead of being called."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec.structs import replace as changed

from gateway.core import kinds, news
from gateway.core.delivery import FINAL, State
from gateway.core.errors import CursorExpired, CursorInvalid
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.message import Message
from gateway.core.planning import Planner
from gateway.core.record import Move
from gateway.ports.feed import FeedItem, FeedPage
from gateway.stores import evidence, lanes, loading
from gateway.stores.acceptance import Acceptance
from gateway.stores.rows import DeliveryRow
from gateway.stores.settlement import follow
from gateway.stores.tables import Transaction

#: What ``_cursor`` makes: the store's epoch, and a number.
_CURSOR = re.compile(r"(?P<epoch>[0-9A-Za-z_-]{1,64})\.(?P<number>[0-9]{1,18})", re.ASCII)


def read(
    tx: Transaction, system: SystemId, after: str, limit: int, readable: Callable[[Message], bool]
) -> tuple[FeedPage, Sequence[DeliveryId]]:
    """Return a page of what is not acknowledged after the cursor, and what of it nobody can read."""
    epoch = tx.restores.epoch()
    start = _number(tx, system, after, epoch) if after else 0
    rows = tx.deliveries.in_feed(system, start, limit + 1)
    shown = rows[:limit]
    stored = loading.messages(tx, shown)
    items = [
        FeedItem(cursor=_cursor(epoch, row.feed_seq or 0), delivery=delivery)
        for row, delivery in zip(shown, loading.deliveries(tx, shown, stored), strict=True)
    ]
    damaged = [
        item.delivery.id
        for item, one in zip(items, stored, strict=True)
        if one.damage is not None or not readable(item.delivery.message)
    ]
    earliest = _earliest(tx, system, epoch)
    last = items[-1].cursor if items else after or earliest
    return FeedPage(items=items, next=last, more=len(rows) > limit, earliest=earliest), damaged


def set_aside(tx: Transaction, damaged: Sequence[DeliveryId]) -> None:
    """Hold for a person what cannot be read, as a claim does: its lane waits, and its reader goes on with the others.

    It leaves the feed with all that is behind it in its lane, and comes again under a new number once it is let go: a
    reader that is past the old one neither misses it nor settles it unseen.
    """
    for delivery in damaged:
        row = tx.deliveries.get(delivery)
        if row is None or row.feed_seq is None or row.state in FINAL:
            continue
        for behind in tx.deliveries.of_dossier(row.dossier_id):
            numbered = behind.destination == row.destination and behind.feed_seq is not None
            if numbered and behind.lane_seq > row.lane_seq and behind.state not in FINAL:
                tx.deliveries.save(changed(behind, feed_seq=None))
        lanes.set_aside(tx, changed(row, feed_seq=None))


def acknowledge(tx: Transaction, system: SystemId, cursor: str, plan: Planner, limit: int) -> int:
    """Settle as delivered what is shown up to the cursor, in order, so many at most, and tell those who asked."""
    rows = tx.deliveries.in_feed(system, 0, limit, until=_number(tx, system, cursor, tx.restores.epoch()))
    for row in rows:
        current = tx.deliveries.get(row.id)
        if current is not None and current.state not in FINAL:
            evidence.moved(tx, current, Move.ACKNOWLEDGED, State.DELIVERED)
            delivered = lanes.moved(current, State.DELIVERED, tx.now)
            settled = changed(delivered, tries=current.tries + 1, reason=None, in_doubt_since=None, closed_at=None)
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
