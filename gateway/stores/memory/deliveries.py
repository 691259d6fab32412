"""Deliveries in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby, islice, takewhile

from msgspec.structs import replace as changed

from gateway.core.asking import GOES_ON
from gateway.core.delivery import FINAL, STOPS, State, Step
from gateway.core.ids import GATEWAY, OPERATORS, DeliveryId, DossierId, MessageId, NodeId, SystemId
from gateway.core.kinds import SUBMITTED, WHOLE
from gateway.core.reason import Reason, Why
from gateway.core.replay import Selection
from gateway.ports.store import SystemCounts
from gateway.stores.choosing import meets
from gateway.stores.memory.journal import Journal, Table
from gateway.stores.rows import UNGIVEN, AttemptRow, DeliveryRow, GivenRow, LaneRow

_TIMED = (State.DELAYED, State.LEASED)
_OPEN = (State.WAITING, State.DELAYED, State.READY)


class TwoHeads(Exception):
    """A lane would have two deliveries on the move: a bug (G3)."""


class MemoryDeliveries:
    """``delivery_tables.DeliveryTable`` in dictionaries.

    ``is_over`` says whether a node has ended, ``procedure`` returns a dossier's.
    """

    def __init__(
        self, journal: Journal, is_over: Callable[[NodeId], bool], procedure: Callable[[DossierId], str]
    ) -> None:
        self._is_over = is_over
        self._procedure = procedure
        self.rows = Table[DeliveryId, DeliveryRow](journal)
        self._live = Table[DeliveryId, None](journal)
        self._by_message = Table[MessageId, tuple[DeliveryId, ...]](journal)
        self._by_dossier = Table[DossierId, tuple[DeliveryId, ...]](journal)
        self._waiters = Table[tuple[MessageId, SystemId], tuple[DeliveryId, ...]](journal)
        self._feeds = Table[SystemId, int](journal)
        self._attempts = Table[str, AttemptRow](journal)

    def add(self, row: DeliveryRow) -> None:
        self._by_message.put(row.message_id, (*(self._by_message.get(row.message_id) or ()), row.id))
        self._by_dossier.put(row.dossier_id, (*(self._by_dossier.get(row.dossier_id) or ()), row.id))
        self.save(row)

    def save(self, row: DeliveryRow) -> None:
        self._put(row)
        heads = [other.id for other in self._lane(row.destination, row.dossier_id) if other.is_head]
        if len(heads) > 1:
            raise TwoHeads(", ".join(heads))

    def _put(self, row: DeliveryRow) -> None:
        self.rows.put(row.id, row)
        if row.state in FINAL:
            self._live.drop(row.id)
        else:
            self._live.put(row.id, None)

    def get(self, delivery: DeliveryId) -> DeliveryRow | None:
        return self.rows.get(delivery)

    def _these(self, ids: Iterable[DeliveryId] | None) -> list[DeliveryRow]:
        return self.rows.these(ids or ())

    def _living(self, state: State) -> list[DeliveryRow]:
        return [row for row in self._these(self._live) if row.state is state]

    def _lane(self, destination: SystemId, dossier: DossierId) -> list[DeliveryRow]:
        return [row for row in self._these(self._by_dossier.get(dossier)) if row.destination == destination]

    def of_message(self, message: MessageId) -> Sequence[DeliveryRow]:
        return self._these(self._by_message.get(message))

    def of_dossier(self, dossier: DossierId) -> Sequence[DeliveryRow]:
        return sorted(self._these(self._by_dossier.get(dossier)), key=lambda row: (row.destination, row.lane_seq))

    def lanes(self, dossier: DossierId) -> Sequence[LaneRow]:
        by_lane = groupby(self.of_dossier(dossier), key=lambda row: row.destination)
        return [_lane_row(destination, list(lane)) for destination, lane in by_lane]

    def open_of(self, dossier: DossierId) -> Sequence[DeliveryRow]:
        return [row for row in self.of_dossier(dossier) if row.state not in FINAL]

    def given(self, dossier: DossierId) -> Sequence[GivenRow]:
        goes_on = [row for row in self.of_dossier(dossier) if row.state is not State.CANCELLED and row.kind in GOES_ON]
        by_lane = groupby(goes_on, key=lambda row: row.destination)
        return [_given_row(destination, list(lane)) for destination, lane in by_lane]

    def lane_end(self, destination: SystemId, dossier: DossierId) -> tuple[int, bool]:
        lane = self._lane(destination, dossier)
        return max((row.lane_seq for row in lane), default=0), any(row.stands for row in lane)

    def standing(self, destination: SystemId, dossier: DossierId) -> Iterable[DeliveryRow]:
        return sorted(
            (row for row in self._lane(destination, dossier) if row.stands),
            key=lambda row: row.lane_seq,
        )

    def last_standing(self, destination: SystemId, dossier: DossierId, kind: str) -> DeliveryRow | None:
        return next((row for row in reversed([*self.standing(destination, dossier)]) if row.kind == kind), None)

    def first(self, destination: SystemId, dossier: DossierId) -> DeliveryRow | None:
        return next(iter(self.standing(destination, dossier)), None)

    def is_moving(self, destination: SystemId, dossier: DossierId) -> bool:
        return any(row.is_head for row in self._lane(destination, dossier))

    def unnumbered(self, destination: SystemId, dossier: DossierId) -> Sequence[DeliveryRow]:
        return [row for row in self.standing(destination, dossier) if row.feed_seq is None]

    def wait_for(self, delivery: DeliveryId, message: MessageId, systems: Iterable[SystemId]) -> None:
        for system in systems:
            self._waiters.put((message, system), (*(self._waiters.get((message, system)) or ()), delivery))

    def waiting_for(self, message: MessageId, system: SystemId) -> Sequence[DeliveryId]:
        return self._waiters.get((message, system)) or ()

    def waiters(self, message: MessageId, system: SystemId) -> Sequence[DeliveryId]:
        found = self.waiting_for(message, system)
        self._waiters.drop((message, system))
        return found

    def erase(self, rows: Iterable[DeliveryRow]) -> None:
        """Let go of deliveries that have ended, and of what was tried."""
        for row in rows:
            self.rows.drop(row.id)
            self._by_message.drop(row.message_id)
            self._by_dossier.drop(row.dossier_id)
            for attempt in self.attempts(row.id):
                self._attempts.drop(attempt.token)

    def undecided_before(self, destination: SystemId, message: MessageId) -> bool:
        """Whether something that was for a system before a message came is not decided."""
        earlier = takewhile(lambda row: row.message_id != message, self.rows.values())
        return any(row.destination == destination and row.is_undecided for row in earlier)

    def ready(self, destination: SystemId, limit: int, *, retries: bool) -> Sequence[DeliveryRow]:
        rows = (row for row in self._ready(destination) if (row.tries > 0) == retries)
        return sorted(rows, key=lambda row: row.priority_at)[:limit]

    def _ready(self, destination: SystemId) -> list[DeliveryRow]:
        return [row for row in self._living(State.READY) if row.destination == destination and not row.feed]

    def has_ready(self, destination: SystemId) -> bool:
        return bool(self._ready(destination))

    def due(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        rows = (row for row in self._living(State.DELAYED) if row.due_at <= now)
        return sorted(rows, key=lambda row: row.due_at)[:limit]

    def next_due(self) -> datetime | None:
        return min((row.due_at for row in self._living(State.DELAYED)), default=None)

    def lost(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        rows = [row for row in self._living(State.LEASED) if self._is_lost(row, now)]
        return sorted(rows, key=lambda row: row.lease_until or now)[:limit]

    def _is_lost(self, row: DeliveryRow, now: datetime) -> bool:
        lapsed = row.lease_until is not None and row.lease_until <= now
        return lapsed or (row.lease is not None and self._is_over(row.lease.node))

    def expired(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        rows = [row for state in _OPEN for row in self._living(state) if _is_expired(row, now)]
        return sorted(rows, key=lambda row: (row.expires_at or now, row.id))[:limit]

    def unlimit(self, delivery: DeliveryId) -> None:
        """Nothing to do: a saved row replaces the whole."""

    def shift(self, by: timedelta) -> None:
        for row in self.rows.values():
            moved = row
            if row.state in _TIMED:
                moved = changed(moved, due_at=row.due_at + by, lease_until=row.lease_until and row.lease_until + by)
            if row.in_doubt_since is not None:
                closed_at = row.closed_at and row.closed_at + by
                moved = changed(moved, in_doubt_since=row.in_doubt_since + by, closed_at=closed_at)
            if moved is not row:
                self.rows.put(row.id, moved)

    def doubt_all(self, since: datetime | None, now: datetime) -> int:
        rows = [row for row in self.rows.values() if row.state not in FINAL and row.destination != OPERATORS]
        for row in rows:
            begun = row.in_doubt_since or max(row.created_at, since or row.created_at)
            self.rows.put(row.id, changed(row, in_doubt_since=begun, closed_at=now, reason=Reason(Why.RESTORED)))
        return len(rows)

    def doubt_new(self, destination: SystemId, since: datetime, made: datetime, limit: int) -> int:
        rows = [row for row in self.rows.values() if row.destination == destination and _is_new(row, made)][:limit]
        for row in rows:
            doubted = changed(row, in_doubt_since=since, closed_at=made, reason=Reason(Why.RESTORED), step=Step.LOOKUP)
            self.rows.put(row.id, doubted)
        return len(rows)

    def displace(self, delivery: DeliveryId, lane_seq: int, *, kind: str | None = None) -> None:
        row = self.rows.get(delivery)
        if row is not None:
            self.rows.put(delivery, changed(row, lane_seq=lane_seq, kind=kind or row.kind))

    def in_doubt(self, destination: SystemId, limit: int) -> Sequence[DeliveryRow]:
        rows = (row for row in self._these(self._live) if row.destination == destination)
        return sorted((row for row in rows if row.in_doubt_since is not None), key=_age)[:limit]

    def headless(self) -> Sequence[tuple[SystemId, DossierId]]:
        waiting = [row for row in self._living(State.WAITING) if not row.awaits]
        return [(row.destination, row.dossier_id) for row in waiting if self._is_first(row)]

    def _is_first(self, row: DeliveryRow) -> bool:
        return next(iter(self.standing(row.destination, row.dossier_id))).id == row.id

    def astray(self, destination: SystemId, limit: int, *, feed: bool) -> Sequence[DossierId]:
        rows = (row for row in self.rows.values() if row.destination == destination and row.state not in FINAL)
        return list(dict.fromkeys(row.dossier_id for row in rows if row.feed == feed))[:limit]

    def turn(self, row: DeliveryRow) -> None:
        self.save(row)

    def next_in_feed(self, destination: SystemId) -> int:
        number = self.end_of_feed(destination) + 1
        self._feeds.put(destination, number)
        return number

    def end_of_feed(self, destination: SystemId) -> int:
        return self._feeds.get(destination) or 0

    def in_feed(
        self, destination: SystemId, after: int, limit: int, *, until: int | None = None
    ) -> Sequence[DeliveryRow]:
        feed = (row for row in self._these(self._live) if row.destination == destination and row.feed)
        numbered = {row.feed_seq: row for row in feed if row.feed_seq is not None}
        shown = (number for number in sorted(numbered) if after < number and (until is None or number <= until))
        return [numbered[number] for number in islice(shown, limit)]

    def add_attempt(self, row: AttemptRow) -> None:
        self._attempts.put(row.token, row)

    def has_attempt(self, token: str) -> bool:
        return token in self._attempts

    def attempts(self, delivery: DeliveryId) -> Sequence[AttemptRow]:
        return [row for row in self._attempts.values() if row.attempt.delivery_id == delivery]

    def find(self, state: State | None, destination: SystemId | None, limit: int) -> Sequence[DeliveryRow]:
        rows = [
            row for row in self.rows.values() if state in {None, row.state} and destination in {None, row.destination}
        ]
        return rows[::-1][:limit]

    def submissions(self, destination: SystemId, limit: int, *, settled: bool) -> Sequence[DeliveryRow]:
        rows = (row for row in self.rows.values()[::-1] if row.destination == destination and row.kind == SUBMITTED)
        return [row for row in rows if not settled or row.state in FINAL | STOPS][:limit]

    def stopped(self, wanted: Selection, limit: int) -> Sequence[DeliveryRow]:
        rows = [row for row in self.rows.values() if row.state in STOPS]
        return [row for row in rows if meets(row, self._procedure(row.dossier_id), wanted)][:limit]

    def backlogs(self) -> Mapping[SystemId, int]:
        return Counter(row.destination for row in self.rows.values() if row.state not in FINAL | STOPS)

    def counts(self) -> Sequence[SystemCounts]:
        rows = self.rows.values()
        return [
            _count(system, [row for row in rows if row.destination == system])
            for system in sorted({row.destination for row in rows})
        ]


def _lane_row(destination: SystemId, lane: Sequence[DeliveryRow]) -> LaneRow:
    has = any(row.reached for row in lane)
    reached = has or any(row.is_unclear for row in lane)
    withdrawn = False
    for row in lane:
        why = row.reason.code if row.state is State.CANCELLED and row.reason is not None else None
        if why is Why.WITHDRAWN:
            withdrawn = True
        elif row.kind == SUBMITTED and why not in UNGIVEN:
            withdrawn = False
    off = any(row.state is State.CANCELLED and _is_called_off(row) for row in lane)
    opens = any(row.kind in WHOLE and row.state not in FINAL for row in lane)
    return LaneRow(
        destination,
        reached=reached,
        unclear=reached and not has,
        withdrawn=withdrawn and not reached,
        called_off=off and not (reached or opens),
    )


def _is_called_off(row: DeliveryRow) -> bool:
    return row.reason is not None and row.reason.code is Why.CALLED_OFF


def _given_row(destination: SystemId, lane: Sequence[DeliveryRow]) -> GivenRow:
    at = max(row.created_at if row.kind == SUBMITTED else row.settled_at or row.created_at for row in lane)
    return GivenRow(destination, submitted=any(row.kind == SUBMITTED for row in lane), at=at)


def _age(row: DeliveryRow) -> tuple[datetime, DeliveryId]:
    return row.in_doubt_since or row.created_at, row.id


def _is_new(row: DeliveryRow, made: datetime) -> bool:
    """Whether others have made it since, and it is open and not in doubt."""
    asked = row.state not in FINAL and row.in_doubt_since is None and not row.feed
    return asked and row.created_at >= made and row.source != GATEWAY


def _is_expired(row: DeliveryRow, now: datetime) -> bool:
    safe = row.in_doubt_since is None and not row.feed
    return safe and row.expires_at is not None and row.expires_at <= now


def _count(system: SystemId, rows: Sequence[DeliveryRow]) -> SystemCounts:
    return SystemCounts(
        system=system,
        by_state=Counter(row.state for row in rows),
        in_doubt=sum(row.in_doubt_since is not None for row in rows),
        oldest_open=min((row.created_at for row in rows if row.state not in FINAL), default=None),
    )
