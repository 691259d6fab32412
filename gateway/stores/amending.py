"""Amending what a system has taken: which delivery stands for a dossier there, and a new one beside it."""

from __future__ import annotations

from datetime import timedelta

from gateway.core import amending, kinds
from gateway.core.acts import By, Target, Verb
from gateway.core.delivery import FINAL, STOPS, State
from gateway.core.ids import DossierId, SystemId
from gateway.core.message import Draft, Leg, Plan, Submission
from gateway.core.planning import Planner
from gateway.core.replay import Item, Left
from gateway.stores import acts, chains, endings, evidence, lanes, loading
from gateway.stores.acceptance import Acceptance
from gateway.stores.known import find, known
from gateway.stores.rows import DeliveryRow, Stored
from gateway.stores.tables import Transaction

_PATIENCE = timedelta(hours=4)  #: fresh dossiers of the next hours go before it


def standing(tx: Transaction, dossier: DossierId, system: SystemId) -> DeliveryRow | Left:
    """Return the delivery by which a system has a dossier as it is, or why it cannot be amended."""
    rows = [row for row in tx.deliveries.of_dossier(dossier) if row.destination == system]
    if any(row.in_doubt_since is not None for row in rows):
        return Left.IN_DOUBT
    under_way = [row for row in rows if row.state not in FINAL]
    if under_way:
        return Left.BLOCKED if any(row.state in STOPS for row in under_way) else Left.ON_ITS_WAY
    taken = [row for row in rows if row.state is State.DELIVERED and row.kind in kinds.WHOLE]
    if not taken:
        return Left.NOT_DELIVERED
    if chains.is_withdrawing(tx, dossier):
        return Left.WITHDRAWN
    return max(taken, key=lambda row: row.lane_seq)


def why_not(tx: Transaction, item: Item) -> Left | None:
    """Return why an item cannot be amended now that its turn has come; None where it stands as it was chosen."""
    row = tx.deliveries.get(item.delivery)
    if row is None:
        return Left.UNKNOWN
    found = standing(tx, row.dossier_id, row.destination)
    if isinstance(found, Left):
        return found
    return None if found.id == row.id and row.settled_at == item.stopped_at else Left.MOVED


def amend(tx: Transaction, row: DeliveryRow, plan: Planner, *, by: By, facts: dict[str, str]) -> DeliveryRow:
    """State the dossier to the system of a delivery once more, and return the new delivery; kept with who and why."""
    dossier = tx.dossiers.get(row.dossier_id)
    statement = chains.statement(tx, dossier) if dossier else None
    if dossier is None or statement is None:
        raise loading.RowMissing(row.dossier_id)
    codes = tx.dossiers.codes(dossier.id)
    draft = amending.restated(
        statement, codes, row.destination, actor=by.actor, cause=row.message_id, test=dossier.test
    )
    stored = Stored(
        id=lanes.new_message(tx), dossier_id=dossier.id, draft=draft, accepted_at=tx.now, revision=dossier.revision
    )
    leg = Leg(
        destination=row.destination,
        priority_at=tx.now + _PATIENCE,
        blocks=kinds.blocks(kinds.AMENDED),
        prelease=False,
        route=row.route,
        feed=_reads(tx, draft, row, plan),
    )
    own = Submission(id=stored.id, draft=draft, legs=(leg,))
    tx.messages.add(stored)
    (made,) = Acceptance(tx, plan).send(stored, own)
    endings.take_up(tx, dossier.id)
    evidence.accepted(tx, own, stored, (made,), parked=False)
    told = {**facts, **amending.facts_of(row.destination, stored.id), "delivery": made.id}
    acts.record(tx, Verb.AMEND, Target.delivery(row.id), by=by, dossier=dossier.id, facts=told)
    return made


def _reads(tx: Transaction, draft: Draft, row: DeliveryRow, plan: Planner) -> bool:
    """Whether its system reads a feed by now: what it has taken stays as it was taken when that changes."""
    planned = plan(draft, known(tx, draft, find(tx, draft, row.dossier_id)))
    legs = planned.submissions[0].legs if isinstance(planned, Plan) else ()
    return next((leg.feed for leg in legs if leg.destination == row.destination), row.feed)
