"""Handing back: what was never sent ends in our books, all of it or nothing, and its dossiers are named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.core.acts import By, Target, Verb
from gateway.core.delivery import FINAL, State, Transition
from gateway.core.handback import MOST, Handed, HandedBack, Handing, Leg, Wanted, handing, unsent
from gateway.core.ids import DeliveryId
from gateway.core.planning import Planner
from gateway.core.reason import Reason, Why
from gateway.core.record import Move
from gateway.ports.adoptions import Rehearsed
from gateway.stores import acts
from gateway.stores.decisions import apply, found
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction


def hand_back(
    tx: Transaction, wanted: Wanted, rehearsed: Rehearsed, by: By, plan: Planner, *, is_trial: bool
) -> HandedBack:
    """End what was never sent, unless it is only tried or something of it is still to be sent; name its dossiers."""
    rows = tx.deliveries.find(None, wanted.system, MOST)
    chosen = list(_chosen(tx, rows, wanted, rehearsed))
    items = tuple(item for item, _ in chosen)
    is_whole = len(rows) < MOST or rows[-1].created_at < wanted.since
    is_done = is_whole and not is_trial and all(item.handing is not Handing.LIVE for item in items)
    result = HandedBack(items=items, is_done=is_done, is_whole=is_whole)
    if is_done:
        _end(tx, [delivery for _, left in chosen for delivery in left], plan)
        facts = {"since": wanted.since.isoformat(), "procedure": wanted.procedure, "agency": wanted.agency}
        counts = {name: str(number) for name, number in result.counts.items() if number}
        acts.record(tx, Verb.HAND_BACK, Target.system(wanted.system), by=by, facts=facts | counts)
    return result


def _chosen(
    tx: Transaction, rows: Sequence[DeliveryRow], wanted: Wanted, rehearsed: Rehearsed
) -> Iterator[tuple[Handed, tuple[DeliveryId, ...]]]:
    """Yield each dossier with the deliveries that have to end for it, the last of its lane first."""
    for home in dict.fromkeys(row.dossier_id for row in reversed(rows) if row.created_at >= wanted.since):
        dossier = tx.dossiers.get(home)
        if dossier is None or not wanted.takes(dossier.procedure, dossier.agency):
            continue
        lane = [_leg(row, rehearsed) for row in tx.deliveries.of_dossier(home) if row.destination == wanted.system]
        left = unsent(lane, wanted)
        if left:
            item = Handed(
                dossier_id=home,
                codes=tx.dossiers.codes(home),
                procedure=dossier.procedure,
                agency=dossier.agency,
                handing=handing(lane, left, is_adopted=wanted.system in dossier.adopted),
                kinds=tuple(leg.kind for leg in left),
            )
            yield item, tuple(leg.id for leg in reversed(left) if leg.state not in FINAL)


def _leg(row: DeliveryRow, rehearsed: Rehearsed) -> Leg:
    return Leg(
        id=row.id,
        kind=row.kind,
        state=row.state,
        begun=row.begun,
        reached=row.reached,
        reason=row.reason.code if row.reason else None,
        created_at=row.created_at,
        is_rehearsed=rehearsed(row.destination, row.route),
    )


def _end(tx: Transaction, deliveries: list[DeliveryId], plan: Planner) -> None:
    ended = Transition(to=State.CANCELLED, reason=Reason(Why.HANDED_BACK))
    for delivery in deliveries:
        apply(tx, found(tx, delivery), ended, plan, move=Move.CANCELLED)
