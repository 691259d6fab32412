"""Replays: frozen, released a step at a time, and counted in the transaction in which each delivery ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from gateway.core import replay
from gateway.core.acts import By, Verb
from gateway.core.delivery import STOPS, State
from gateway.core.judging import Decision
from gateway.core.message import Actor
from gateway.core.planning import Planner
from gateway.core.proposals import Proposal
from gateway.core.replay import (
    Choice,
    Frozen,
    Item,
    ItemState,
    Left,
    Order,
    Run,
    RunId,
    RunPlan,
    RunState,
    Selection,
    Steering,
    Tally,
    UnknownRun,
)
from gateway.stores import acts, alone, amending, decisions
from gateway.stores.choosing import choose, standing
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting

_AT_ONCE = 200  #: releases, and looks at what waits, of one transaction
_VERBS = {Steering.PAUSE: Verb.PAUSE, Steering.RESUME: Verb.RESUME, Steering.CANCEL: Verb.CANCEL}


class _Parameters(msgspec.Struct, frozen=True):
    """What ``core.replay.wish`` has written."""

    words: dict[str, str]
    items: tuple[Frozen, ...]
    plan: RunPlan


# --- Beginning


def begin(tx: Transaction, asked: Order, by: By) -> Run:
    """Freeze a run that one person may begin. Raises TooMany."""
    alone.check(tx, len(asked.items), by.actor)
    return _frozen(tx, asked, by)


def _frozen(tx: Transaction, asked: Order, by: By, proposal: Proposal | None = None) -> Run:
    """Keep these deliveries at these stops, whatever arrives later."""
    agreed = {"proposal": proposal.id, "proposed_by": proposal.by.actor.name} if proposal else {}
    run = Run(
        id=RunId(tx.ids.new()),
        by=by,
        made_at=tx.now,
        words=dict(asked.words),
        plan=asked.plan,
        proposal=proposal.id if proposal else None,
    )
    tx.replays.save_run(run)
    items = {item.delivery: item for item in asked.items}
    tx.replays.add_items(_item(tx, run, place, item) for place, item in enumerate(items.values(), start=1))
    told = {**asked.words, **agreed, **replay.facts_of(asked.plan), "requested": str(len(items))}
    acts.record(tx, Verb.REPLAY, replay.target(run.id), by=by, facts=told)
    return run


def _item(tx: Transaction, run: Run, place: int, item: Frozen) -> Item:
    made = Item(run=run.id, place=place, delivery=item.delivery, stopped_at=item.stopped_at)
    taken = tx.replays.of_delivery(item.delivery) is not None
    return _skipped(tx, made, Left.OTHER_RUN) if taken else made


def _skipped(tx: Transaction, item: Item, why: Left) -> Item:
    return replace(item, state=ItemState.SKIPPED, why=why, ended_at=tx.now)


def begin_proposed(tx: Transaction, proposal: Proposal, by: By, _plan: Planner) -> Mapping[str, str]:
    """Begin a run that a second person has agreed to; what has moved since it was proposed will be skipped."""
    asked = msgspec.json.decode(proposal.wish.parameters, type=_Parameters)
    order = Order(words=asked.words, items=asked.items, plan=asked.plan)
    run = _frozen(tx, order, by, proposal)
    return {"replay": run.id, "requested": str(len(order.items))}


# --- Going on


def advance(tx: Transaction, run_id: RunId, plan: Planner) -> RunState:
    """Release what may go now, after a look at what has ended; return how the run stands."""
    run = _found(tx, run_id)
    if run.state not in replay.OPEN_RUNS:
        return run.state
    _pass_blocked(tx, run)
    run = _settled(tx, run)
    if run.state is RunState.RUNNING:
        _release(tx, run, plan)
        run = _settled(tx, _found(tx, run_id))
    return run.state


def has_work(tx: Transaction, run: Run) -> bool:
    """Whether advancing would change anything: a look that writes nothing."""
    tally = tx.replays.tally(run.id)
    if replay.due(run, tally) is not run.state or any(_blocked(tx, run)):
        return True
    return run.state is RunState.RUNNING and _room(tx, run, tally) > 0


def _settled(tx: Transaction, run: Run) -> Run:
    """Bring a run to the state that it comes to by itself."""
    to = replay.due(run, tx.replays.tally(run.id))
    if to is run.state:
        return run
    run = replace(run, state=to, ended_at=tx.now if to is RunState.FINISHED else None)
    tx.replays.save_run(run)
    return run


def _room(tx: Transaction, run: Run, tally: Tally) -> int:
    return replay.room(run, tally, tx.replays.sent_since(run.id, tx.now - replay.RATE_WINDOW))


def _release(tx: Transaction, run: Run, plan: Planner) -> None:
    """Send as many as may go; one that cannot go any more makes room for the next."""
    left = _room(tx, run, tx.replays.tally(run.id))
    released = 0
    for item in tx.replays.items(run.id, ItemState.CHOSEN, 0, _AT_ONCE):
        if released == left:
            break
        released += _release_one(tx, run, item, plan)
    tx.replays.save_run(replace(run, released=run.released + released))


def _release_one(tx: Transaction, run: Run, item: Item, plan: Planner) -> bool:
    """Send one again, marked in the same transaction; False where it is skipped instead."""
    if run.amends:
        return _amend_one(tx, run, item, plan)
    row = tx.deliveries.get(item.delivery)
    why = replay.moved(standing(tx, row, run.id) if row else None, item.stopped_at)
    if why is None and row is not None and _is_behind_a_stop(tx, row):
        why = Left.BLOCKED
    if why is not None:
        tx.replays.save_item(_skipped(tx, item, why))
        return False
    tx.replays.save_item(replace(item, state=ItemState.SENT, sent_at=tx.now))
    facts = {"replay": run.id, "place": str(item.place)}
    ruling = decisions.Ruling(delivery=item.delivery, decision=Decision.RETRY, by=run.by, facts=facts)
    decisions.decide(tx, ruling, plan)
    return True


def _amend_one(tx: Transaction, run: Run, item: Item, plan: Planner) -> bool:
    """Amend one, by a delivery of its own that the item follows from here on; False where it is skipped instead."""
    why = amending.why_not(tx, item)
    row = tx.deliveries.get(item.delivery)
    if why is not None or row is None:
        tx.replays.save_item(_skipped(tx, item, why or Left.UNKNOWN))
        return False
    facts = {"replay": run.id, "place": str(item.place)}
    made = amending.amend(tx, row, plan, by=run.by, facts=facts)
    tx.replays.follow(item, made.id)
    tx.replays.save_item(replace(item, delivery=made.id, state=ItemState.SENT, sent_at=tx.now))
    return True


def _blocked(tx: Transaction, run: Run) -> Iterator[Item]:
    """Yield the items that wait behind something of their lane that has stopped: they go by themselves after it."""
    for item in tx.replays.items(run.id, ItemState.SENT, 0, _AT_ONCE):
        row = tx.deliveries.get(item.delivery)
        if row is not None and row.state is State.WAITING and _is_behind_a_stop(tx, row):
            yield item


def _pass_blocked(tx: Transaction, run: Run) -> None:
    for item in tuple(_blocked(tx, run)):
        tx.replays.save_item(_skipped(tx, item, Left.BLOCKED))


def _is_behind_a_stop(tx: Transaction, row: DeliveryRow) -> bool:
    lane = tx.deliveries.standing(row.destination, row.dossier_id)
    return any(other.state in STOPS for other in lane if other.lane_seq < row.lane_seq)


# --- Steering


def steer(tx: Transaction, run_id: RunId, steering: Steering, by: By) -> Run:
    """Pause, resume or cancel a run; what is on its way stays so. Raises UnknownRun, RunClosed."""
    run = _found(tx, run_id)
    to, tally = replay.steered(run, steering), tx.replays.tally(run_id)
    if to is RunState.CANCELLED:
        tx.replays.skip_chosen(run_id, Left.RUN_CANCELLED, tx.now)
        run = replace(run, ended_at=tx.now)
    forgiven = tally if to is RunState.RUNNING else run.forgiven
    run = replace(run, state=to, forgiven=forgiven)
    tx.replays.save_run(run)
    facts = {"done": str(tally.done), "failed": str(tally.failed), "requested": str(tally.requested)}
    acts.record(tx, _VERBS[steering], replay.target(run_id), by=by, facts=facts)
    return run


def _found(tx: Transaction, run_id: RunId) -> Run:
    run = tx.replays.run(run_id)
    if run is None:
        raise UnknownRun(run_id)
    return run


class ReplayStore(Transacting):
    """``ports.replays.Replays`` over any driver."""

    async def choose(self, selection: Selection, *, whose: Actor | None = None) -> Choice:
        def work(tx: Transaction) -> Choice:
            return replace(choose(tx, selection), lately=alone.lately(tx, whose) if whose else 0)

        return await self._read(work)

    async def begin_run(self, order: Order, *, by: By) -> Run:
        return await self._write(lambda tx: begin(tx, order, by))

    async def advance(self, *, plan: Planner) -> Mapping[RunId, RunState]:
        due = await self._read(lambda tx: [run.id for run in tx.replays.open_runs() if has_work(tx, run)])
        return {run: await self._advance(run, plan) for run in due}

    async def _advance(self, run: RunId, plan: Planner) -> RunState:
        return await self._write(lambda tx: advance(tx, run, plan))

    async def steer_run(self, run: RunId, steering: Steering, *, by: By) -> Run:
        return await self._write(lambda tx: steer(tx, run, steering, by))

    async def run(self, run: RunId) -> tuple[Run, Tally]:
        return await self._read(lambda tx: (_found(tx, run), tx.replays.tally(run)))

    async def runs(self, *, limit: int = 100) -> Sequence[tuple[Run, Tally]]:
        return await self._read(lambda tx: tuple((run, tx.replays.tally(run.id)) for run in tx.replays.newest(limit)))

    async def run_items(
        self, run: RunId, *, state: ItemState | None = None, after: int = 0, limit: int = 100
    ) -> Sequence[Item]:
        def work(tx: Transaction) -> Sequence[Item]:
            return tx.replays.items(_found(tx, run).id, state, after, limit)

        return await self._read(work)
