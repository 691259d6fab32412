"""Epoch and gaps in SQL, among the few things that the store knows about itself."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.ids import SystemId
from gateway.stores.restore_tables import Gap
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access

_GAP = "gap:"

# What is kept under a name.
FIND = "SELECT value FROM meta WHERE name = ?"
# Keep it, in place of what was.
KEEP = c.replace_one("meta", "name, value", key="name")
# The names of all gaps: ``;`` comes next to ``:``.
GAPS = "SELECT name FROM meta WHERE name > 'gap:' AND name < 'gap;' ORDER BY name"
# Forget one.
CLOSE = "DELETE FROM meta WHERE name = ?"


class SqlRestores:
    """``restore_tables.RestoreTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._run = access.run

    def epoch(self) -> str:
        return str(self._run(FIND, ("epoch",)).fetchone()[0])

    def renew(self, epoch: str) -> None:
        self._run(KEEP, ("epoch", epoch))

    def keep(self, system: SystemId, gap: Gap) -> None:
        self._run(KEEP, (_GAP + system, f"{c.micros(gap.since)} {c.micros(gap.until)}"))

    def gap(self, system: SystemId) -> Gap | None:
        row = self._run(FIND, (_GAP + system,)).fetchone()
        if row is None:
            return None
        since, until = map(int, str(row[0]).split())
        return Gap(since=c.moment(since), until=c.moment(until))

    def gaps(self) -> Sequence[SystemId]:
        return [SystemId(str(row[0]).removeprefix(_GAP)) for row in self._run(GAPS).fetchall()]

    def close(self, system: SystemId) -> None:
        self._run(CLOSE, (_GAP + system,))
