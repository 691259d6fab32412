"""The statements on deliveries and attempts, each with a sentence."""

from __future__ import annotations

from gateway.core.asking import GOES_ON
from gateway.core.delivery import State
from gateway.core.ids import GATEWAY, OPERATORS, SystemId
from gateway.core.kinds import SUBMITTED, WHOLE
from gateway.core.reason import Why
from gateway.core.replay import Selection
from gateway.stores.rows import UNCLEAR, UNGIVEN
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Many

#: Columns that never change.
FIXED = (
    "id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at,"
    " expires_at, tells, route"
)
#: Columns that change.
MOVING = (
    "state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries,"
    " reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token,"
    " knows"
)
_MOVING = MOVING.split(",")
#: Those of them that are text.
_WORDS = {"state", "step", "reason", "detail", "pinned", "notes", "lease_token", "lease_node", "settled_token"}
_MOVING_SET = ", ".join(f"{column.strip()} = new.column{place}" for place, column in enumerate(_MOVING, start=2))
_SELECT = f"SELECT {FIXED}, {MOVING} FROM delivery "  # noqa: S608 - constants of this module

# Keep a new delivery.
ADD = Many(f"INSERT INTO delivery ({FIXED}, {MOVING})", len(FIXED.split(",")) + len(_MOVING))
# Replace what may change of deliveries.
SAVE = Many(
    f"UPDATE delivery SET {_MOVING_SET} FROM (",  # noqa: S608 - constants of this module
    1 + len(_MOVING),
    ") AS new WHERE delivery.id = new.column1",
    whole=frozenset(place for place, column in enumerate(_MOVING, start=2) if column.strip() not in _WORDS),
)
# Count deliveries that have ended.
COUNT_FINAL = Many(
    "INSERT INTO tally (destination, state, number)",
    3,
    "ON CONFLICT (destination, state) DO UPDATE SET number = tally.number + excluded.number",
)
# One delivery.
GET = _SELECT + "WHERE id = ?"
# A message's deliveries in the order made.
OF_MESSAGE = _SELECT + "WHERE message_id = ? ORDER BY seq"
# The deliveries of a dossier's lanes.
OF_DOSSIER = _SELECT + "WHERE dossier_id = ? ORDER BY destination, lane_seq"
# Those of them that have not ended.
OPEN_OF = _SELECT + "WHERE dossier_id = ? AND state NOT IN ('delivered', 'cancelled') ORDER BY destination, lane_seq"
_IN_LANE = "FROM delivery AS one WHERE one.dossier_id = :dossier AND one.destination = lane.destination"
_WITHDRAWN = f"one.state = 'cancelled' AND one.reason = '{Why.WITHDRAWN}'"
_CALLED_OFF = f"one.state = 'cancelled' AND one.reason = '{Why.CALLED_OFF}'"
#: Why a submission has ended that no longer counts as given.
_UNGIVEN = f"one.state = 'cancelled' AND coalesce(one.reason, '') IN ({', '.join(f'{str(why)!r}' for why in UNGIVEN)})"
_UNCLEAR = (
    f"one.state = 'cancelled' AND one.kind = '{SUBMITTED}'"
    f" AND one.reason IN ({', '.join(f'{str(why)!r}' for why in UNCLEAR)})"
)
_STATES_ALL = f"one.kind IN ({', '.join(f'{kind!r}' for kind in sorted(WHOLE))})"
_IS_WITHDRAWN = f"""(SELECT max(one.lane_seq) {_IN_LANE} AND {_WITHDRAWN}) > coalesce((
        SELECT max(one.lane_seq) {_IN_LANE} AND one.kind = '{SUBMITTED}' AND NOT ({_UNGIVEN})
    ), 0)"""
_IS_CALLED_OFF = f"""EXISTS (SELECT 1 {_IN_LANE} AND {_CALLED_OFF}) AND NOT EXISTS (
        SELECT 1 {_IN_LANE} AND {_STATES_ALL} AND one.state NOT IN ('delivered', 'cancelled')
    )"""
