"""A dossier that a system was never given: what states it whole opens it there, and what presumes it waits for that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace as changed

from gateway.core.delivery import FINAL, State
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.core.kinds import SUBMITTED, WHOLE, is_relay
from gateway.core.reason import Reason, Why
from gateway.core.record import Move
from gateway.stores import evidence, lanes
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction


def is_unsent(tx: Transaction, row: DeliveryRow) -> bool:
    """Whether a delivery is a submission of which its system surely has nothing, by this way or another."""
    says_so = row.reason is not None and row.reason.code is Why.ALREADY_EXISTS
    dossier = tx.dossiers.get(row.dossier_id)
    if row.kind != SUBMITTED or says_so or dossier is None:
        return False
    reached = {lane.destination for lane in tx.deliveries.lanes(dossier.id) if lane.reached}
    spoke = {view.system for view in tx.dossiers.statuses(dossier.id)}
    return row.destination not in {dossier.source, *dossier.adopted, *reached, *spoke}


def give_up(tx: Transaction, row: DeliveryRow) -> Sequence[DeliveryRow]:
    """Prepare the lane for the end of a submission that its system never had; return what is held for it.

    What states the dossier whole takes its place. Where nothing does, what stands behind it presumes a dossier that the
    system does not know.
    """
    behind = [one for one in _open(tx, row.destination, row.dossier_id) if one.lane_seq > row.lane_seq]
    heir = next((one for one in behind if one.kind in WHOLE), None)
    if heir is None:
        return [_held(tx, one) for one in behind if _may_yet_go(one) and not is_relay(one.kind)]
    between = [one for one in behind if one.lane_seq < heir.lane_seq]
    _exchange(tx, heir, row)
    _wait_again(tx, heir, [(row, heir), *((one, one) for one in between)])
    evidence.moved(tx, heir, Move.OPENED, heir.state)
    return ()


def open_with(tx: Transaction, row: DeliveryRow) -> None:
    """Let a new delivery open the dossier at its system, in the place of the submission that a person has ended."""
    lane = [one for one in tx.deliveries.of_dossier(row.dossier_id) if one.destination == row.destination]
    ended = [one for one in lane if one.state is State.CANCELLED]
    withdrawn = max((one.lane_seq for one in ended if _is(one, Why.WITHDRAWN)), default=0)
    called_off = [one for one in ended if _is(one, Why.CALLED_OFF)]
    # Before what was withdrawn, it would count as withdrawn with it.
    lost = min(called_off, key=lambda one: (one.lane_seq < withdrawn, one.lane_seq), default=None)
    if lost is not None and lost.lane_seq < row.lane_seq:
        _exchange(tx, row, lost)
        between = (one for one in lane if lost.lane_seq < one.lane_seq < row.lane_seq and one.state not in FINAL)
        _wait_again(tx, row, ((one, one) for one in between))


def let_go(tx: Transaction, row: DeliveryRow) -> None:
    """Let go on what was held for want of a dossier, now that its system is given it, or has it by another way."""
    for one in _open(tx, row.destination, row.dossier_id):
        if one.state is State.HELD and _is(one, Why.NEVER_GIVEN):
            evidence.moved(tx, one, Move.OPENED, State.WAITING)
            tx.deliveries.save(changed(lanes.moved(one, State.WAITING, tx.now), reason=None))
    lanes.promote(tx, row.destination, row.dossier_id)


def _wait_again(tx: Transaction, heir: DeliveryRow, legs: Iterable[tuple[DeliveryRow, DeliveryRow]]) -> None:
    """Let whoever waits for the first of two legs wait for the second: all but whom the heir waits for.

    The heir now stands before them, and whoever waits for it while it waits for them would wait for ever: better sent
    too early than never.
    """
    for old, new in legs:
        for waiter in tx.deliveries.waiters(old.message_id, old.destination):
            if _waits_for(tx, heir, waiter):
                lanes.meet(tx, waiter)
            else:
                tx.deliveries.wait_for(waiter, new.message_id, (new.destination,))


def _waits_for(tx: Transaction, row: DeliveryRow, other: DeliveryId) -> bool:
    """Whether a delivery waits for another one of its dossier: after it, behind it in its lane, or by way of more."""
    left = {one.id: one for one in tx.deliveries.open_of(row.dossier_id)}
    behind = defaultdict[SystemId, list[DeliveryRow]](list)  # of each lane, the last at the end
    for leg in sorted(left.values(), key=lambda leg: leg.lane_seq):
        behind[leg.destination].append(leg)
    ahead = [other]
    while ahead:
        one = left.pop(ahead.pop(), None)
        if one is None:
            continue
        if one.id == row.id:
            return True
        ahead += tx.deliveries.waiting_for(one.message_id, one.destination)
        lane = behind[one.destination]
        while lane and lane[-1].lane_seq > one.lane_seq:
            ahead.append(lane.pop().id)
    return False


def _open(tx: Transaction, destination: SystemId, dossier: DossierId) -> list[DeliveryRow]:
    return [one for one in tx.deliveries.open_of(dossier) if one.destination == destination]


def _is(row: DeliveryRow, why: Why) -> bool:
    return row.reason is not None and row.reason.code is why


def _may_yet_go(row: DeliveryRow) -> bool:
    """Whether it goes by itself, or once a person sends again what has expired."""
    return row.state is State.WAITING or _is(row, Why.EXPIRED)


def _held(tx: Transaction, row: DeliveryRow) -> DeliveryRow:
    return lanes.end(tx, row, State.HELD, Reason(Why.NEVER_GIVEN), move=Move.ENDED)


def _exchange(tx: Transaction, heir: DeliveryRow, lost: DeliveryRow) -> None:
    """Let one go as the submission, at the place of the one that ends; that one has the other's."""
    last, _ = tx.deliveries.lane_end(lost.destination, lost.dossier_id)
    tx.deliveries.displace(lost.id, last + 1)
    tx.deliveries.displace(heir.id, lost.lane_seq, kind=SUBMITTED)
    tx.deliveries.displace(lost.id, heir.lane_seq)
