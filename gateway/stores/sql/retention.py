"""Erasing by age in SQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.core.acts import ERASED_WORDS
from gateway.core.asking import GOES_ON
from gateway.core.deadline import Word, is_over
from gateway.core.delivery import FINAL, State
from gateway.core.ids import DeliveryId, DossierId, MessageId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.reason import Why
from gateway.core.retention import Kept, Mark, Trace
from gateway.stores.retention_tables import Tombstone
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access, Many
from gateway.stores.sql.deliveries import SqlDeliveries
from gateway.stores.sql.dossiers import SqlDossiers
from gateway.stores.sql.messages import SqlMessages

# What has ended, the oldest first.
ENDED = """
SELECT closed_at, id FROM dossier
WHERE closed_at IS NOT NULL AND erased_at IS NULL AND closed_at < ? AND (closed_at, id) > (?, ?)
ORDER BY closed_at, id LIMIT ?
"""
# What waits for a code that nobody has bound, the oldest first. It is little: each stands on people's list.
PARKED = """
SELECT accepted_at, dossier_id FROM message
WHERE seq IN (SELECT message_seq FROM parked) AND accepted_at < ? AND (accepted_at, dossier_id) > (?, ?)
ORDER BY accepted_at, dossier_id LIMIT ?
"""
_THESE = "(SELECT value FROM json_each(:dossiers))"
_GOES_ON = ", ".join(f"'{kind}'" for kind in sorted(GOES_ON - {SUBMITTED}))
# What follows from what, of all that one of these is an end of.
LINKS = f"""
SELECT parent, dossier_id, seq FROM chain WHERE parent IN {_THESE}
UNION SELECT parent, dossier_id, seq FROM chain WHERE dossier_id IN {_THESE} ORDER BY seq
"""  # noqa: S608 - constants of this module
_MINE = "(SELECT id FROM message WHERE dossier_id = dossier.id)"
_UNDECIDED = ", ".join(f"'{state}'" for state in sorted(set(State) - FINAL))
# The dossiers, and what is parked, which is kept under a dossier of its own that has no row.
_HOMES = f"""
    SELECT id, source, adopted, took_part, erased_by, closed_at, 0 AS parked
    FROM dossier WHERE erased_at IS NULL AND id IN {_THESE}
    UNION ALL
    SELECT dossier_id, source, '', '', '', accepted_at, 1
    FROM message WHERE dossier_id IN {_THESE} AND EXISTS (SELECT 1 FROM parked WHERE message_id = message.id)
"""  # noqa: S608 - constants of this module
# Who each is from, when it ended and what was last said or done; what holds it, in the order of ``_HOLDS``; and
# how much there is of it.
TRACES = f"""
SELECT
    id, source, adopted, took_part, erased_by, closed_at,
    (SELECT max(accepted_at) FROM message WHERE dossier_id = dossier.id),
    (SELECT max(settled_at) FROM delivery WHERE message_id IN {_MINE}),
    (SELECT max(at) FROM act WHERE dossier_id = dossier.id),
    EXISTS (
        SELECT 1 FROM delivery WHERE message_id IN {_MINE}
            AND (state NOT IN ('delivered', 'cancelled') OR in_doubt_since IS NOT NULL)
            AND NOT (parked = 1 AND state = 'held' AND coalesce(reason, '') = '{Why.UNMATCHED}')
    ),
    EXISTS (
        SELECT 1 FROM pending_file WHERE message_id IN {_MINE} AND EXISTS (
            SELECT 1 FROM delivery
            WHERE delivery.message_id = pending_file.message_id AND state NOT IN ('delivered', 'cancelled')
        )
    ),
    parked = 1 AND EXISTS (
        SELECT 1 FROM delivery WHERE destination = dossier.source
            AND state IN ({_UNDECIDED}) AND state NOT IN ('delivered', 'cancelled')
            AND seq < (SELECT min(seq) FROM delivery WHERE message_id IN {_MINE})
        UNION ALL
        SELECT 1 FROM delivery WHERE destination = dossier.source
            AND in_doubt_since IS NOT NULL
            AND seq < (SELECT min(seq) FROM delivery WHERE message_id IN {_MINE})
    ),
    EXISTS (
        SELECT 1 FROM open_dossier WHERE dossier_id = dossier.id AND system IN (SELECT system FROM asked_system)
    ),
    EXISTS (SELECT 1 FROM proposal WHERE dossier_id = dossier.id AND state = 'open' AND expires_at > :now),
    EXISTS (
        SELECT 1 FROM replay_item WHERE state IN ('chosen', 'sent')
            AND delivery_id IN (SELECT id FROM delivery WHERE message_id IN {_MINE})
    ),
    (SELECT count(*) FROM message WHERE dossier_id = dossier.id),
    (SELECT count(*) FROM delivery WHERE message_id IN {_MINE}),
    (SELECT count(*) FROM message_blob WHERE message_id IN {_MINE}),
    (SELECT CAST(coalesce(sum(size), 0) AS bigint) FROM message_blob WHERE message_id IN {_MINE}),
    parked