#: What a lane comes to.
BOTH, UNCLEAR_END, CALLED_OFF, REACHED, WITHDRAWN = 5, 4, 3, 2, 1
# What each lane of a dossier comes to: REACHED where something reached its system, as ``rows.DeliveryRow.reached``;
# UNCLEAR_END where it may have, by a submission that a person has ended, as ``rows.DeliveryRow.is_unclear``;
# WITHDRAWN where it lost its submission to a withdrawal and was given no other; CALLED_OFF where a person has ended its
# submission, and nothing waits that could take its place; BOTH where either was: the dossier's course says which holds;
# 0. It goes from one destination to the next, and in a lane no further than the first that reached it.
LANES = f"""
SELECT destination, CASE
    WHEN EXISTS (
        SELECT 1 {_IN_LANE} AND (
            one.state IN ('delivered', 'leased') OR one.in_doubt_since IS NOT NULL OR one.feed_seq IS NOT NULL
            OR (one.state <> 'dead' AND one.reason = '{Why.ALREADY_EXISTS}')
        )
    ) THEN {REACHED}
    WHEN EXISTS (SELECT 1 {_IN_LANE} AND {_UNCLEAR}) THEN {UNCLEAR_END}
    WHEN {_IS_WITHDRAWN} THEN CASE WHEN {_IS_CALLED_OFF} THEN {BOTH} ELSE {WITHDRAWN} END
    WHEN {_IS_CALLED_OFF} THEN {CALLED_OFF}
    ELSE 0
END
FROM (
    WITH RECURSIVE lane (destination) AS (
        SELECT min(destination) FROM delivery WHERE dossier_id = :dossier
        UNION ALL
        SELECT (
            SELECT min(next.destination) FROM delivery AS next
            WHERE next.dossier_id = :dossier AND next.destination > lane.destination
        ) FROM lane WHERE lane.destination IS NOT NULL
    )
    SELECT destination FROM lane WHERE destination IS NOT NULL
) AS lane
"""  # noqa: S608 - constants of this module
# What each destination of a dossier was given to go on with, as ``rows.GivenRow``.
GIVEN = f"""
SELECT destination, max(CASE WHEN kind = '{SUBMITTED}' THEN 1 ELSE 0 END),
    max(CASE WHEN kind = '{SUBMITTED}' THEN created_at ELSE coalesce(settled_at, created_at) END)
FROM delivery
WHERE dossier_id = ? AND state <> 'cancelled' AND kind IN ({", ".join(f"'{kind}'" for kind in sorted(GOES_ON))})
GROUP BY destination
"""  # noqa: S608 - constants of this module
# The last place taken in a lane, and whether anything stands in it.
LANE_END = """
SELECT
    (SELECT max(lane_seq) FROM delivery WHERE dossier_id = ? AND destination = ?),
    EXISTS (SELECT 1 FROM delivery WHERE dossier_id = ? AND destination = ? AND stands = 1)
"""
# What stands in a lane, in its order.
STANDING = _SELECT + "WHERE dossier_id = ? AND destination = ? AND stands = 1 ORDER BY lane_seq"
# The last of that of one kind.
LAST_STANDING = (
    _SELECT + "WHERE dossier_id = ? AND destination = ? AND stands = 1 AND kind = ? ORDER BY lane_seq DESC LIMIT 1"
)
# The first of that.
FIRST = STANDING + " LIMIT 1"
# Whether one of a lane is on the move.
IS_MOVING = """
SELECT EXISTS (
    SELECT 1 FROM delivery WHERE dossier_id = ? AND destination = ? AND state IN ('delayed', 'ready', 'leased')
)
"""
# What stands in a lane and has no number of a feed, in its order.
UNNUMBERED = _SELECT + "WHERE dossier_id = ? AND destination = ? AND stands = 1 AND feed_seq IS NULL ORDER BY lane_seq"
# A delivery waits for another leg of its message.
WAIT_FOR = "INSERT INTO condition (message_id, destination, delivery_id) VALUES (?, ?, ?)"
# Whether anything waits for a leg.
ANY_CONDITION = "SELECT EXISTS (SELECT 1 FROM condition)"
# Who waits for a leg.
WAITERS = "SELECT delivery_id FROM condition WHERE message_id = ? AND destination = ?"
# The leg is done.
FORGET_WAITERS = "DELETE FROM condition WHERE message_id = ? AND destination = ?"
# The most urgent claimable deliveries of one destination: their ids, one to a line.
READY = """
SELECT group_concat(id, char(10)) FROM (
    SELECT id FROM delivery
    WHERE state = 'ready' AND feed = 0 AND destination = ? AND is_retry = ? ORDER BY priority_at, seq LIMIT ?
) AS first
"""
_QUALIFIED = ", ".join(f"delivery.{column.strip()}" for column in f"{FIXED}, {MOVING}".split(","))
_ASKED = ") AS asked CROSS JOIN delivery ON delivery.id = asked.column1"
# Many deliveries.
GET_ALL = Many(f"SELECT {_QUALIFIED} FROM (", 1, _ASKED)  # noqa: S608 - constants of this module
# Many deliveries, each with the last place taken in its lane.
GET_IN_LANES = Many(
    f"""
SELECT {_QUALIFIED}, (
    SELECT max(lane_seq) FROM delivery AS other
    WHERE other.dossier_id = delivery.dossier_id AND other.destination = delivery.destination
) FROM (""",  # noqa: S608 - constants of this module
    1,
    _ASKED,
)
# Whether a claimable delivery waits for a slot.
HAS_READY = "SELECT 1 FROM delivery WHERE state = 'ready' AND feed = 0 AND destination = ? LIMIT 1"
# Delayed deliveries whose time has come.
DUE = _SELECT + "WHERE state = 'delayed' AND due_at <= ? ORDER BY due_at, seq LIMIT ?"
# When the first delayed delivery is due.
NEXT_DUE = "SELECT min(due_at) FROM delivery WHERE state = 'delayed'"
_LOST = """
WHERE state = 'leased'
    AND (lease_until <= ? OR lease_node IN (SELECT id FROM node WHERE ended_at IS NOT NULL))
ORDER BY lease_until, seq LIMIT ?
"""
# Leases that lapsed, or whose node is over.
LOST = _SELECT + _LOST
# What waits to be sent and has passed its expiry.
EXPIRED = (
    _SELECT
    + """
WHERE expires_at IS NOT NULL AND expires_at <= ? AND state IN ('waiting', 'delayed', 'ready')
    AND in_doubt_since IS NULL AND feed = 0
ORDER BY expires_at, id LIMIT ?
"""
)
# A delivery that a person sends again in spite of its expiry.
UNLIMIT = "UPDATE delivery SET expires_at = NULL WHERE id = ?"
# The clock was set: what is due later stays due after the same time …
SHIFT_DELAYED = "UPDATE delivery SET due_at = due_at + :by WHERE state = 'delayed'"
# … a lease ends after the same time, and was begun the same time ago …
SHIFT_LEASED = "UPDATE delivery SET due_at = due_at + :by, lease_until = lease_until + :by WHERE state = 'leased'"
# … and so was a doubt.
SHIFT_DOUBT = """
UPDATE delivery SET in_doubt_since = in_doubt_since + :by, closed_at = closed_at + :by WHERE in_doubt_since IS NOT NULL
"""
# The database was put back: nobody knows what became since of what is open.
DOUBT_ALL = f"""
UPDATE delivery SET closed_at = :now, reason = '{Why.RESTORED}', detail = '', in_doubt_since = coalesce(
    in_doubt_since, CASE WHEN created_at < :since THEN :since ELSE created_at END
)
WHERE state NOT IN ('delivered', 'cancelled') AND destination <> '{OPERATORS}'
"""  # noqa: S608 - constants of this module
# Nor of the like of what others have made for a system since it was.
DOUBT_NEW = f"""
UPDATE delivery SET closed_at = :made, reason = '{Why.RESTORED}', detail = '', in_doubt_since = :since, step = 'lookup'
WHERE id IN (
    SELECT id FROM delivery
    WHERE destination = :destination AND state NOT IN ('delivered', 'cancelled') AND in_doubt_since IS NULL
        AND created_at >= :made AND source <> '{GATEWAY}' AND feed = 0
    LIMIT :limit
)
"""  # noqa: S608 - constants of this module
# Leave a place of the lane to another, or take it, perhaps as another kind.
DISPLACE = "UPDATE delivery SET lane_seq = ?, kind = coalesce(?, kind) WHERE id = ?"
# What is in doubt at a system.
IN_DOUBT = _SELECT + "WHERE destination = ? AND in_doubt_since IS NOT NULL ORDER BY in_doubt_since, id LIMIT ?"
# Lanes whose first standing delivery waits for nothing.
HEADLESS = """
SELECT destination, dossier_id FROM delivery AS one
WHERE state = 'waiting' AND awaits = 0 AND NOT EXISTS (
    SELECT 1 FROM delivery AS ahead
    WHERE ahead.dossier_id = one.dossier_id AND ahead.destination = one.destination
        AND ahead.stands = 1 AND ahead.lane_seq < one.lane_seq
)
"""
# Lanes with open deliveries that are kept for one way to be served, the oldest first.
ASTRAY = """
SELECT dossier_id FROM delivery
WHERE destination = ? AND feed = ? AND state NOT IN ('delivered', 'cancelled')
GROUP BY dossier_id ORDER BY min(seq) LIMIT ?
"""
# Serve a delivery the other way.
TURN = "UPDATE delivery SET feed = ? WHERE id = ?"
# Keep the last numbers given in feeds.
SET_FEED_END = c.replacing("feed", "destination, last_seq", key="destination")
# The last number given in a feed.
END_OF_FEED = "SELECT last_seq FROM feed WHERE destination = ?"
# What is in a feed and not final.
IN_FEED = (
    _SELECT
    + """
WHERE destination = ? AND feed_seq > ? AND feed_seq <= ? AND feed_seq IS NOT NULL AND feed = 1
    AND state NOT IN ('delivered', 'cancelled')
ORDER BY feed_seq LIMIT ?
"""
)
# Submissions to a system, all or those that have ended or stopped, the newest first.
SUBMISSIONS = (
    _SELECT
    + """
WHERE destination = ? AND kind = ? AND (? = 0 OR state IN ('delivered', 'cancelled', 'held', 'dead'))
ORDER BY seq DESC LIMIT ?
"""
)
# Keep an attempt.
ADD_ATTEMPT = Many("INSERT INTO attempt (token, delivery_id, at, attempt, reply, reply_type)", 6)
# Whether an attempt was recorded under a lease.
HAS_ATTEMPT = "SELECT 1 FROM attempt WHERE token = ?"
# A delivery's attempts in the order recorded.
ATTEMPTS = "SELECT token, at, attempt, reply, reply_type FROM attempt WHERE delivery_id = ? ORDER BY seq"
# How many deliveries of each system have ended.
TALLIES = "SELECT destination, state, number FROM tally WHERE number <> 0"
# How many are open, and when the oldest of them was made.
OPEN_COUNTS = """
SELECT destination, state, number, (SELECT created_at FROM delivery WHERE delivery.seq = tallied.first)
FROM (
    SELECT destination, state, count(*) AS number, min(seq) AS first
    FROM delivery INDEXED BY delivery_open
    WHERE state NOT IN ('delivered', 'cancelled') GROUP BY destination, state
) AS tallied
"""
# How many are on their way to each system.
BACKLOGS = """
SELECT destination, count(*) FROM delivery INDEXED BY delivery_open
WHERE state NOT IN ('delivered', 'cancelled') AND state NOT IN ('held', 'dead') GROUP BY destination
"""
# How many are in doubt.
DOUBTS = "SELECT destination, count(*) FROM delivery WHERE in_doubt_since IS NOT NULL GROUP BY destination"


