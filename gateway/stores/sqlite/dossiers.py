"""Dossiers in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from gateway.core.ids import DossierId, MessageId, SystemId
from gateway.core.message import Code
from gateway.ports.store import StatusView
from gateway.stores.rows import DossierRow
from gateway.stores.sqlite import columns as c

# Who a code belongs to.
OWNER = "SELECT dossier_id FROM code WHERE value = ? AND scheme = ?"
# Who a value belongs to in any scheme.
NAMED = "SELECT DISTINCT dossier_id FROM code WHERE value = ? ORDER BY dossier_id LIMIT ?"
# Who a value belongs to in one scheme.
NAMED_IN = "SELECT DISTINCT dossier_id FROM code WHERE value = ? AND scheme = ? ORDER BY dossier_id LIMIT ?"
# Bind a code that nobody has.
BIND = "INSERT INTO code (value, scheme, dossier_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
# A dossier's codes in the order bound.
CODES = "SELECT scheme, value FROM code WHERE dossier_id = ? ORDER BY seq"
# One dossier.
GET = "SELECT id, source, created_at, revision, digest, stated_by, procedure, agency, due_at FROM dossier WHERE id = ?"
# Add or replace a dossier.
SAVE = "INSERT OR REPLACE INTO dossier VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
# Record which message states a revision.
REVISE = "INSERT INTO snapshot VALUES (?, ?, ?)"
# The latest revision up to one.
STATED_BY = (
    "SELECT revision, message_id FROM snapshot WHERE dossier_id = ? AND revision <= ? ORDER BY revision DESC LIMIT 1"
)
# A system's own ids.
FACTS = "SELECT name, value FROM fact WHERE dossier_id = ? AND system = ?"
# Add one of them.
ADD_FACT = "INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?)"
# Keep a status unless a later one is there.
STATE = """
INSERT INTO status (dossier_id, system, status, occurred_at, accepted_at, message_id) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    status = excluded.status, occurred_at = excluded.occurred_at,
    accepted_at = excluded.accepted_at, message_id = excluded.message_id
WHERE excluded.accepted_at >= accepted_at
"""
# What each system said last.
STATUSES = """
SELECT system, status, occurred_at, accepted_at, message_id FROM status WHERE dossier_id = ? ORDER BY system
"""


class SqliteDossiers:
    """``tables.Dossiers`` over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute

    def owners(self, codes: Iterable[Code]) -> set[DossierId]:
        rows = (self._run(OWNER, (code.value, code.scheme)).fetchone() for code in codes)
        return {DossierId(row[0]) for row in rows if row is not None}

    def named(self, value: str, scheme: str | None, limit: int) -> Sequence[DossierId]:
        rows = (
            self._run(NAMED, (value, limit)) if scheme is None else self._run(NAMED_IN, (value, scheme, limit))
        ).fetchall()
        return [DossierId(row[0]) for row in rows]

    def bind(self, dossier: DossierId, code: Code) -> bool:
        return self._run(BIND, (code.value, code.scheme, dossier)).rowcount == 1

    def codes(self, dossier: DossierId) -> tuple[Code, ...]:
        return tuple(Code(*row) for row in self._run(CODES, (dossier,)))

    def get(self, dossier: DossierId) -> DossierRow | None:
        row = self._run(GET, (dossier,)).fetchone()
        if row is None:
            return None
        return DossierRow(
            id=row[0],
            source=row[1],
            created_at=c.moment(row[2]),
            revision=row[3],
            digest=row[4],
            stated_by=row[5],
            procedure=row[6],
            agency=row[7],
            due_at=c.moment_or_none(row[8]),
        )

    def save(self, row: DossierRow) -> None:
        values = (
            row.id,
            row.source,
            c.micros(row.created_at),
            row.revision,
            row.digest,
            row.stated_by,
            row.procedure,
            row.agency,
            c.micros_or_none(row.due_at),
        )
        self._run(SAVE, values)

    def revise(self, dossier: DossierId, revision: int, message: MessageId) -> None:
        self._run(REVISE, (dossier, revision, message))

    def stated_by(self, dossier: DossierId, revision: int) -> tuple[int, MessageId] | None:
        row = self._run(STATED_BY, (dossier, revision)).fetchone()
        return None if row is None else (row[0], MessageId(row[1]))

    def facts(self, dossier: DossierId, system: SystemId) -> Mapping[str, str]:
        return dict(self._run(FACTS, (dossier, system)).fetchall())

    def add_facts(self, dossier: DossierId, system: SystemId, facts: Mapping[str, str]) -> None:
        for name, value in facts.items():
            self._run(ADD_FACT, (dossier, system, name, value))

    def state_status(self, dossier: DossierId, status: StatusView) -> None:
        values = (
            dossier,
            status.system,
            c.status_column(status.status),
            c.micros_or_none(status.occurred_at),
            c.micros(status.accepted_at),
            status.message_id,
        )
        self._run(STATE, values)

    def statuses(self, dossier: DossierId) -> Sequence[StatusView]:
        return [
            StatusView(
                system=SystemId(row[0]),
                status=c.status(row[1]),
                occurred_at=c.moment_or_none(row[2]),
                accepted_at=c.moment(row[3]),
                message_id=MessageId(row[4]),
            )
            for row in self._run(STATUSES, (dossier,)).fetchall()
        ]
