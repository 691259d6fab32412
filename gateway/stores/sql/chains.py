"""Chained dossiers in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.core.ids import DossierId
from gateway.stores.chain_tables import ChainRow
from gateway.stores.sql.access import Access

_COLUMNS = "parent, step, dossier_id, begun_by, message_id"
# Keep a step that its dossier has not begun before.
BEGIN = f"INSERT INTO chain ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - constants of this module
# What follows from a dossier.
FOLLOWERS = f"SELECT {_COLUMNS} FROM chain WHERE parent = ? ORDER BY seq"  # noqa: S608 - constants of this module
# What a dossier follows from.
ORIGIN = f"SELECT {_COLUMNS} FROM chain WHERE dossier_id = ?"  # noqa: S608 - constants of this module


class SqlChains:
    """``chain_tables.ChainTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._run = access.run

    def begin(self, row: ChainRow) -> None:
        self._run(BEGIN, (row.parent, row.step, row.dossier, row.begun_by, row.message))

    def followers(self, parent: DossierId) -> Sequence[ChainRow]:
        return [_chain_row(row) for row in self._run(FOLLOWERS, (parent,)).fetchall()]

    def origin(self, dossier: DossierId) -> ChainRow | None:
        row = self._run(ORIGIN, (dossier,)).fetchone()
        return None if row is None else _chain_row(row)


def _chain_row(row: tuple[Any, ...]) -> ChainRow:
    return ChainRow(parent=row[0], step=row[1], dossier=row[2], begun_by=row[3], message=row[4])
