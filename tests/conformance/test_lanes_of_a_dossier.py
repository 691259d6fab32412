"""What a dossier's lanes come to is what reading all of them says, whatever they have been through; on every driver."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.asking import GOES_ON
from gateway.core.delivery import FINAL, Lease, State
from gateway.core.ids import DeliveryId, DossierId, MessageId, NodeId, SystemId
from gateway.core.kinds import SUBMITTED, WHOLE
from gateway.core.reason import Reason, Why
from gateway.stores.delivery_tables import DeliveryTable
from gateway.stores.memory.deliveries import MemoryDeliveries
from gateway.stores.memory.journal import Journal
from gateway.stores.postgres.access import PostgresAccess
from gateway.stores.postgres.connection import Connection
from gateway.stores.postgres.connection import migrate as migrate_there
from gateway.stores.rows import DeliveryRow, GivenRow, LaneRow
from gateway.stores.sql import delivery_sql
from gateway.stores.sql.access import Access
from gateway.stores.sql.deliveries import SqlDeliveries
from gateway.stores.sqlite.access import SqliteAccess
from gateway.stores.sqlite.connection import Tuning, connect, migrate
from gateway.testing.postgres import TUNING, empty_database

_START = datetime(2026, 3, 2, tzinfo=UTC)
_SYSTEMS = tuple(map(SystemId, ("civil_status", "land", "operators", "portal", "tax")))
_KINDS = (SUBMITTED, SUBMITTED, "dossier.amended", "supplement.submitted", "status.changed", "withdrawal.requested")
_WHY = (Why.WITHDRAWN, Why.ALREADY_EXISTS, Why.UNREADABLE, Why.CALLED_OFF, Why.SUPERSEDED, Why.JUDGED, Why.SKIPPED)
_REASONS = (None, None, *map(Reason, _WHY))
_SITTING = (State.WAITING, State.HELD, State.DEAD, State.CANCELLED, State.CANCELLED, State.DELIVERED)
_DOSSIERS = 200


def _sql(access: Access) -> SqlDeliveries:
    access.begin()
    return SqlDeliveries(access, lambda _: False)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def deliveries(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[DeliveryTable]:
    """A driver's table of deliveries, empty, in a transaction."""
    if request.param == "memory":
        yield MemoryDeliveries(Journal(), lambda _: False, lambda _: "")
    elif request.param == "sqlite":
        with closing(connect(tmp_path / "gateway.db", Tuning())) as opened:
            migrate(opened, Tuning().schema)
            yield _sql(SqliteAccess(opened))
    else:
        with empty_database() as url, closing(Connection(url, TUNING)) as there:
            there.open()
            migrate_there(there, TUNING.schema)
            yield _sql(PostgresAccess(there, "n-1"))


def _row(luck: random.Random, dossier: DossierId, system: SystemId, place: int, state: State) -> DeliveryRow:
    delivery = DeliveryId(f"{dossier}-{system}-{place}")
    created_at = _START + timedelta(minutes=luck.randrange(100))
    is_leased = state is State.LEASED
    return DeliveryRow(
        id=delivery,
        message_id=MessageId(f"m-{delivery}"),
        dossier_id=dossier,
        source=SystemId("portal"),
        kind=luck.choice(_KINDS),
        destination=system,
        lane_seq=place,
        state=state,
        feed_seq=luck.randrange(9) if luck.random() < 0.05 else None,
        created_at=created_at,
        priority_at=created_at,
        due_at=created_at,
        settled_at=created_at + timedelta(minutes=luck.randrange(100)) if state in FINAL else None,
        in_doubt_since=created_at if luck.random() < 0.05 else None,
        reason=luck.choice(_REASONS),
        lease=Lease(delivery_id=delivery, token=delivery, node=NodeId("n-1"), begun=False) if is_leased else None,
        lease_until=created_at if is_leased else None,
    )


def _history(luck: random.Random, dossier: DossierId) -> Sequence[DeliveryRow]:
    """Return a dossier's rows, some lanes with one on the move, in any order; few reached their system."""
    rows: list[DeliveryRow] = []
    for system in luck.sample(_SYSTEMS, luck.randrange(len(_SYSTEMS) + 1)):
        usual = luck.choice([_SITTING, _SITTING[:-1]])
        states = luck.choices(usual, k=luck.randrange(1, 7))
        if luck.random() < 0.3:
            states[-1] = luck.choice([State.READY, State.DELAYED, State.LEASED])
        rows += [_row(luck, dossier, system, place, state) for place, state in enumerate(states, start=1)]
    luck.shuffle(rows)
    return rows


