"""Replays in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from gateway.core.acts import By
from gateway.core.ids import DeliveryId
from gateway.core.message import Actor
from gateway.core.replay import Item, ItemState, Left, Run, RunId, RunPlan, RunState, Tally
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access, Many
from gateway.stores.sql.acts import actor, actor_column

_RUN = "id, actor, reason, made_at, words, plan, state, released, forgiven, ended_at, proposal"
_ITEM = "run_id, place, delivery_id, stopped_at, state, why, sent_at, ended_at"
_SELECT_RUN = f"SELECT {_RUN} FROM replay_run "  # noqa: S608 - constants of this module
_SELECT_ITEM = f"SELECT {_ITEM} FROM replay_item "  # noqa: S608 - constants of this module
# Add or replace a run; it keeps its place.
SAVE_RUN = c.replace_one("replay_run", _RUN, key="id", moving="state, released, forgiven, ended_at")
# One run.
GET_RUN = _SELECT_RUN + "WHERE id = ?"
# All runs, the newest first.
NEWEST = _SELECT_RUN + "ORDER BY seq DESC LIMIT ?"
# Those that have not ended.
OPEN_RUNS = _SELECT_RUN + "WHERE state IN ('running', 'paused', 'stopped') ORDER BY seq"
_ALONE = """
SELECT actor, (SELECT count(*) FROM replay_item WHERE run_id = run.id AND (state = 'chosen' OR sent_at > :since))
FROM replay_run AS run WHERE proposal IS NULL AND ended_at"""
# Who began a run alone, and how many of its items were sent after a time or may still be: of what has not ended before.
ALONE_SINCE = f"{_ALONE} IS NULL UNION ALL {_ALONE} > :since"
# Keep items.
ADD_ITEM = Many(f"INSERT INTO replay_item ({_ITEM})", 8)
# Replace what may change of an item.
SAVE_ITEM = "UPDATE replay_item SET state = ?, why = ?, sent_at = ?, ended_at = ? WHERE run_id = ? AND place = ?"
# Be about another delivery.
FOLLOW = "UPDATE replay_item SET delivery_id = ? WHERE run_id = ? AND place = ?"
# Skip what was not sent yet.
SKIP_CHOSEN = """
UPDATE replay_item SET state = 'skipped', why = ?, ended_at = ? WHERE run_id = ? AND state = 'chosen'
"""
# A run's items behind a place.
ITEMS = _SELECT_ITEM + "WHERE run_id = ? AND place > ? ORDER BY place LIMIT ?"
# Those of one state.
ITEMS_OF = _SELECT_ITEM + "WHERE run_id = ? AND state = ? AND place > ? ORDER BY place LIMIT ?"
# Whether any run has anything before it.
ANY_OPEN = "SELECT EXISTS (SELECT 1 FROM replay_item INDEXED BY replay_item_open WHERE state IN ('chosen', 'sent'))"
# The run that has a delivery.
OF_DELIVERY = _SELECT_ITEM + "WHERE delivery_id = ? AND state IN ('chosen', 'sent')"
# How many items of a run stand how.
TALLY = "SELECT state, count(*) FROM replay_item WHERE run_id = ? GROUP BY state"
# How many were released after a time.
SENT_SINCE = "SELECT count(*) FROM replay_item WHERE run_id = ? AND sent_at > ?"

_ENCODER = msgspec.json.Encoder()
_PLANS = msgspec.json.Decoder(RunPlan)
_TALLIES = msgspec.json.Decoder(Tally)


class SqlReplays:
    """``replay_tables.ReplayTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._run = access.run
        self._any_open: bool | None = None  #: None: nobody has looked

    def begin(self) -> None:
        """Begin a transaction: where nothing was open, nothing is; where something was, it may have been the last."""
        self._any_open = self._any_open and None

    def forget(self) -> None:
        """Know nothing: something was undone."""
        self._any_open = None

    def save_run(self, run: Run) -> None:
        self._run(
            SAVE_RUN,
            (
                run.id,
                actor_column(run.by.actor),
                run.by.reason,
                c.micros(run.made_at),
                c.texts_column(run.words),
                _ENCODER.encode(run.plan),
                run.state,
                run.released,
                _ENCODER.encode(run.forgiven),
                c.micros_or_none(run.ended_at),
                run.proposal,
            ),
        )

    def run(self, run: RunId) -> Run | None:
        row = self._run(GET_RUN, (run,)).fetchone()
        return None if row is None else _a_run(row)

    def newest(self, limit: int) -> Sequence[Run]:
        return [_a_run(row) for row in self._run(NEWEST, (limit,)).fetchall()]

    def open_runs(self) -> Sequence[Run]:
        return [_a_run(row) for row in self._run(OPEN_RUNS).fetchall()]

    def alone_since(self, moment: datetime) -> Sequence[tuple[Actor, int]]:
        return [(actor(row[0]), int(row[1])) for row in self._run(ALONE_SINCE, {"since": c.micros(moment)}).fetchall()]

    def add_items(self, items: Iterable[Item]) -> None:
        for item in items:
            first = (item.run, item.place, item.delivery, c.micros(item.stopped_at))
            self._access.add(ADD_ITEM, (*first, *_moving(item)))
        self._access.flush()  # nothing is put off: a settlement looks here without having anything written for it
        self._any_open = None

    def save_item(self, item: Item) -> None:
        self._run(SAVE_ITEM, (*_moving(item), item.run, item.place))

    def follow(self, item: Item, delivery: DeliveryId) -> None:
        self._run(FOLLOW, (delivery, item.run, item.place))

    def skip_chosen(self, run: RunId, why: Left, now: datetime) -> None:
        self._run(SKIP_CHOSEN, (why, c.micros(now), run))

    def items(self, run: RunId, state: ItemState | None, after: int, limit: int) -> Sequence[Item]:
        if state is None:
            return [_an_item(row) for row in self._run(ITEMS, (run, after, limit)).fetchall()]
        return [_an_item(row) for row in self._run(ITEMS_OF, (run, state, after, limit)).fetchall()]

    def of_delivery(self, delivery: DeliveryId) -> Item | None:
        if self._any_open is None:
            self._any_open = bool(self._access.look(ANY_OPEN).fetchone()[0])
        row = self._access.look(OF_DELIVERY, (delivery,)).fetchone() if self._any_open else None
        return None if row is None else _an_item(row)

    def tally(self, run: RunId) -> Tally:
        return Tally(**dict(self._run(TALLY, (run,)).fetchall()))

    def sent_since(self, run: RunId, moment: datetime) -> int:
        return int(self._run(SENT_SINCE, (run, c.micros(moment))).fetchone()[0])


