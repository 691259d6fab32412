"""Erasing by age in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from gateway.core.ids import DeliveryId, DossierId, MessageId, SystemId
from gateway.core.retention import Kept, Mark, Trace
from gateway.stores.retention_tables import Tombstone
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access
from gateway.stores.sql.deliveries import SqlDeliveries
from gateway.stores.sql.dossiers import SqlDossiers
from gateway.stores.sql.messages import SqlMessages

# What has ended, the oldest first.
ENDED = """
SELECT closed_at, id FROM dossier
WHERE closed_at IS NOT NULL AND erased_at IS NULL AND closed_at < ? AND (closed_at, id) > (?, ?)
ORDER BY closed_at, id LIMIT ?
"""
_MESSAGES = "(SELECT id FROM message WHERE dossier_id = :dossier)"
_DELIVERIES = f"(SELECT id FROM delivery WHERE message_id IN {_MESSAGES})"  # noqa: S608 - constants of this module
# When it ended and what was last said or done; what holds it, in the order of ``_HOLDS``; and how much there is of it.
TRACE = f"""
SELECT
    (SELECT closed_at FROM dossier WHERE id = :dossier),
    (SELECT max(accepted_at) FROM message WHERE dossier_id = :dossier),
    (SELECT max(settled_at) FROM delivery WHERE message_id IN {_MESSAGES}),
    (SELECT max(at) FROM act WHERE dossier_id = :dossier),
    EXISTS (
        SELECT 1 FROM delivery WHERE message_id IN {_MESSAGES}
            AND (state NOT IN ('delivered', 'cancelled') OR in_doubt_since IS NOT NULL)
    ),
    EXISTS (SELECT 1 FROM pending_file WHERE message_id IN {_MESSAGES}),
    EXISTS (
        SELECT 1 FROM open_dossier WHERE dossier_id = :dossier AND system IN (SELECT system FROM asked_system)
    ),
    EXISTS (SELECT 1 FROM proposal WHERE dossier_id = :dossier AND state = 'open' AND expires_at > :now),
    EXISTS (SELECT 1 FROM replay_item WHERE state IN ('chosen', 'sent') AND delivery_id IN {_DELIVERIES}),
    (SELECT count(*) FROM message WHERE dossier_id = :dossier),
    (SELECT count(*) FROM message_blob WHERE message_id IN {_MESSAGES}),
    (SELECT CAST(coalesce(sum(size), 0) AS bigint) FROM message_blob WHERE message_id IN {_MESSAGES})
"""  # noqa: S608 - constants of this module
_HOLDS = (Kept.UNDECIDED, Kept.FILES, Kept.ASKED, Kept.PROPOSED, Kept.REPLAYED)
# The messages of a dossier.
MESSAGES = _MESSAGES.strip("()")
# The deliveries of its messages.
DELIVERIES = _DELIVERIES[1:-1]
# Keep the receipts that others may ask for again.
BURY = """
INSERT INTO erased_message (id, dossier_id, accepted_at, revision)
SELECT id, dossier_id, accepted_at, revision FROM message WHERE dossier_id = :dossier AND source <> 'gateway'
"""
# Count its deliveries no more …
UNCOUNT = f"""
INSERT INTO tally (destination, state, number)
SELECT destination, state, -count(*) FROM delivery WHERE message_id IN {_MESSAGES} GROUP BY destination, state
ON CONFLICT (destination, state) DO UPDATE SET number = tally.number + excluded.number
"""  # noqa: S608 - constants of this module
# … and erase: what was tried and answered, …
ATTEMPTS = f"DELETE FROM attempt WHERE delivery_id IN {_DELIVERIES}"  # noqa: S608 - constants of this module
# … what waited for what, …
CONDITIONS = f"DELETE FROM condition WHERE message_id IN {_MESSAGES}"  # noqa: S608 - constants of this module
# … who owed a first word, …
SILENCES = f"""
DELETE FROM silence WHERE dossier_id = :dossier
    AND system IN (SELECT destination FROM delivery WHERE message_id IN {_MESSAGES})
"""  # noqa: S608 - constants of this module
# … what was proposed: a corrected message holds what the first one held; …
PROPOSALS = "DELETE FROM proposal WHERE dossier_id = :dossier"
# … the uploads of its files, unless another dossier has one, …
UPLOADS = f"""
DELETE FROM file WHERE id IN (SELECT file_id FROM message_blob WHERE message_id IN {_MESSAGES})
    AND NOT EXISTS (
        SELECT 1 FROM message_blob AS other WHERE other.key = file.key AND other.message_id NOT IN {_MESSAGES}
    )
