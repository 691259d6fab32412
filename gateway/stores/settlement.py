"""Settling an attempt: move, count, bind, promote, and accept what follows from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import starmap

from msgspec.structs import replace as changed

from gateway.core.codes import is_code
from gateway.core.delivery import FINAL, HEADS, DoubtMark, State, Step, Transition
from gateway.core.ids import GATEWAY
from gateway.core.kinds import WITHDRAWAL_REQUESTED as WITHDRAWAL
from gateway.core.message import Actor, ActorKind, Code, Draft, Payload, Receipt, Refused
from gateway.core.news import Withdrawal
from gateway.core.planning import Planner
from gateway.core.poison import is_lost, lost_in_a_row
from gateway.core.reason import Reason, Why
from gateway.core.record import Move
from gateway.core.withdrawal import answers, overtaken_later
from gateway.ports.store import Settled, Settlement
from gateway.stores import evidence, lanes, loading
from gateway.stores.acceptance import Acceptance
from gateway.stores.rows import AttemptRow, DeliveryRow, Stored
from gateway.stores.tables import Transaction

_CONFLICT = "x.gateway.conflict"
_SHOWN = 200  #: signs of a code that is none
#: What a delivery moves to when its destination surely has not taken it.
_UNTAKEN = frozenset({State.READY, State.DELAYED, State.DEAD})


def settle(tx: Transaction, settlement: Settlement, plan: Planner) -> Settled:
    """End an attempt; a lost lease keeps the evidence, and a late Delivered still counts."""
    row = tx.deliveries.get(settlement.lease.delivery_id)
    if row is None:
        raise loading.RowMissing(settlement.lease.delivery_id)
    token = settlement.lease.token
    if row.lease is not None and row.lease.token == token:
        _keep(tx, row, settlement)  # nobody else can have: the lease is still held
        _finish(tx, row, settlement, plan)
        return Settled.DONE
    if token == row.settled_token or tx.deliveries.has_attempt(token):
        _record(tx, row, settlement)
        return Settled.AGAIN
    _record(tx, row, settlement)
    if settlement.transition.to is State.DELIVERED and row.state not in FINAL:
        _finish(tx, _as_if_held(tx, row), settlement, plan)
    return Settled.LATE


def _record(tx: Transaction, row: DeliveryRow, settlement: Settlement) -> None:
    """Keep a late attempt as evidence, once."""
    if not tx.deliveries.has_attempt(settlement.lease.token):
        _keep(tx, row, settlement, late=True)


def _keep(tx: Transaction, row: DeliveryRow, settlement: Settlement, *, late: bool = False) -> None:
    if settlement.attempt is not None:
        tx.deliveries.add_attempt(AttemptRow(token=settlement.lease.token, at=tx.now, attempt=settlement.attempt))
        evidence.attempted(tx, row, settlement, late=late)


def _as_if_held(tx: Transaction, row: DeliveryRow) -> DeliveryRow:
    """Bring a delivery whose lease was lost where DELIVERED may follow."""
    return lanes.moved(row, State.READY, tx.now) if row.state is State.DELAYED else row


def _finish(tx: Transaction, row: DeliveryRow, settlement: Settlement, plan: Planner) -> None:
    """Apply the transition. Who holds the lease now, if anybody, will hear that it is settled already."""
    if settlement.attempt is None:
        evidence.moved(tx, row, Move.ENDED, settlement.transition.to, settlement.transition.reason)
    settled = _settled(tx, row, settlement)
    lanes.settle_row(tx, settled)
    transition = settlement.transition
    if transition.facts or transition.codes or settlement.then:
        _learn(tx, row, settlement, plan)
    if transition.to in _UNTAKEN and not settled.begun:
        withdraw(tx, settled, plan)


def withdraw(tx: Transaction, row: DeliveryRow, plan: Planner) -> None:
    """Let a withdrawal that waits behind it, whoever has said it, overtake what surely was not taken."""
    waiting = tx.deliveries.last_standing(row.destination, row.dossier_id, WITHDRAWAL)
    dossier = tx.dossiers.get(row.dossier_id) if waiting else None
    if waiting is None or dossier is None:
        return
    found = overtaken_later(loading.dossier_state(tx, dossier), loading.opened(tx, waiting))
    acceptance = Acceptance(tx, plan)
    for item in found.deliveries:
        overtaken = tx.deliveries.get(item.id)
        if overtaken is not None:
            lanes.cancel(tx, overtaken, Reason(Why.WITHDRAWN))
    stored = loading.message(tx, waiting)
    asked = Withdrawal(message_id=stored.id, tell=stored.draft.source, codes=stored.draft.codes, test=stored.draft.test)
    is_over = all(one.state is State.CANCELLED for one in tx.deliveries.of_message(stored.id))
    for draft in answers(asked, replace(found, unheard=is_over and not found.answered)):
        follow(tx, acceptance, stored, draft)


def _learn(tx: Transaction, row: DeliveryRow, settlement: Settlement, plan: Planner) -> None:
    """Keep what the partner said, and accept what follows from it."""
    stored = loading.message(tx, row)
    acceptance = Acceptance(tx, plan)
    transition = settlement.transition
    if transition.facts:
        tx.dossiers.add_facts(stored.dossier_id, row.destination, transition.facts)
    if transition.codes:
        bind(tx, acceptance, stored, starmap(Code, transition.codes.items()))
    for draft in settlement.then:
        follow(tx, acceptance, stored, draft)


def _settled(tx: Transaction, row: DeliveryRow, settlement: Settlement) -> DeliveryRow:
    """Return the row after the transition."""
    transition, held = settlement.transition, row.lease
    in_doubt_since, closed_at = _doubt(tx, row, transition)
    return changed(
        lanes.moved(row, transition.to, tx.now),
        in_doubt_since=in_doubt_since,
        closed_at=closed_at,
        step=transition.step,
        reason=transition.reason,
        due_at=tx.now + transition.wait if transition.to in HEADS else row.due_at,
        tries=row.tries + (settlement.attempt is not None),
        attempts=row.attempts + transition.consumes,
        reclaims=row.reclaims and _reclaims(tx, row, settlement),
        notes={**row.notes, **transition.notes},
        settled_token=(held or settlement.lease).token,
    )


def _reclaims(tx: Transaction, row: DeliveryRow, settlement: Settlement) -> int:
    """Return how many workers in a row it has lost: an attempt that came to its end clears it."""
    if settlement.attempt is None or is_lost(settlement.attempt):
        return row.reclaims
    return min(row.reclaims, lost_in_a_row([one.attempt for one in tx.deliveries.attempts(row.id)], Step.SEND))


def _doubt(tx: Transaction, row: DeliveryRow, transition: Transition) -> tuple[datetime | None, datetime | None]:
    """Return since when it is in doubt after the transition, and when our side of the doubtful exchange ended."""
    match transition.doubt:
        case DoubtMark.SET:
            return row.in_doubt_since or row.due_at, tx.now
        case DoubtMark.CLEAR:
            return None, None
        case DoubtMark.KEEP:
            return row.in_doubt_since, row.closed_at


def bind(tx: Transaction, acceptance: Acceptance, stored: Stored, codes: Iterable[Code]) -> None:
    """Bind a partner's codes; one that belongs to another dossier, or that is none, is held for operators."""
    mine: list[Code] = []
    for code in codes:
        if not is_code(code.value):
            acceptance.hold(_conflict(stored, code), Reason(Why.UNREADABLE, code.scheme), home=stored.dossier_id)
        elif tx.dossiers.owners((code,)) <= {stored.dossier_id}:
            mine.append(code)
        else:
            acceptance.hold(_conflict(stored, code), Reason(Why.CODES_CONFLICT, code.scheme), home=stored.dossier_id)
    acceptance.bind(stored.dossier_id, mine)