def _moving(item: Item) -> tuple[object, ...]:
    return item.state, item.why, c.micros_or_none(item.sent_at), c.micros_or_none(item.ended_at)


def _a_run(row: tuple[Any, ...]) -> Run:
    words, state = c.texts(row[4]), RunState(row[6])
    try:
        plan, forgiven = _PLANS.decode(row[5]), _TALLIES.decode(row[8])
    except c.UNREADABLE:  # how carefully is not known any more: it has stopped, and keeps no other from going on
        plan, forgiven, words = RunPlan(), Tally(), {**words, **c.DAMAGED}
        state = RunState.STOPPED if state is RunState.RUNNING else state
    return Run(
        id=row[0],
        by=By(actor=actor(row[1]), reason=row[2]),
        made_at=c.moment(row[3]),
        words=words,
        plan=plan,
        state=state,
        released=row[7],
        forgiven=forgiven,
        ended_at=c.moment_or_none(row[9]),
        proposal=row[10],
    )


def _an_item(row: tuple[Any, ...]) -> Item:
    return Item(
        run=row[0],
        place=row[1],
        delivery=row[2],
        stopped_at=c.moment(row[3]),
        state=ItemState(row[4]),
        why=Left(row[5]) if row[5] is not None else None,
        sent_at=c.moment_or_none(row[6]),
        ended_at=c.moment_or_none(row[7]),
    )