FROM ({_HOMES}) AS dossier
"""  # noqa: S608 - constants of this module
_HOLDS = (Kept.UNDECIDED, Kept.FILES, Kept.AWAITED, Kept.ASKED, Kept.PROPOSED, Kept.REPLAYED)
# For which systems something of each was ever meant, which of them process it, and when each last got what it can go on
# with: a submission may be settled after its answer came, and counts from when it was made.
MEANT_FOR = f"""
SELECT
    dossier_id, destination,
    max(CASE WHEN kind = '{SUBMITTED}' AND state <> 'cancelled' THEN 1 ELSE 0 END),
    max(CASE
        WHEN state = 'cancelled' THEN NULL
        WHEN kind = '{SUBMITTED}' THEN created_at
        WHEN kind IN ({_GOES_ON}) THEN coalesce(settled_at, created_at)
    END)
FROM delivery WHERE dossier_id IN {_THESE} AND destination <> 'operators'
GROUP BY dossier_id, destination
"""  # noqa: S608 - constants of this module
# How the systems say that each stands.
WORDS = f"""
SELECT dossier_id, system, status, accepted_at FROM status WHERE dossier_id IN {_THESE}
"""  # noqa: S608 - constants of this module
_MESSAGES = "(SELECT value FROM json_each(:messages))"
_DELIVERIES = "(SELECT value FROM json_each(:deliveries))"
# Their messages.
MESSAGES = f"SELECT id FROM message WHERE dossier_id IN {_THESE}"  # noqa: S608 - constants of this module
# The deliveries of these.
DELIVERIES = f"SELECT id FROM delivery WHERE message_id IN {_MESSAGES}"  # noqa: S608 - constants of this module
# Keep the receipts that others may ask for again.
BURY = f"""
INSERT INTO erased_message (id, dossier_id, accepted_at, revision)
SELECT id, dossier_id, accepted_at, revision FROM message WHERE id IN {_MESSAGES} AND source <> 'gateway'
"""  # noqa: S608 - constants of this module
# Count their deliveries no more: those that have ended, the others are not counted but looked up; …
UNCOUNT = f"""
INSERT INTO tally (destination, state, number)
SELECT destination, state, -count(*) FROM delivery
WHERE id IN {_DELIVERIES} AND state IN ('delivered', 'cancelled') GROUP BY destination, state
ON CONFLICT (destination, state) DO UPDATE SET number = tally.number + excluded.number
"""  # noqa: S608 - constants of this module
# … and erase: what was tried and answered, …
ATTEMPTS = f"DELETE FROM attempt WHERE delivery_id IN {_DELIVERIES}"  # noqa: S608 - constants of this module
# … what waited for what, …
CONDITIONS = f"DELETE FROM condition WHERE message_id IN {_MESSAGES}"  # noqa: S608 - constants of this module
# … for which code, …
UNPARK = f"DELETE FROM parked WHERE message_id IN {_MESSAGES}"  # noqa: S608 - constants of this module
# … in which words people said why (who did what and when stays, and the record that proves the words), …
WORDLESS = f"UPDATE act SET reason = '{ERASED_WORDS}' WHERE dossier_id IN {_THESE}"  # noqa: S608 - constants of this module
# … who owed a first word, …
SILENCES = f"""
DELETE FROM silence WHERE dossier_id IN {_THESE}
    AND system IN (SELECT destination FROM delivery WHERE id IN {_DELIVERIES})
