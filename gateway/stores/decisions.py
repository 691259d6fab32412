"""A person's decision about a delivery: moved by ``core.judging``, told to the source, kept with who and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import starmap

from msgspec.structs import replace as changed

from gateway.core import news
from gateway.core.acts import Act, By, Target
from gateway.core.delivery import FINAL, STOPS, State, Step, Transition
from gateway.core.ids import DeliveryId
from gateway.core.judging import COUNTED, ENDS, VERBS, Decision, Standing, UnknownDelivery, decided, is_spoken_of
from gateway.core.message import Code
from gateway.core.planning import Planner
from gateway.core.reason import Reason, Why
from gateway.core.record import Move
from gateway.stores import acts, alone, evidence, lanes, loading, opening
from gateway.stores.acceptance import Acceptance
from gateway.stores.rows import DeliveryRow
from gateway.stores.settlement import bind, follow, withdraw
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One decision about one delivery, and what its act says beside it."""

    delivery: DeliveryId
    decision: Decision
    by: By
    codes: Mapping[str, str] = field(default_factory=dict[str, str])
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


def decide_alone(tx: Transaction, ruling: Ruling, plan: Planner) -> Act:
    """Apply the decision of one person. Raises UnknownDelivery, Undecidable, TooMany."""
    if ruling.decision in COUNTED:
        alone.check(tx, 1, ruling.by.actor)
    return decide(tx, ruling, plan)


def decide(tx: Transaction, ruling: Ruling, plan: Planner) -> Act:
    """Apply a decision, and record it. Raises UnknownDelivery, Undecidable."""
    row = found(tx, ruling.delivery)
    standing = replace(
        standing_of(row),
        spoken=ruling.decision is Decision.ABSENT and _is_spoken_of(tx, row),
        unsent=ruling.decision in ENDS and opening.is_unsent(tx, row),
    )
    transition = decided(ruling.decision, standing, ruling.codes)
    facts = {"decision": str(ruling.decision), "was": str(row.state), "system": row.destination}
    facts |= {f"code.{scheme}": value for scheme, value in transition.codes.items()} | dict(ruling.facts)
    target = Target.delivery(ruling.delivery)
    act = acts.record(tx, VERBS[ruling.decision], target, by=ruling.by, dossier=row.dossier_id, facts=facts)
    apply(tx, row, transition, plan)
    return act


def found(tx: Transaction, delivery: DeliveryId) -> DeliveryRow:
    """Return a delivery. Raises UnknownDelivery."""
    row = tx.deliveries.get(delivery)
    if row is None:
        raise UnknownDelivery(delivery)
    return row


def standing_of(row: DeliveryRow) -> Standing:
    """Return what a decision looks at."""
    return Standing(state=row.state, in_doubt=row.in_doubt_since is not None, destination=row.destination)


def spoke_at(tx: Transaction, row: DeliveryRow) -> datetime | None:
    """Return when we had the status of the dossier that stands of the system which a delivery is for."""
    said = loading.said_last(tx, row.dossier_id, row.destination)
    return said.accepted_at if said else None


def _is_spoken_of(tx: Transaction, row: DeliveryRow) -> bool:
    since = row.in_doubt_since
    return since is not None and is_spoken_of(row.kind, since, spoke_at(tx, row))


def apply(
    tx: Transaction, row: DeliveryRow, transition: Transition, plan: Planner, *, move: Move = Move.DECIDED
) -> None:
    """Move a delivery that no worker holds, tell its source, and let its lane go on."""
    called_off = transition.reason is not None and transition.reason.code is Why.CALLED_OFF
    if called_off:
        withdraw(tx, row, plan)
        if found(tx, row.id).state in FINAL:
            return  # with the withdrawal behind it, which has been answered
    evidence.moved(tx, row, move, transition.to, transition.reason)
    if transition.to is State.WAITING:
        send_again(tx, row, transition.reason)
        if row.in_doubt_since is not None:
            withdraw(tx, found(tx, row.id), plan)
        return
    if row.state is State.DELAYED and transition.to is State.DELIVERED:
        row = lanes.moved(row, State.READY, tx.now)
    held: Sequence[DeliveryRow] = ()
    if called_off:
        held = opening.give_up(tx, row)
        row = found(tx, row.id)
    row = changed(lanes.moved(row, transition.to, tx.now), in_doubt_since=None, closed_at=None)
    lanes.settle_row(tx, changed(row, reason=transition.reason))
    _tell(tx, row, transition, plan)
    Acceptance(tx, plan).tell_held(held)
    if transition.to is State.DEAD:
        withdraw(tx, found(tx, row.id), plan)


def send_again(tx: Transaction, row: DeliveryRow, reason: Reason | None) -> None:
    """Let a delivery go from its place in the lane, with fresh patience and without an expiry that has passed."""
    if row.expires_at is not None and row.expires_at <= tx.now:
        row = changed(row, expires_at=None)
        tx.deliveries.unlimit(row.id)
    row = changed(row, in_doubt_since=None, closed_at=None, step=Step.SEND, attempts=0, reclaims=0, reason=reason)
    if row.state in STOPS:
        tx.deliveries.save(changed(lanes.moved(row, State.WAITING, tx.now), pinned=None, due_at=tx.now))
        lanes.promote(tx, row.destination, row.dossier_id)
        return
    if row.state is State.DELAYED:
        row = lanes.moved(row, State.READY, tx.now)
    lanes.settle_row(tx, changed(row, pinned=None, due_at=tx.now))


def _tell(tx: Transaction, row: DeliveryRow, transition: Transition, plan: Planner) -> None:
    """Bind the partner's codes, and tell the source what has become of its message."""
    stored = loading.message(tx, row)
    acceptance = Acceptance(tx, plan)
    if transition.codes:
        bind(tx, acceptance, stored, starmap(Code, transition.codes.items()))
    kind = news.FATES.get(transition.to)
    if kind is None or not row.tells:
        return
    about = loading.about(row, stored)
    code = next(iter(transition.codes.values()), "")
    follow(tx, acceptance, stored, news.tell(kind, about, reason=transition.reason, partner_code=code))


def expire(tx: Transaction, plan: Planner, limit: int) -> int:
    """End what has passed its expiry before anything left."""
    rows = tx.deliveries.expired(tx.now, limit)
    for found_row in rows:
        row = tx.deliveries.get(found_row.id)  # one before it may have let it go
        if row is not None and row.state in {State.WAITING, State.DELAYED, State.READY}:
            apply(tx, row, Transition(to=State.DEAD, reason=Reason(Why.EXPIRED)), plan, move=Move.ENDED)
    return len(rows)


class DecisionStore(Transacting):
    """``ports.decisions.Decisions`` over any driver."""

    async def decide(
        self,
        delivery: DeliveryId,
        decision: Decision,
        *,
        by: By,
        plan: Planner,
        codes: Mapping[str, str] | None = None,
    ) -> Act:
        if decision is Decision.REPLACE:
            raise ValueError("a replacement is proposed, and executed by its approval")
        ruling = Ruling(delivery=delivery, decision=decision, by=by, codes=codes or {})
        return await self._write(lambda tx: decide_alone(tx, ruling, plan))

    async def expire(self, *, plan: Planner, limit: int) -> int:
        return await self._write(lambda tx: expire(tx, plan, limit))
