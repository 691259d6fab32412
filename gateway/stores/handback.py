"""Handing back: what was never sent ends in our books, part by part, and its dossiers are named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gateway.core.acts import By, Target, Verb
from gateway.core.delivery import FINAL, State, Transition
from gateway.core.handback import MOST, Handed, HandedBack, Handing, Leg, Wanted, handing, is_handed_back, unsent
from gateway.core.ids import DeliveryId, DossierId
from gateway.core.planning import Planner
from gateway.core.reason import Reason, Why
from gateway.core.record import Move
from gateway.ports.adoptions import Rehearsed
from gateway.stores import acts
from gateway.stores.decisions import apply, found
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction


def look(tx: Transaction, wanted: Wanted, rehearsed: Rehearsed) -> HandedBack:
    """Name the dossiers of which something was never sent, and how each stands; nothing is ended."""
    rows = tx.deliveries.find(None, wanted.system, MOST)
    homes = dict.fromkeys(row.dossier_id for row in reversed(rows) if row.created_at >= wanted.since)
    items = tuple(item for item, _ in _chosen(tx, homes, wanted, rehearsed))
    is_whole = len(rows) < MOST or rows[-1].created_at < wanted.since
    return HandedBack(items=items, is_done=False, is_whole=is_whole)


def hand_back(
    tx: Transaction, wanted: Wanted, part: Sequence[Handed], rehearsed: Rehearsed, by: By, plan: Planner
) -> tuple[Handed, ...]:
    """End what was never sent of these dossiers, as they stand now; what turns out to be live stays as it is."""
    items: list[Handed] = []
    for item, left in _chosen(tx, [one.dossier_id for one in part], wanted, rehearsed):
        is_done = item.handing is not Handing.LIVE
        if is_done:
            _end(tx, left, plan)
        items.append(replace(item, is_done=is_done))
    done = HandedBack(items=tuple(item for item in items if item.is_done), is_done=True)
    if done.items:
        facts = {"since": wanted.since.isoformat(), "procedure": wanted.procedure, "agency": wanted.agency}
        counts = {name: str(number) for name, number in done.counts.items() if number}
        acts.record(tx, Verb.HAND_BACK, Target.system(wanted.system), by=by, facts=facts | counts)
    return tuple(items)


def _chosen(
    tx: Transaction, homes: Iterable[DossierId], wanted: Wanted, rehearsed: Rehearsed
) -> Iterator[tuple[Handed, tuple[DeliveryId, ...]]]:
    """Yield each dossier with the deliveries that have to end for it, the last of its lane first."""
    for home in homes:
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
                is_done=is_handed_back(left),
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


def _end(tx: Transaction, deliveries: Iterable[DeliveryId], plan: Planner) -> None:
    ended = Transition(to=State.CANCELLED, reason=Reason(Why.HANDED_BACK))
    for delivery in deliveries:
        apply(tx, found(tx, delivery), ended, plan, move=Move.CANCELLED)
