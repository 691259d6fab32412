"""Reconciliations in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from gateway.core.acts import By
from gateway.core.ids import SystemId
from gateway.core.reconcile import Divergence, Divergent, Reconciliation, ReconciliationId, ReconciliationState, Repair
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access, Many
from gateway.stores.sql.acts import actor, actor_column

_COLUMNS = "id, system, actor, reason, asked_at, names, state, ended_at, compared, unanswered, facts, counts"
_SELECT = f"SELECT {_COLUMNS} FROM reconciliation "  # noqa: S608 - constants of this module
# Add or replace a reconciliation; it keeps its place.
SAVE = c.replace_one("reconciliation", _COLUMNS, key="id", moving="state, ended_at, compared, unanswered, counts")
# One reconciliation.
GET = _SELECT + "WHERE id = ?"
# All, or one system's, the newest first.
NEWEST = _SELECT + "WHERE system = :system OR :system IS NULL ORDER BY seq DESC LIMIT :limit"
# Those still to be done.
ASKED = _SELECT + "WHERE state = 'asked' ORDER BY seq"
# Keep a finding.
ADD_FINDING = Many("INSERT INTO divergence (reconciliation_id, place, finding)", 3)
# Findings behind a place.
FINDINGS = """
SELECT place, finding FROM divergence WHERE reconciliation_id = ? AND place > ? ORDER BY place LIMIT ?
"""

_ENCODER = msgspec.json.Encoder()
_FINDINGS = msgspec.json.Decoder(Divergent)
_NAMES = msgspec.json.Decoder(tuple[str, ...])
_COUNTS = msgspec.json.Decoder(dict[str, int])
#: What stands for a finding that cannot be read: people see it among the others.
_UNREAD = Divergent(divergence=Divergence.DIFFERENT, repair=Repair.ASK, code=next(iter(c.DAMAGED)))

T = TypeVar("T")


class SqlReconciliations:
    """``reconciliation_tables.ReconciliationTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._run = access.run

    def save(self, item: Reconciliation) -> None:
        self._run(
            SAVE,
            (
                item.id,
                item.system,
                item.by and actor_column(item.by.actor),
                item.by and item.by.reason,
                c.micros(item.asked_at),
                _ENCODER.encode(item.names),
                item.state,
                c.micros_or_none(item.ended_at),
                item.compared,
                item.unanswered,
                c.texts_column(item.facts),
                _ENCODER.encode(item.counts),
            ),
        )

    def get(self, reconciliation: ReconciliationId) -> Reconciliation | None:
        row = self._run(GET, (reconciliation,)).fetchone()
        return None if row is None else _item(row)

    def newest(self, system: SystemId | None, limit: int) -> Sequence[Reconciliation]:
        return [_item(row) for row in self._run(NEWEST, {"system": system, "limit": limit}).fetchall()]

    def asked(self) -> Sequence[Reconciliation]:
        return [_item(row) for row in self._run(ASKED).fetchall()]

    def add_findings(self, reconciliation: ReconciliationId, findings: Iterable[Divergent]) -> None:
        for place, finding in enumerate(findings, start=1):
            self._access.add(ADD_FINDING, (reconciliation, place, _ENCODER.encode(finding)))

    def findings(self, reconciliation: ReconciliationId, behind: int, limit: int) -> Sequence[tuple[int, Divergent]]:
        rows = self._run(FINDINGS, (reconciliation, behind, limit)).fetchall()
        return [(place, _read(_FINDINGS, finding, _UNREAD)) for place, finding in rows]


def _read(decoder: msgspec.json.Decoder[T], column: bytes, unread: T) -> T:
    """Read a column back; what cannot be read keeps no other row of the page from being shown."""
    try:
        return decoder.decode(column)
    except c.UNREADABLE:
        return unread


def _item(row: tuple[Any, ...]) -> Reconciliation:
    counts: dict[str, int] = _read(_COUNTS, row[11], {})
    return Reconciliation(
        id=row[0],
        system=row[1],
        by=By(actor=actor(row[2]), reason=row[3]) if row[2] is not None else None,
        asked_at=c.moment(row[4]),
        names=_read(_NAMES, row[5], tuple(c.DAMAGED)),  # none would be a sample
        state=ReconciliationState(row[6]),
        ended_at=c.moment_or_none(row[7]),
        compared=row[8],
        unanswered=row[9],
        facts=c.texts(row[10]),
        counts=counts,
    )
