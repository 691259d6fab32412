"""Deliveries in SQL: lanes, claims, leases, feeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.core.delivery import FINAL, Lease, State, Step
from gateway.core.ids import DeliveryId, DossierId, MessageId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.reason import Reason, Why
from gateway.core.replay import Selection
from gateway.ports.store import SystemCounts
from gateway.stores.rows import AttemptRow, DeliveryRow, GivenRow, LaneRow
from gateway.stores.sql import columns as c
from gateway.stores.sql import delivery_sql as sql
from gateway.stores.sql.access import Access, Ask, Row
from gateway.stores.sql.attempts import attempt_columns, attempt_of
from gateway.stores.sql.in_hand import InHand


class SqlDeliveries:
    """``delivery_tables.DeliveryTable`` over one connection."""

    def __init__(self, access: Access, is_begun: Callable[[DossierId], bool]) -> None:
        """Work on a connection; ``is_begun`` tells of dossiers that this transaction has begun."""
        self._access = access
        self._run = access.run
        self._is_begun = is_begun
        self._in_hand = InHand()
        self._any_condition: bool | None = None  #: None: nobody has looked
        self._has_ready: dict[SystemId, bool] = {}  #: as far as anybody has looked
        self._feed_ends: dict[SystemId, int] = {}  #: the last number given in each feed
        self._used_lanes: set[tuple[SystemId, DossierId]] = set()  #: of dossiers begun in this transaction

    def asks(self, deliveries: Iterable[DeliveryId]) -> Ask:
        """Return the question for those of these deliveries that are not in hand."""
        unknown = (delivery for delivery in dict.fromkeys(deliveries) if self._in_hand.get(delivery) is None)
        return sql.GET_IN_LANES, [(delivery,) for delivery in unknown]

    def foresee(self, found: Iterable[Row]) -> Sequence[DeliveryRow]:
        """Hear the answer, and return the deliveries."""
        rows = [(_row(row), row[-1]) for row in found]
        for row, lane_end in rows:
            self._in_hand.learn(row, is_alone=lane_end == 1)
        return [row for row, _ in rows]

    def begin(self) -> None:
        """Begin a transaction: what is leased is still known, as are the feeds' ends, and what is ready or waits."""
        self._in_hand.begin()
        self._used_lanes = set()

    def forget(self) -> None:
        """Know nothing: a transaction was undone."""
        self._in_hand = InHand()
        self._any_condition, self._has_ready, self._feed_ends = None, {}, {}
        self.begin()

    def let_go(self, deliveries: Iterable[DeliveryId]) -> None:
        """Know nothing of deliveries that are erased."""
        for delivery in deliveries:
            self._in_hand.let_go(delivery)

    def add(self, row: DeliveryRow) -> None:
        self._access.add(sql.ADD, (*_fixed(row), *_moving(row)))
        self._in_hand.add(row)
        self._used_lanes.add((row.destination, row.dossier_id))
        self._note(row)

    def save(self, row: DeliveryRow) -> None:
        self._access.change(sql.SAVE, (row.id, *_moving(row)))
        self._in_hand.save(row)
        self._note(row)
        if row.state in FINAL:
            self._access.count(sql.COUNT_FINAL, (row.destination, row.state))

    def _note(self, row: DeliveryRow) -> None:
        """Keep up with whether something is ready: what leaves may have been the last."""
        if row.state is State.READY and not row.feed:
            self._has_ready[row.destination] = True
        elif self._has_ready.get(row.destination):
            del self._has_ready[row.destination]

    def get(self, delivery: DeliveryId) -> DeliveryRow | None:
        known = self._in_hand.get(delivery)
        if known is not None:
            return known
        row = self._run(sql.GET, (delivery,)).fetchone()
        return None if row is None else _row(row)

    def _rows(self, statement: str, *values: object) -> list[DeliveryRow]:
        return [_row(row) for row in self._run(statement, values).fetchall()]

    def of_message(self, message: MessageId) -> Sequence[DeliveryRow]:
        return self._rows(sql.OF_MESSAGE, message)

    def of_dossier(self, dossier: DossierId) -> Sequence[DeliveryRow]:
        return self._rows(sql.OF_DOSSIER, dossier)

    def lanes(self, dossier: DossierId) -> Sequence[LaneRow]:
        rows = self._run(sql.LANES, {"dossier": dossier}).fetchall()
        return [
            LaneRow(
                SystemId(row[0]),
                reached=row[1] in {sql.REACHED, sql.UNCLEAR_END},
                unclear=row[1] == sql.UNCLEAR_END,
                withdrawn=row[1] in {sql.WITHDRAWN, sql.BOTH},
                called_off=row[1] in {sql.CALLED_OFF, sql.BOTH},
            )
            for row in rows
        ]

    def open_of(self, dossier: DossierId) -> Sequence[DeliveryRow]:
        return self._rows(sql.OPEN_OF, dossier)

    def given(self, dossier: DossierId) -> Sequence[GivenRow]:
        rows = self._run(sql.GIVEN, (dossier,)).fetchall()
        return [GivenRow(SystemId(row[0]), submitted=bool(row[1]), at=c.moment(row[2])) for row in rows]

    def lane_end(self, destination: SystemId, dossier: DossierId) -> tuple[int, bool]:
        if self._is_begun(dossier) and (destination, dossier) not in self._used_lanes:
            return 0, False
        last, occupied = self._run(sql.LANE_END, (dossier, destination, dossier, destination)).fetchone()
        return last or 0, bool(occupied)

    def standing(self, destination: SystemId, dossier: DossierId) -> Iterable[DeliveryRow]:
        alone = self._in_hand.alone(destination, dossier)
        if alone is not None:
            return (alone,) if alone.stands else ()
        return (_row(row) for row in self._run(sql.STANDING, (dossier, destination)))

    def last_standing(self, destination: SystemId, dossier: DossierId, kind: str) -> DeliveryRow | None:
        alone = self._in_hand.alone(destination, dossier)
        if alone is not None:
            return alone if alone.stands and alone.kind == kind else None
        row = self._run(sql.LAST_STANDING, (dossier, destination, kind)).fetchone()
        return None if row is None else _row(row)

    def first(self, destination: SystemId, dossier: DossierId) -> DeliveryRow | None:
        alone = self._in_hand.alone(destination, dossier)
        if alone is not None:
            return alone if alone.stands else None
        row = self._run(sql.FIRST, (dossier, destination)).fetchone()
        return None if row is None else _row(row)

    def is_moving(self, destination: SystemId, dossier: DossierId) -> bool:
        return bool(self._run(sql.IS_MOVING, (dossier, destination)).fetchone()[0])

    def unnumbered(self, destination: SystemId, dossier: DossierId) -> Sequence[DeliveryRow]:
        return self._rows(sql.UNNUMBERED, dossier, destination)

    def wait_for(self, delivery: DeliveryId, message: MessageId, systems: Iterable[SystemId]) -> None:
        self._any_condition = True
        for system in systems:
            self._run(sql.WAIT_FOR, (message, system, delivery))

    def waiting_for(self, message: MessageId, system: SystemId) -> Sequence[DeliveryId]:
        if self._any_condition is None:
            self._any_condition = bool(self._access.look(sql.ANY_CONDITION).fetchone()[0])
        if not self._any_condition:
            return ()
        return [DeliveryId(row[0]) for row in self._run(sql.WAITERS, (message, system)).fetchall()]

    def waiters(self, message: MessageId, system: SystemId) -> Sequence[DeliveryId]:
        found = self.waiting_for(message, system)
        if found:
            self._run(sql.FORGET_WAITERS, (message, system))
            self._any_condition = None
        return found

    def ready(self, destination: SystemId, limit: int, *, retries: bool) -> Sequence[DeliveryRow]:
        listed = self._run(sql.READY, (destination, retries, limit)).fetchone()[0]
        return self._all([DeliveryId(text) for text in listed.split("\n")]) if listed else ()

    def _all(self, deliveries: Sequence[DeliveryId]) -> Sequence[DeliveryRow]:
        """Return these deliveries in this order, most of them from the hand: each row of an answer costs a turn."""
        found = {delivery: self._in_hand.get(delivery) for delivery in deliveries}
        unknown = [(delivery,) for delivery, row in found.items() if row is None]
        found |= {row[0]: _row(row) for row in self._access.find(sql.GET_ALL, unknown)}
        return [row for row in found.values() if row is not None]

    def has_ready(self, destination: SystemId) -> bool:
        if destination not in self._has_ready:
            # a row that was only added cannot be the last one that leaves, and is noted itself
            ask = self._run if self._access.holds_back(sql.SAVE) else self._access.look
            self._has_ready[destination] = ask(sql.HAS_READY, (destination,)).fetchone() is not None
        return self._has_ready[destination]

    def due(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        return self._rows(sql.DUE, c.micros(now), limit)

    def next_due(self) -> datetime | None:
        return c.moment_or_none(self._run(sql.NEXT_DUE).fetchone()[0])

    def lost(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        return self._rows(sql.LOST, c.micros(now), limit)

    def expired(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        return self._rows(sql.EXPIRED, c.micros(now), limit)

    def unlimit(self, delivery: DeliveryId) -> None:
        self._run(sql.UNLIMIT, (delivery,))

    def shift(self, by: timedelta) -> None:
        for statement in (sql.SHIFT_DELAYED, sql.SHIFT_LEASED, sql.SHIFT_DOUBT):
            self._run(statement, {"by": by // c.MICROSECOND})
        self.forget()

    def doubt_all(self, since: datetime | None, now: datetime) -> int:
        return self._change_all(sql.DOUBT_ALL, {"since": c.micros_or_none(since) or 0, "now": c.micros(now)})

    def doubt_new(self, destination: SystemId, since: datetime, made: datetime, limit: int) -> int:
        values = {"destination": destination, "since": c.micros(since), "made": c.micros(made), "limit": limit}
        return self._change_all(sql.DOUBT_NEW, values)

    def _change_all(self, statement: str, values: Mapping[str, object]) -> int:
        """Change rows that nobody has in hand; return how many."""
        count = self._run(statement, values).rowcount
        self.forget()
        return count

    def displace(self, delivery: DeliveryId, lane_seq: int, *, kind: str | None = None) -> None:
        self._run(sql.DISPLACE, (lane_seq, kind, delivery))
        self._in_hand = InHand()  # it may have been known as the only one of its lane

    def in_doubt(self, destination: SystemId, limit: int) -> Sequence[DeliveryRow]:
        return self._rows(sql.IN_DOUBT, destination, limit)

    def headless(self) -> Sequence[tuple[SystemId, DossierId]]:
        return [(SystemId(row[0]), DossierId(row[1])) for row in self._run(sql.HEADLESS).fetchall()]

    def astray(self, destination: SystemId, limit: int, *, feed: bool) -> Sequence[DossierId]:
        return [DossierId(row[0]) for row in self._run(sql.ASTRAY, (destination, feed, limit)).fetchall()]

    def turn(self, row: DeliveryRow) -> None:
        self._run(sql.TURN, (row.feed, row.id))
        self.save(row)

    def next_in_feed(self, destination: SystemId) -> int:
        last = self._feed_ends.get(destination)
        number = (self.end_of_feed(destination) if last is None else last) + 1
        self._feed_ends[destination] = number
        self._access.change(sql.SET_FEED_END, (destination, number))
        return number

    def end_of_feed(self, destination: SystemId) -> int:
        row = self._run(sql.END_OF_FEED, (destination,)).fetchone()
        return int(row[0]) if row else 0

    def in_feed(
        self, destination: SystemId, after: int, limit: int, *, until: int | None = None
    ) -> Sequence[DeliveryRow]:
        return self._rows(sql.IN_FEED, destination, after, c.LATEST if until is None else until, limit)

    def add_attempt(self, row: AttemptRow) -> None:
        self._access.add(sql.ADD_ATTEMPT, attempt_columns(row))

    def has_attempt(self, token: str) -> bool:
        return self._run(sql.HAS_ATTEMPT, (token,)).fetchone() is not None

    def attempts(self, delivery: DeliveryId) -> Sequence[AttemptRow]:
        return [attempt_of(delivery, row) for row in self._run(sql.ATTEMPTS, (delivery,)).fetchall()]

    def find(self, state: State | None, destination: SystemId | None, limit: int) -> Sequence[DeliveryRow]:
        statement, values = sql.find(state, destination)
        return self._rows(statement, *values, limit)

    def submissions(self, destination: SystemId, limit: int, *, settled: bool) -> Sequence[DeliveryRow]:
        return self._rows(sql.SUBMISSIONS, destination, SUBMITTED, settled, limit)

    def stopped(self, wanted: Selection, limit: int) -> Sequence[DeliveryRow]:
        statement, values = sql.stopped(wanted)
        return self._rows(statement, *values, limit)

    def backlogs(self) -> Mapping[SystemId, int]:
        return {SystemId(row[0]): int(row[1]) for row in self._run(sql.BACKLOGS).fetchall()}

    def counts(self) -> Sequence[SystemCounts]:
        tallies: dict[str, dict[State, int]] = {}
        oldest: dict[str, datetime] = {}
        for destination, state, number in self._run(sql.TALLIES).fetchall():
            tallies.setdefault(destination, {})[State(state)] = number
        for destination, state, number, created_at in self._run(sql.OPEN_COUNTS).fetchall():
            tallies.setdefault(destination, {})[State(state)] = number
            since = c.moment(created_at)
            oldest[destination] = min(since, oldest.get(destination, since))
        doubts: dict[str, int] = dict(self._run(sql.DOUBTS).fetchall())
        return [
            SystemCounts(
                system=SystemId(destination),
                by_state=by_state,
                in_doubt=doubts.get(destination, 0),
                oldest_open=oldest.get(destination),
            )
            for destination, by_state in sorted(tallies.items())
        ]


def _fixed(row: DeliveryRow) -> tuple[object, ...]:
    """Return the columns that never change, in the order of ``delivery_sql.FIXED``."""
    return (
        row.id,
        row.message_id,
        row.dossier_id,
        row.source,
        row.kind,
        row.destination,
        row.lane_seq,
        row.blocks,
        row.feed,
        c.micros(row.created_at),
        c.micros(row.priority_at),
        row.expires_at and c.micros(row.expires_at),
        row.tells,
        row.route,
    )


def _moving(row: DeliveryRow) -> tuple[object, ...]:
    """Return the columns that change, in the order of ``delivery_sql.MOVING``."""
    lease, reason = row.lease, row.reason
    return (
        row.state,
        row.step,
        row.awaits,
        row.stands,
        row.tries > 0,
        row.feed_seq,
        c.micros(row.due_at),
        row.settled_at and c.micros(row.settled_at),
        row.in_doubt_since and c.micros(row.in_doubt_since),
        row.closed_at and c.micros(row.closed_at),
        row.attempts,
        row.tries,
        row.reclaims,
        reason and reason.code,
        reason.detail if reason else "",
        row.pinned,
        c.texts_column(row.notes),
        lease and lease.token,
        lease and lease.node,
        lease is not None and lease.begun,
        row.lease_until and c.micros(row.lease_until),
        row.settled_token,
        row.knows,
    )


def _row(row: tuple[Any, ...]) -> DeliveryRow:
    lease = Lease(delivery_id=row[0], token=row[31], node=row[32], begun=bool(row[33])) if row[31] is not None else None
    return DeliveryRow(
        id=row[0],
        message_id=row[1],
        dossier_id=row[2],
        source=row[3],
        kind=row[4],
        destination=row[5],
        lane_seq=row[6],
        blocks=bool(row[7]),
        feed=bool(row[8]),
        created_at=c.moment(row[9]),
        priority_at=c.moment(row[10]),
        expires_at=c.moment_or_none(row[11]),
        tells=bool(row[12]),
        route=row[13],
        state=State(row[14]),
        step=Step(row[15]),
        awaits=row[16],
        feed_seq=row[19],
        due_at=c.moment(row[20]),
        settled_at=c.moment_or_none(row[21]),
        in_doubt_since=c.moment_or_none(row[22]),
        closed_at=c.moment_or_none(row[23]),
        attempts=row[24],
        tries=row[25],
        reclaims=row[26],
        reason=Reason(Why(row[27]), row[28]) if row[27] is not None else None,
        pinned=row[29],
        notes=c.notes(row[30]),
        lease=lease,
        lease_until=c.moment_or_none(row[34]),
        settled_token=row[35],
        knows=row[36],
    )