"""  # noqa: S608 - constants of this module
# … the files, the bytes of which are swept once nobody names them, …
FILES = f"DELETE FROM message_blob WHERE message_id IN {_MESSAGES}"  # noqa: S608 - constants of this module
# … the deliveries, …
ERASE_DELIVERIES = f"DELETE FROM delivery WHERE message_id IN {_MESSAGES}"  # noqa: S608 - constants of this module
# … its revisions, …
SNAPSHOTS = "DELETE FROM snapshot WHERE dossier_id = :dossier"
# … the systems' own ids, …
FACTS = "DELETE FROM fact WHERE dossier_id = :dossier"
# … how it stood, …
STATUSES = "DELETE FROM status WHERE dossier_id = :dossier"
# … and what was said.
ERASE_MESSAGES = "DELETE FROM message WHERE dossier_id = :dossier"
# Say so.
MARK = """
UPDATE dossier SET
    erased_at = :now, erased_by = :rule, took_part = :took_part,
    digest = '', stated_by = NULL, due_at = NULL, holds = '', paused_at = NULL
WHERE id = :dossier
"""
# Let no gateway work here any more that knows nothing of such a mark (``schema.OLDEST``).
FENCE = """
INSERT INTO meta (name, value) SELECT 'oldest', value FROM meta WHERE name = 'oldest_once_erased'
ON CONFLICT (name) DO UPDATE SET value = CASE
    WHEN CAST(meta.value AS bigint) < CAST(excluded.value AS bigint) THEN excluded.value ELSE meta.value
END
"""
# What is left of a message.
TOMBSTONE = "SELECT dossier_id, accepted_at, revision FROM erased_message WHERE id = ?"

_BEFORE = (BURY, UNCOUNT, ATTEMPTS, CONDITIONS, SILENCES, PROPOSALS, UPLOADS, FILES)
_EARLIEST = -(1 << 62)  #: microseconds that no time has


class SqlRetention:
    """``retention_tables.RetentionTable`` over one connection; what the other tables know of a dossier they forget."""

    def __init__(self, access: Access, dossiers: SqlDossiers, messages: SqlMessages, deliveries: SqlDeliveries) -> None:
        self._run = access.run
        self._dossiers = dossiers
        self._messages = messages
        self._deliveries = deliveries

    def ended(self, before: datetime, after: Mark | None, limit: int) -> Sequence[Mark]:
        moment, dossier = (c.micros(after[0]), after[1]) if after else (_EARLIEST, "")
        rows = self._run(ENDED, (c.micros(before), moment, dossier, limit)).fetchall()
        return [(c.moment(row[0]), DossierId(row[1])) for row in rows]

    def trace(self, dossier: DossierId, now: datetime) -> Trace:
        row = self._run(TRACE, {"dossier": dossier, "now": c.micros(now)}).fetchone()
        ended_at, *moments = row[:4]
        return Trace(
            dossier=dossier,
            ended_at=c.moment_or_none(ended_at),
            last_at=max((c.moment(value) for value in moments if value is not None), default=None),
            holds=frozenset(reason for reason, holds_it in zip(_HOLDS, row[4:9], strict=True) if holds_it),
            messages=row[9],
            files=row[10],
            bytes=row[11],
        )

    def erase(self, dossier: DossierId, took_part: Collection[SystemId], now: datetime, rule: str) -> tuple[int, int]:
        about = {"dossier": dossier}
        messages = [MessageId(row[0]) for row in self._run(MESSAGES, about).fetchall()]
        deliveries = [DeliveryId(row[0]) for row in self._run(DELIVERIES, about).fetchall()]
        for statement in (*_BEFORE, ERASE_DELIVERIES, SNAPSHOTS, FACTS, STATUSES, ERASE_MESSAGES):
            self._run(statement, about)
        words = " ".join(sorted(took_part))
        self._run(MARK, {"dossier": dossier, "now": c.micros(now), "rule": rule, "took_part": words})
        self._run(FENCE)
        self._dossiers.let_go(dossier)
        self._messages.let_go(messages)
        self._deliveries.let_go(deliveries)
        return len(messages), len(deliveries)

    def tombstone(self, message: MessageId) -> Tombstone | None:
        row = self._run(TOMBSTONE, (message,)).fetchone()
        return None if row is None else Tombstone(dossier=row[0], accepted_at=c.moment(row[1]), revision=row[2])
