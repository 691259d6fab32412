"""Editing: a corrected message takes the place of one that was refused; the refused one stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec
from msgspec.structs import replace as changed

from gateway.core.acts import By, Target, Verb
from gateway.core.delivery import State
from gateway.core.ids import DeliveryId
from gateway.core.judging import Decision, decided
from gateway.core.message import Draft, Submission
from gateway.core.planning import Planner
from gateway.core.proposals import Proposal
from gateway.core.reason import Why
from gateway.stores import acts, decisions, evidence, lanes, loading, statuses
from gateway.stores.acceptance import Acceptance
from gateway.stores.rows import DeliveryRow, DossierRow, Stored
from gateway.stores.settlement import bind
from gateway.stores.tables import Transaction


class Replacement(msgspec.Struct, frozen=True):
    """The parameters of an edit: which delivery, and the corrected draft whole."""

    delivery: DeliveryId
    draft: Draft


def replace_message(tx: Transaction, proposal: Proposal, by: By, plan: Planner) -> Mapping[str, str]:
    """Accept the corrected draft, caused by the refused message, and send it in that one's place of the lane.

    Raises Undecidable where the delivery has moved meanwhile.
    """
    asked = msgspec.json.decode(proposal.wish.parameters, type=Replacement)
    row = decisions.found(tx, asked.delivery)
    transition = decided(Decision.REPLACE, decisions.standing_of(row))
    old = loading.message(tx, row)
    new = _message(tx, old, replace(asked.draft, causation_id=old.id, corrects=old.id))
    successor = _take_place(tx, row, new)
    own = Submission(id=new.id, draft=new.draft, legs=(), route_version=new.route_version)
    evidence.accepted(tx, own, new, (successor,), parked=False)
    decisions.apply(tx, decisions.found(tx, row.id), transition, plan)
    bind(tx, Acceptance(tx, plan), new, new.draft.codes)
    facts = {"proposal": proposal.id, "digest": new.draft.digest, "message": new.id, "delivery": successor.id}
    acts.record(tx, Verb.EDIT, Target.delivery(row.id), by=by, dossier=old.dossier_id, facts=facts)
    return facts


def _message(tx: Transaction, old: Stored, draft: Draft) -> Stored:
    """Keep the corrected draft as a message of the dossier; a whole one is a revision of its own."""
    dossier = tx.dossiers.get(old.dossier_id)
    if dossier is None:
        raise loading.RowMissing(old.dossier_id)
    whole = draft.document is not None
    new = Stored(
        id=lanes.new_message(tx),
        dossier_id=old.dossier_id,
        draft=draft,
        accepted_at=tx.now,
        revision=dossier.revision + 1 if whole else old.revision,
        route_version=old.route_version,
    )
    tx.messages.add(new)
    if whole:
        _revise(tx, dossier, old, new)
    if any(view.message_id == old.id for view in tx.dossiers.statuses(dossier.id)):
        statuses.state(tx, new)
    return new


def _revise(tx: Transaction, dossier: DossierRow, old: Stored, new: Stored) -> None:
    """Make the corrected dossier the current one, unless a later statement than the corrected one is: that stays so."""
    tx.dossiers.revise(dossier.id, new.revision, new.id)
    if dossier.stated_by is None or dossier.stated_by == old.id:
        digest = new.draft.document_digest
        tx.dossiers.save(changed(dossier, revision=new.revision, digest=digest, stated_by=new.id))
    else:
        tx.dossiers.revise(dossier.id, new.revision + 1, dossier.stated_by)
        tx.dossiers.save(changed(dossier, revision=new.revision + 1))


def _take_place(tx: Transaction, row: DeliveryRow, new: Stored) -> DeliveryRow:
    """Put a delivery of the new message where the old one stands: what waits behind it, or for it, waits on."""
    last, _ = tx.deliveries.lane_end(row.destination, row.dossier_id)
    legs = [(one.message_id, one.destination) for one in tx.deliveries.open_of(row.dossier_id)]
    before = [leg for leg in legs if row.id in tx.deliveries.waiting_for(*leg)]
    tx.deliveries.displace(row.id, last + 1)
    waits = row.reason if row.reason is not None and row.reason.code is Why.NEVER_GIVEN else None
    successor = DeliveryRow(
        id=DeliveryId(tx.ids.new()),
        message_id=new.id,
        dossier_id=row.dossier_id,
        source=row.source,
        kind=row.kind,
        destination=row.destination,
        lane_seq=row.lane_seq,
        state=State.HELD if waits else State.WAITING,
        awaits=len(before),
        blocks=row.blocks,
        tells=row.tells,
        route=row.route,
        feed=row.feed,
        created_at=tx.now,
        priority_at=row.priority_at,
        due_at=tx.now,
        settled_at=tx.now if waits else None,
        reason=waits,
    )
    tx.deliveries.add(successor)
    for message, system in before:
        tx.deliveries.wait_for(successor.id, message, (system,))
    for waiter in tx.deliveries.waiters(row.message_id, row.destination):
        tx.deliveries.wait_for(waiter, new.id, (row.destination,))
    return successor