def _lanes(whole: Sequence[DeliveryRow]) -> Sequence[LaneRow]:
    """Return what lanes come to, of all that they hold."""
    has = {row.destination for row in whole if row.reached}
    ended = {row.destination for row in whole if row.kind == SUBMITTED and _ended(row) in {Why.JUDGED, Why.SKIPPED}}
    reached = has | ended
    overtaken: set[SystemId] = set()
    for row in whole:
        if _ended(row) is Why.WITHDRAWN:
            overtaken.add(row.destination)
        elif row.kind == SUBMITTED and _ended(row) not in {Why.CALLED_OFF, Why.SUPERSEDED}:
            overtaken.discard(row.destination)
    opening = {row.destination for row in whole if row.kind in WHOLE and row.state not in FINAL}
    off = {row.destination for row in whole if _ended(row) is Why.CALLED_OFF} - opening - reached
    systems = sorted({row.destination for row in whole})
    return [
        LaneRow(
            one,
            reached=one in reached,
            unclear=one in ended - has,
            withdrawn=one in overtaken - reached,
            called_off=one in off,
        )
        for one in systems
    ]


def _ended(row: DeliveryRow) -> Why | None:
    return row.reason.code if row.state is State.CANCELLED and row.reason is not None else None


def _given(whole: Sequence[DeliveryRow]) -> Sequence[GivenRow]:
    """Return the same for what they were given."""
    found: dict[SystemId, GivenRow] = {}
    for row in whole:
        if row.kind in GOES_ON and row.state is not State.CANCELLED:
            at = row.created_at if row.kind == SUBMITTED else row.settled_at or row.created_at
            last = found.get(row.destination, GivenRow(row.destination, submitted=False, at=at))
            is_submitted = last.submitted or row.kind == SUBMITTED
            found[row.destination] = GivenRow(row.destination, submitted=is_submitted, at=max(last.at, at))
    return [found[system] for system in sorted(found)]


def test_lanes_come_to_what_all_that_they_hold_says(deliveries: DeliveryTable) -> None:
    luck = random.Random(20260302)  # noqa: S311 - the same histories each time
    seen: set[LaneRow] = set()
    for number in range(_DOSSIERS):
        dossier = DossierId(f"d-{number:03}")
        for row in _history(luck, dossier):
            deliveries.add(row)
        lanes = deliveries.lanes(dossier)  # first: what was put off is seen
        whole = deliveries.of_dossier(dossier)
        assert sorted(lanes, key=lambda lane: lane.destination) == _lanes(whole)
        assert sorted(deliveries.given(dossier), key=lambda lane: lane.destination) == _given(whole)
        assert list(deliveries.open_of(dossier)) == [row for row in whole if row.state not in FINAL]
        seen.update(lanes)
        for system in _SYSTEMS:
            standing = list(deliveries.standing(system, dossier))
            assert deliveries.first(system, dossier) == next(iter(standing), None)
            for kind in _KINDS[1:]:
                last = next((row for row in reversed(standing) if row.kind == kind), None)
                assert deliveries.last_standing(system, dossier, kind) == last
            assert deliveries.is_moving(system, dossier) == any(row.is_head for row in standing)
            assert deliveries.unnumbered(system, dossier) == [row for row in standing if row.feed_seq is None]
    found = {(lane.reached, lane.withdrawn, lane.called_off) for lane in seen}
    assert found == {
        (False,) * 3,
        (True, False, False),
        (False, True, False),
        (False, False, True),
        (False, True, True),
    }


@pytest.mark.parametrize("statement", [delivery_sql.LANES, delivery_sql.GIVEN, delivery_sql.OPEN_OF])
def test_no_other_dossier_is_read(tmp_path: Path, statement: str) -> None:
    """G6: each step goes by the index of lanes, and what a lane comes to is looked for destination by destination."""
    with closing(connect(tmp_path / "gateway.db", Tuning())) as opened:
        migrate(opened, Tuning().schema)
        steps = _plan(opened, statement)
    read = [step for step in steps if " lane" not in step.split(" USING")[0] and step.startswith(("SCAN", "SEARCH"))]
    assert read
    assert all("delivery_lane (dossier_id=?" in step for step in read), steps
    assert not any("TEMP B-TREE" in step for step in steps)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (delivery_sql.FIRST, "delivery_standing"),
        (delivery_sql.LAST_STANDING, "delivery_standing"),
        (delivery_sql.IS_MOVING, "delivery_head"),
        (delivery_sql.UNNUMBERED, "delivery_standing"),
    ],
)
def test_a_lane_is_read_by_what_stands_in_it(tmp_path: Path, statement: str, index: str) -> None:
    """G6: who is next, and whether anybody is on the move, costs the same however many wait."""
    with closing(connect(tmp_path / "gateway.db", Tuning())) as opened:
        migrate(opened, Tuning().schema)
        steps = [
            step[3]
            for step in opened.execute(f"EXPLAIN QUERY PLAN {statement}", ("d", "x", "k")[: statement.count("?")])
        ]
    read = [step for step in steps if step.startswith(("SCAN ", "SEARCH "))]
    assert [f"{index} (dossier_id=? AND destination=?)" in step for step in read if "CONSTANT" not in step] == [True]
    assert not any("TEMP B-TREE" in step for step in steps)


def _plan(opened: sqlite3.Connection, statement: str) -> Sequence[str]:
    values = {"dossier": "d"} if ":dossier" in statement else ("d",)
    return [step[3] for step in opened.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
