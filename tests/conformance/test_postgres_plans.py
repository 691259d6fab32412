"""PostgreSQL reads from an index, in its order, even where it has found the tables empty: a plan may outlive that."""

from collections.abc import Generator
from urllib.parse import urlsplit

import pytest

from gateway.core.delivery import State
from gateway.core.ids import SystemId
from gateway.core.replay import Selection
from gateway.stores.postgres import evidence
from gateway.stores.postgres.connection import Connection, migrate
from gateway.stores.postgres.dialect import statement
from gateway.stores.sql import acts, attention, delivery_sql, dossiers, messages, registers, replays
from gateway.stores.sql.access import Many
from gateway.testing.postgres import TUNING, new_database, server


@pytest.fixture(scope="module")
def planner() -> Generator[Connection]:
    """A connection like a writer's, to a new database that autovacuum has looked at."""
    url = new_database(server())
    connection, maker = Connection(url, TUNING), Connection(server(), TUNING)
    try:
        connection.open()
        migrate(connection, TUNING.schema)
        connection.change("VACUUM delivery, code, fact, dedup, message, parked, seen, silence, dossier, evidence")
        connection.change("SET plan_cache_mode = force_generic_plan")
        yield connection
    finally:
        connection.close()
        maker.open()
        maker.change(f"DROP DATABASE {urlsplit(url).path.removeprefix('/')}")
        maker.close()


def plan(planner: Connection, shared: str) -> str:
    """How a statement is run, once for all values."""
    found = statement(shared)
    asked = found.text
    values = ", ".join(["NULL"] * (len(found.names) or asked.count("$")))
    planner.change(f"PREPARE asked AS {asked}")
    steps = planner.read(f"EXPLAIN (COSTS OFF) EXECUTE asked({values})" if values else f"EXPLAIN {asked}", ())
    planner.change("DEALLOCATE asked")
    return "\n".join(step[0] for step in steps)


@pytest.mark.parametrize(
    ("shared", "index"),
    [
        (delivery_sql.READY, "delivery_ready"),
        (delivery_sql.EXPIRED, "delivery_expires"),
        (delivery_sql.IN_DOUBT, "delivery_doubt"),
        (delivery_sql.IN_FEED, "delivery_feed"),
        (delivery_sql.OPEN_COUNTS, "delivery_open"),
        (delivery_sql.find(State.READY, SystemId("x"))[0], "delivery_open"),
        (delivery_sql.stopped(Selection())[0], "delivery_halted"),
        *((step, "delivery_stopped") for step in attention.STOPPED_WALK),
        (attention.STOPPED, "delivery_stopped"),
        *((step, "delivery_failing") for step in attention.FAILING_WALK),
        (attention.FAILING, "delivery_failing"),
        (attention.SERVED, "delivery_open"),
        (attention.UNSENT_FIRST, "delivery_open"),
        (attention.SILENT, "silence_since"),
        (dossiers.DUE, "dossier_due"),
        (dossiers.DUE_PAUSED, "dossier_paused"),
        (evidence.HEAD, "evidence_pkey"),
    ],
)
def test_what_waits_is_read_in_order_from_an_index(planner: Connection, shared: str, index: str) -> None:
    """G6: however long the backlog is, nothing scans or sorts it."""
    steps = plan(planner, shared)
    assert index in steps
    assert "Seq Scan" not in steps
    assert "Sort" not in steps


@pytest.mark.parametrize(
    ("shared", "index"),
    [
        (delivery_sql.DUE, "delivery_delayed"),
        (delivery_sql.LOST, "delivery_leased"),
        (delivery_sql.GET_IN_LANES, "delivery_id_key"),
        (delivery_sql.STANDING, "delivery_standing"),
        (delivery_sql.FIRST, "delivery_standing"),
        (delivery_sql.IS_MOVING, "delivery_head"),
        (delivery_sql.UNNUMBERED, "delivery_standing"),
        (delivery_sql.LANES, "delivery_lane"),
        (delivery_sql.GIVEN, "delivery_lane"),
        (delivery_sql.OPEN_OF, "delivery_lane"),
        (dossiers.OWNERS, "code_value"),
        (dossiers.ALL_FACTS, "fact_pkey"),
        (messages.ALL_KEYED, "dedup_pkey"),
        (messages.OF_DOSSIER, "message_dossier"),
        (messages.LAST, "message_dossier"),
        (attention.MISSED, "pending_file_reason"),
        (messages.PARKED, "parked_pkey"),
        (registers.USED, "seen_pkey"),
        (replays.ALONE_SINCE, "replay_run_alone"),
        (replays.ALONE_SINCE, "using replay_item_"),
        (acts.ALONE_SINCE, "act_alone"),
    ],
)
def test_a_lookup_reads_from_its_index(planner: Connection, shared: str | Many, index: str) -> None:
    """G6: it costs the same however long the history is."""
    steps = plan(planner, shared.over(3) if isinstance(shared, Many) else shared)
    assert index in steps