"""  # noqa: S608 - constants of this module
# … what was proposed: a corrected message holds what the first one held; …
PROPOSALS = f"DELETE FROM proposal WHERE dossier_id IN {_THESE}"  # noqa: S608 - constants of this module
# … the uploads of their files, unless another dossier has one, …
UPLOADS = f"""
DELETE FROM file WHERE id IN (SELECT file_id FROM message_blob WHERE message_id IN {_MESSAGES})
    AND NOT EXISTS (
        SELECT 1 FROM message_blob AS other WHERE other.key = file.key AND other.message_id NOT IN {_MESSAGES}
    )
"""  # noqa: S608 - constants of this module
# … the files, the bytes of which are swept once nobody names them, …
FILES = f"DELETE FROM message_blob WHERE message_id IN {_MESSAGES}"  # noqa: S608 - constants of this module
# … those that never came, …
AWAITED = f"DELETE FROM pending_file WHERE message_id IN {_MESSAGES}"  # noqa: S608 - constants of this module
# … the deliveries, …
ERASE_DELIVERIES = f"DELETE FROM delivery WHERE id IN {_DELIVERIES}"  # noqa: S608 - constants of this module
# … the revisions, …
SNAPSHOTS = f"DELETE FROM snapshot WHERE dossier_id IN {_THESE}"  # noqa: S608 - constants of this module
# … the systems' own ids, …
FACTS = f"DELETE FROM fact WHERE dossier_id IN {_THESE}"  # noqa: S608 - constants of this module
# … how they stood, …
STATUSES = f"DELETE FROM status WHERE dossier_id IN {_THESE}"  # noqa: S608 - constants of this module
# … and what was said.
ERASE_MESSAGES = f"DELETE FROM message WHERE id IN {_MESSAGES}"  # noqa: S608 - constants of this module
# Say so.
MARK = Many(
    """
UPDATE dossier SET
    took_part = new.column2, erased_at = new.column3, erased_by = new.column4,
    digest = '', stated_by = NULL, due_at = NULL, holds = '', paused_at = NULL
