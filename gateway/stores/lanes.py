"""Lanes: what is appended, what moves, and who goes on next. Every change of a state but a lease's passes here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from msgspec.structs import replace as changed

from gateway.core.delivery import FINAL, MOVES, STOPS, State
from gateway.core.ids import OPERATORS, DeliveryId, DossierId, MessageId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import Leg
from gateway.core.reason import Reason, Why
from gateway.core.record import Move
from gateway.stores import endings, evidence, replayed, rounds
from gateway.stores.rows import DeliveryRow, DossierRow, Stored
from gateway.stores.tables import Transaction

#: Leases a ready head to somebody with a free slot, or returns None.
Take: TypeAlias = Callable[[DeliveryRow], DeliveryRow | None]


class ForbiddenMove(Exception):
    """A state cannot follow from this one: a bug of the caller."""


def append(tx: Transaction, stored: Stored, leg: Leg, take: Take) -> DeliveryRow:
    """Put a new delivery at the end of its lane, as its head where the lane is empty.

    ``take`` may lease such a head at once; else the destination is woken.
    """
    last, occupied = tx.deliveries.lane_end(leg.destination, stored.dossier_id)
    row = _new_row(tx, stored, leg, last + 1)
    if row.state is State.WAITING and not row.awaits and not occupied:
        row = _head(tx, row, leg, take)
    if row.state is State.READY:
        tx.wake.add(row.destination)
    tx.deliveries.add(row)
    if leg.expects:
        tx.attention.expect(row.destination, row.dossier_id)
    if leg.after:
        tx.deliveries.wait_for(row.id, stored.id, leg.after)
    if row.feed and row.feed_seq is None:
        sequence(tx, row.destination, row.dossier_id)
    return row


def _head(tx: Transaction, row: DeliveryRow, leg: Leg, take: Take) -> DeliveryRow:
    """Return a delivery that nothing stands before: in the feed already, leased, or ready."""
    if row.feed:
        return changed(row, state=State.READY, feed_seq=tx.deliveries.next_in_feed(row.destination))
    row = changed(row, state=State.READY)
    return (take(row) if leg.prelease else None) or row


def _new_row(tx: Transaction, stored: Stored, leg: Leg, lane_seq: int) -> DeliveryRow:
    return DeliveryRow(
        id=DeliveryId(tx.ids.new()),
        message_id=stored.id,
        dossier_id=stored.dossier_id,
        source=stored.draft.source,
        kind=SUBMITTED if leg.opens else stored.draft.kind,
        destination=leg.destination,
        lane_seq=lane_seq,
        state=State.HELD if leg.hold else State.WAITING,
        awaits=len(stored.draft.pending) + len(leg.after),
        blocks=leg.blocks,
        tells=leg.tells,
        route=leg.route,
        feed=leg.feed,
        created_at=tx.now,
        priority_at=leg.priority_at,
        due_at=tx.now,
        expires_at=leg.expires_at,
        settled_at=tx.now if leg.hold else None,
        reason=leg.hold,
    )


def moved(row: DeliveryRow, to: State, now: datetime) -> DeliveryRow:
    """Return the row in its new state; raises ForbiddenMove unless MOVES allows it."""
    if to not in MOVES[row.state]:
        raise ForbiddenMove(f"{row.state} cannot become {to}")
    settled_at = now if to in FINAL | STOPS else None
    return changed(row, state=to, settled_at=settled_at, lease=None, lease_until=None)


def settle_row(tx: Transaction, row: DeliveryRow) -> None:
    """Keep a row that has moved, and let go on what stood or waited behind it."""
    tx.deliveries.save(row)
    replayed.note(tx, row)
    endings.note(tx, row)
    if row.state is State.READY:
        tx.wake.add(row.destination)
    if not row.is_head:  # what has stopped may stand behind one that was sent again meanwhile
        promote(tx, row.destination, row.dossier_id)
    if row.state in FINAL:
        rounds.note(tx, row)
        if row.awaits:
            forgo_files(tx, row.message_id)
        if row.kind == SUBMITTED:
            _ended(tx, row)
        for waiter in tx.deliveries.waiters(row.message_id, row.destination):
            meet(tx, waiter)


def forgo_files(tx: Transaction, message: MessageId) -> None:
    """Fetch no more for a message that nobody will be sent any more.

    Where a system has the dossier, its last statement may yet be sent: another dossier follows from it, with its files.
    """
    stored = tx.messages.get(message)
    if stored is None or not stored.draft.pending:
        return
    dossier = tx.dossiers.get(stored.dossier_id)
    is_last = dossier is not None and dossier.stated_by == message and _is_had(tx, dossier)
    if not is_last and all(one.state in FINAL for one in tx.deliveries.of_message(message)):
        tx.messages.forgo(message)


def _is_had(tx: Transaction, dossier: DossierRow) -> bool:
    reached = {lane.destination for lane in tx.deliveries.lanes(dossier.id) if lane.reached}
    return bool((dossier.adopted | reached) - {dossier.source, OPERATORS})


def _ended(tx: Transaction, row: DeliveryRow) -> None:
    """Expect the first word about a dossier from now on, or not at all."""
    if row.state is State.DELIVERED:
        tx.attention.taken(row.destination, row.dossier_id, tx.now)
    elif tx.deliveries.last_standing(row.destination, row.dossier_id, SUBMITTED) is None:  # none goes in its place
        tx.attention.heard(row.destination, row.dossier_id)


def end(tx: Transaction, row: DeliveryRow, to: State, reason: Reason, *, move: Move) -> DeliveryRow:
    """Move a delivery to where it ends or stops, for a reason; ``move`` is what that is called in the evidence."""
    evidence.moved(tx, row, move, to, reason)
    ended = changed(moved(row, to, tx.now), reason=reason)
    settle_row(tx, ended)
    return ended


def cancel(tx: Transaction, row: DeliveryRow, reason: Reason) -> None:
    """End a delivery that will not be sent."""
    end(tx, row, State.CANCELLED, reason, move=Move.CANCELLED)


def set_aside(tx: Transaction, row: DeliveryRow) -> None:
    """Hold for a person what cannot be read: nobody knows what would be sent, and it must keep no other lane waiting.

    Its source is told nothing: what it knows it by cannot be read either.
    """
    taken = changed(row, state=State.LEASED)  # looking at it is as good as an attempt; see MOVES
    end(tx, taken, State.HELD, Reason(Why.DAMAGED), move=Move.ENDED)


def meet(tx: Transaction, delivery: DeliveryId) -> None:
    """Count down one outstanding condition of a delivery."""
    row = tx.deliveries.get(delivery)
    if row is None or not row.awaits or row.state in FINAL:
        return
    tx.deliveries.save(changed(row, awaits=row.awaits - 1))
    if row.awaits == 1:
        promote(tx, row.destination, row.dossier_id)


def promote(tx: Transaction, destination: SystemId, dossier: DossierId) -> bool:
    """Make the first that stands in a lane ready if it waits for nothing; say whether it was."""
    head = tx.deliveries.first(destination, dossier)
    if head is None:
        return False
    # One that is sent again after the lane had passed it stands before the one on the move, and goes next.
    go = head.state is State.WAITING and not head.awaits and not tx.deliveries.is_moving(destination, dossier)
    if go:
        tx.deliveries.save(moved(head, State.READY, tx.now))
        tx.wake.add(destination)
    if head.feed:
        sequence(tx, destination, dossier)
    return go


def sequence(tx: Transaction, destination: SystemId, dossier: DossierId) -> None:
    """Number for the feed what stands in a lane, up to the first that cannot be shown yet."""
    for row in tx.deliveries.unnumbered(destination, dossier):
        if row.awaits or row.state in STOPS:
            return
        tx.deliveries.save(changed(row, feed_seq=tx.deliveries.next_in_feed(destination)))
        tx.wake.add(destination)


def new_message(tx: Transaction) -> MessageId:
    """Return a new message's id."""
    return MessageId(tx.ids.new())
