"""Which status may follow which, as data, and what is done about one that may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

STATUSES = frozenset(range(1, 11))  #: the national table (TrangThaiHoSo)


class GuardMode(StrEnum):
    """What is done about an odd status."""

    OFF = "off"  #: nothing is looked at
    FLAG = "flag"  #: it is relayed, with its anomalies
    HOLD = "hold"  #: what cannot follow is held for a person; the rest is flagged


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusTable:
    """Which status may follow which. Any may be repeated."""

    start: frozenset[int]  #: where a dossier stands before anybody has stated a status
    following: Mapping[int, frozenset[int]]  #: what has no entry, or an empty one, is final
    closing: frozenset[int] = frozenset()  #: statuses that should say how the dossier ended

    def is_final(self, status: int) -> bool:
        """Whether nothing may follow."""
        return not self.following.get(status)

    def allows(self, status: int, before: int | None) -> bool:
        """Whether a status may follow; ``None`` before it means that its source has stated none yet.

        The first word of a system that the dossier was relayed to may be one step beyond the start.
        """
        if before is None:
            return status in self.start or any(status in self.following.get(first, ()) for first in self.start)
        return status == before or status in self.following.get(before, ())


#: Everything may follow everything: a book that was given no table.
OPEN = StatusTable(start=STATUSES, following=dict.fromkeys(STATUSES, STATUSES))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusBook:
    """The table of each procedure: the first whose patterns match, else the default."""

    default: StatusTable = OPEN
    by_procedure: tuple[tuple[tuple[str, ...], StatusTable], ...] = ()  #: shell-style patterns

    def table_of(self, procedure: str) -> StatusTable:
        """Return the table of a procedure."""
        for patterns, table in self.by_procedure:
            if any(fnmatchcase(procedure, pattern) for pattern in patterns):
                return table
        return self.default