def find(state: State | None, destination: SystemId | None) -> tuple[str, tuple[str, ...]]:
    """Return the statement that finds the newest deliveries of a state and a destination, and its values."""
    conditions = [] if state is None else [f"state = '{state}'"]  # not a value: it tells which indexes have such rows
    if state is not None and state not in {State.DELIVERED, State.CANCELLED}:
        conditions.append("state NOT IN ('delivered', 'cancelled')")
    if state in {State.HELD, State.DEAD}:
        conditions.append("state IN ('held', 'dead')")
    if destination is not None:
        conditions.append("destination = ?")
    where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    return f"{_SELECT}{where}ORDER BY seq DESC LIMIT ?", () if destination is None else (destination,)


def stopped(wanted: Selection) -> tuple[str, tuple[object, ...]]:
    """Return the statement that finds what is held or dead and meets all conditions, and its values."""
    of_procedure = "dossier_id IN (SELECT id FROM dossier WHERE procedure = ?)"
    asked = {
        "state = ?": wanted.state,
        "destination = ?": wanted.system,
        "reason = ?": wanted.reason,
        "kind = ?": wanted.kind or None,
        of_procedure: wanted.procedure or None,
        "settled_at >= ?": c.micros_or_none(wanted.since),
        "settled_at < ?": c.micros_or_none(wanted.until),
    }
    given = {condition: value for condition, value in asked.items() if value is not None}
    fixed = ("state IN ('held', 'dead')", "state NOT IN ('delivered', 'cancelled')")
    return f"{_SELECT}WHERE {' AND '.join((*fixed, *given))} ORDER BY seq LIMIT ?", tuple(given.values())