FROM (""",
    4,
    ") AS new WHERE dossier.id = new.column1",
    whole=frozenset({3}),
)
# Something is kept of it again; the rule still says that it was erased.
RESUME = "UPDATE dossier SET erased_at = NULL WHERE id = ?"
# Let no gateway work here any more that knows nothing of such a mark (``schema.OLDEST``).
FENCE = """
INSERT INTO meta (name, value) SELECT 'oldest', value FROM meta WHERE name = 'oldest_once_erased'
ON CONFLICT (name) DO UPDATE SET value = CASE
    WHEN CAST(meta.value AS bigint) < CAST(excluded.value AS bigint) THEN excluded.value ELSE meta.value
END
"""
# What is left of a message.
TOMBSTONE = "SELECT dossier_id, accepted_at, revision FROM erased_message WHERE id = ?"

_BEFORE = (BURY, UNCOUNT, ATTEMPTS, CONDITIONS, UNPARK, WORDLESS, SILENCES, PROPOSALS, UPLOADS, FILES, AWAITED)


class SqlRetention:
    """``retention_tables.RetentionTable`` over one connection; what the other tables know of a dossier they forget."""

    def __init__(self, access: Access, dossiers: SqlDossiers, messages: SqlMessages, deliveries: SqlDeliveries) -> None:
        self._access = access
        self._run = access.run
        self._dossiers = dossiers
        self._messages = messages
        self._deliveries = deliveries

    def ended(self, before: datetime, after: Mark | None, limit: int) -> Sequence[Mark]:
        moment, dossier = (c.micros(after[0]), after[1]) if after else (c.EARLIEST, "")
        asked = (c.micros(before), moment, dossier, limit)
        rows = sorted(row for kind in (ENDED, PARKED) for row in map(tuple, self._run(kind, asked).fetchall()))
        return [(c.moment(row[0]), DossierId(row[1])) for row in rows[:limit]]

    def links(self, dossiers: Collection[DossierId]) -> Sequence[tuple[DossierId, DossierId]]:
        rows = self._run(LINKS, {"dossiers": json.dumps(list(dossiers))}).fetchall()
        return [(DossierId(row[0]), DossierId(row[1])) for row in rows]

    def traces(self, dossiers: Collection[DossierId], now: datetime) -> Sequence[Trace]:
        these = json.dumps(list(dossiers))
        rows = self._run(TRACES, {"dossiers": these, "now": c.micros(now)}).fetchall()
        parts: dict[str, _Parts] = {row[0]: _Parts() for row in rows}
        for dossier, system, processes, at in self._run(MEANT_FOR, {"dossiers": these}).fetchall():
            if dossier in parts:
                parts[dossier].meant_for[system] = (bool(processes), c.moment_or_none(at))
        for dossier, system, status, at in self._run(WORDS, {"dossiers": these}).fetchall():
            if dossier in parts:
                parts[dossier].words[system] = Word(status=c.status(status).status, at=c.moment(at))
        return [_trace(row, parts[row[0]]) for row in rows]

    def erase(self, traces: Sequence[Trace], now: datetime, rule: str) -> None:
        if not traces:
            return
        about = {"dossiers": json.dumps([trace.dossier for trace in traces])}
        messages = [MessageId(row[0]) for row in self._run(MESSAGES, about).fetchall()]
        about["messages"] = json.dumps(messages)
        deliveries = [DeliveryId(row[0]) for row in self._run(DELIVERIES, about).fetchall()]
        about["deliveries"] = json.dumps(deliveries)
        for statement in (*_BEFORE, ERASE_DELIVERIES, SNAPSHOTS, FACTS, STATUSES, ERASE_MESSAGES):
            self._run(statement, about)
        for trace in traces:
            self._dossiers.let_go(trace.dossier)
            if not trace.parked:
                self._access.change(MARK, (trace.dossier, " ".join(sorted(trace.took_part)), c.micros(now), rule))
        self._run(FENCE)
        self._access.wipe()
        self._messages.let_go(messages)
        self._deliveries.let_go(deliveries)

    def resume(self, dossier: DossierId) -> None:
        self._run(RESUME, (dossier,))

    def tombstone(self, message: MessageId) -> Tombstone | None:
        row = self._run(TOMBSTONE, (message,)).fetchone()
        return None if row is None else Tombstone(dossier=row[0], accepted_at=c.moment(row[1]), revision=row[2])


@dataclass(frozen=True, slots=True)
class _Parts:
    """What systems have of a dossier, and say of it."""

    #: Whether each processes it, and when it last got what it can go on with.
    meant_for: dict[SystemId, tuple[bool, datetime | None]] = field(default_factory=dict)
    words: dict[SystemId, Word] = field(default_factory=dict)

    def goes_on(self, source: SystemId, adopted: Collection[SystemId]) -> bool:
        """Whether a system has it that has not ended it, or was given it anew since."""
        had = {system: self.meant_for.get(system, (True, None))[1] for system in adopted}
        sent = {system: at for system, (processes, at) in self.meant_for.items() if processes and system != source}
        given = had | sent
        return bool(given) and not is_over(source, self.words, given)


def _trace(row: tuple[Any, ...], parts: _Parts) -> Trace:
    source, adopted = SystemId(row[1]), frozenset(map(SystemId, row[2].split()))
    moments = (c.moment(value) for value in row[6:9] if value is not None)
    holds = {reason for reason, holds_it in zip(_HOLDS, row[9:15], strict=True) if holds_it}
    parked = bool(row[19])
    # Judged again, for nothing brings it back: an older gateway on the same database may have missed that it goes on.
    # Of what is erased already nothing is left to judge that by; what is parked was given to nobody.
    if not row[4] and not parked and parts.goes_on(source, adopted):
        holds.add(Kept.GOES_ON)
    return Trace(
        dossier=DossierId(row[0]),
        ended_at=c.moment_or_none(row[5]),
        last_at=max(moments, default=None),
        holds=frozenset(holds),
        took_part=frozenset({source, *adopted, *map(SystemId, row[3].split()), *parts.meant_for}),
        messages=row[15],
        deliveries=row[16],
        files=row[17],
        bytes=row[18],
        parked=parked,
    )