def _conflict(stored: Stored, code: Code) -> Draft:
    """Return what the operators see of a code that two dossiers claim, or that none can have."""
    data = {"scheme": code.scheme, "code": code.value[:_SHOWN]}
    body = json.dumps({"kind": _CONFLICT, "data": data}).encode()
    return Draft(
        source=GATEWAY,
        operation="settle",
        actor=Actor(kind=ActorKind.GATEWAY, name=GATEWAY),
        kind=_CONFLICT,
        codes=stored.draft.codes,
        payload=Payload(body=body, media_type="application/json"),
        digest=hashlib.sha256(body).hexdigest(),
        causation_id=stored.id,
    )


def follow(tx: Transaction, acceptance: Acceptance, stored: Stored, draft: Draft) -> None:
    """Accept what follows from a reply; what cannot be accepted is held, and never fails the settlement."""
    try:
        with tx.nested():
            result = acceptance.accept(draft, home=stored.dossier_id)
    except Exception:  # noqa: BLE001 - nothing derived from a reply may fail the settlement
        reason: Reason | None = Reason(Why.UNREADABLE)
    else:
        reason = None if isinstance(result, Receipt) else Reason(Why.UNREADABLE)
        if isinstance(result, Refused):
            reason = result.reason
    if reason is not None:
        acceptance.hold(draft, reason, home=stored.dossier_id)
