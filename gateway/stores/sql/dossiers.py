"""Dossiers in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias

from gateway.core.ids import DossierId, MessageId, SystemId
from gateway.core.message import Code
from gateway.core.retention import Erased
from gateway.ports.store import StatusView
from gateway.stores.rows import DossierRow
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access, Ask, Many, Row

# Who a code belongs to.
OWNER = "SELECT dossier_id FROM code WHERE value = ? AND scheme = ?"
# Who each of many codes belongs to.
OWNERS = Many(
    "SELECT value, scheme, dossier_id FROM (",
    2,
    ") AS asked CROSS JOIN code ON value = asked.column1 AND scheme = asked.column2",
)
# Who a value belongs to in any scheme.
NAMED = "SELECT DISTINCT dossier_id FROM code WHERE value = ? ORDER BY dossier_id LIMIT ?"
# Who a value belongs to in one scheme.
NAMED_IN = "SELECT DISTINCT dossier_id FROM code WHERE value = ? AND scheme = ? ORDER BY dossier_id LIMIT ?"
# Bind a code that nobody has.
BIND = "INSERT INTO code (value, scheme, dossier_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
# Bind codes that are known to be nobody's.
BIND_ALL = Many("INSERT INTO code (value, scheme, dossier_id)", 3)
# A dossier's codes in the order bound.
CODES = "SELECT scheme, value FROM code WHERE dossier_id = ? ORDER BY seq"
# The codes of many dossiers.
ALL_CODES = Many(
    "SELECT dossier_id, scheme, value FROM (",
    1,
    ") AS asked CROSS JOIN code ON dossier_id = asked.column1 ORDER BY seq",
)
_SAVED = (
    "id, source, created_at, revision, digest, stated_by, procedure, agency, due_at, test, holds, paused_at, closed_at,"
    " adopted"
)
_COLUMNS = f"{_SAVED}, erased_at, erased_by, took_part"
# One dossier.
GET = f"SELECT {_COLUMNS} FROM dossier WHERE id = ?"  # noqa: S608 - constants of this module
_DUE = """
SELECT {columns} FROM dossier
WHERE due_at IS NOT NULL AND closed_at IS NULL AND paused_at IS {what} AND test = 0 AND due_at < ?
    AND (due_at, id) > (?, ?)
ORDER BY due_at, id LIMIT ?
"""
# What is due and counts, the earliest first.
DUE = _DUE.format(columns=_COLUMNS, what="NULL")
# What would be due, but stands still.
DUE_PAUSED = _DUE.format(columns=_COLUMNS, what="NOT NULL")
# Add or replace a dossier.
SAVE = c.replacing("dossier", _SAVED, key="id")
# Record which message states a revision.
REVISE = Many("INSERT INTO snapshot (dossier_id, revision, message_id)", 3)
# The latest revision up to one.
STATED_BY = (
    "SELECT revision, message_id FROM snapshot WHERE dossier_id = ? AND revision <= ? ORDER BY revision DESC LIMIT 1"
)
# All revisions of many dossiers.
ALL_STATED = Many(
    "SELECT dossier_id, revision, message_id FROM (", 1, ") AS asked CROSS JOIN snapshot ON dossier_id = asked.column1"
)
# All systems' own ids of many dossiers.
ALL_FACTS = Many(
    "SELECT dossier_id, system, name, value FROM (", 1, ") AS asked CROSS JOIN fact ON dossier_id = asked.column1"
)
# A system's own ids.
FACTS = "SELECT name, value FROM fact WHERE dossier_id = ? AND system = ?"
# Add one of them.
ADD_FACT = c.replace_one("fact", "dossier_id, system, name, value", key="dossier_id, system, name")
# Keep the status that stands of a system.
STATE = c.replace_one(
    "status", "dossier_id, system, status, occurred_at, accepted_at, message_id", key="dossier_id, system"
)
# What stands of each system.
STATUSES = """
SELECT system, status, occurred_at, accepted_at, message_id FROM status WHERE dossier_id = ? ORDER BY system
"""


_Key: TypeAlias = tuple[str, str]  #: a code's value and scheme
_MOST = 1024  #: dossiers that are known between two transactions


@dataclass(slots=True)
class _Whole:
    """All there is of a dossier."""

    codes: list[Code] = field(default_factory=list)
    stated: list[tuple[int, MessageId]] = field(default_factory=list)
    facts: dict[SystemId, dict[str, str]] = field(default_factory=dict)


class SqlDossiers:
    """``dossier_tables.DossierTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._run = access.run
        self._owners: dict[_Key, DossierId | None] = {}  #: of the codes looked up for the whole batch
        self._begun: set[DossierId] = set()  #: in this transaction
        self._whole: dict[DossierId, _Whole] = {}  #: the last that were begun or looked up

    def asks(self, codes: Iterable[Code]) -> Ask:
        """Return the question whose all these codes are, which a batch will ask for."""
        self._owners = dict.fromkeys([(code.value, code.scheme) for code in codes])
        return OWNERS, list(self._owners)

    def foresee(self, found: Iterable[Row]) -> None:
        """Hear the answer."""
        for value, scheme, dossier in found:
            self._owners[value, scheme] = dossier

    def begin_transaction(self) -> None:
        """Know only the last dossiers."""
        self._owners, self._begun = {}, set()
        for dossier in list(islice(self._whole, max(len(self._whole) - _MOST, 0))):
            del self._whole[dossier]

    def forget(self) -> None:
        """Know nothing: a transaction was undone."""
        self._whole = {}
        self.begin_transaction()

    def begin(self, dossier: DossierId) -> None:
        self._begun.add(dossier)
        self._whole[dossier] = _Whole()

    def learn(self, dossiers: Iterable[DossierId]) -> None:
        wanted = [(dossier,) for dossier in dict.fromkeys(dossiers) if dossier not in self._whole]
        found = {dossier: _Whole() for (dossier,) in wanted}
        for dossier, scheme, value in self._access.find(ALL_CODES, wanted):
            found[dossier].codes.append(Code(scheme, value))
        for dossier, revision, message in self._access.find(ALL_STATED, wanted):
            found[dossier].stated.append((revision, message))
        for dossier, system, name, value in self._access.find(ALL_FACTS, wanted):
            found[dossier].facts.setdefault(system, {})[name] = value
        self._whole |= found

    def let_go(self, dossier: DossierId) -> None:
        """Know nothing of a dossier that is erased."""
        self._whole.pop(dossier, None)

    def is_begun(self, dossier: DossierId) -> bool:
        """Whether this transaction has begun the dossier."""
        return dossier in self._begun

    def owners(self, codes: Iterable[Code]) -> set[DossierId]:
        found: set[DossierId] = set()
        for code in codes:
            key = code.value, code.scheme
            owner = self._owners[key] if key in self._owners else self._owner(key)
            if owner is not None:
                found.add(owner)
        return found

    def _owner(self, key: _Key) -> DossierId | None:
        row = self._run(OWNER, key).fetchone()
        return None if row is None else DossierId(row[0])

    def named(self, value: str, scheme: str | None, limit: int) -> Sequence[DossierId]:
        rows = (
            self._run(NAMED, (value, limit)) if scheme is None else self._run(NAMED_IN, (value, scheme, limit))
        ).fetchall()
        return [DossierId(row[0]) for row in rows]

    def bind(self, dossier: DossierId, code: Code) -> bool:
        key = code.value, code.scheme
        if key not in self._owners:
            is_new = self._run(BIND, (*key, dossier)).rowcount == 1
        elif is_new := self._owners[key] is None:
            self._access.add(BIND_ALL, (*key, dossier))
            self._owners[key] = dossier
        if is_new and dossier in self._whole:
            self._whole[dossier].codes.append(code)
        return is_new

    def codes(self, dossier: DossierId) -> tuple[Code, ...]:
        if dossier in self._whole:
            return tuple(self._whole[dossier].codes)
        return tuple(Code(*row) for row in self._run(CODES, (dossier,)))

    def get(self, dossier: DossierId) -> DossierRow | None:
        row = self._run(GET, (dossier,)).fetchone()
        return None if row is None else dossier_row(row)

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
            row.due_at and c.micros(row.due_at),
            row.test,
            " ".join(sorted(row.holds)),
            row.paused_at and c.micros(row.paused_at),
            row.closed_at and c.micros(row.closed_at),
            " ".join(sorted(row.adopted)),
        )
        self._access.add(SAVE, values)

    def due(
        self, limit: int, *, after: tuple[datetime, DossierId] | None, before: datetime | None, paused: bool
    ) -> Sequence[DossierRow]:
        moment, last = (c.micros(after[0]), after[1]) if after else (c.EARLIEST, "")
        until = c.LATEST if before is None else c.micros(before)
        rows = self._run(DUE_PAUSED if paused else DUE, (until, moment, last, limit)).fetchall()
        return [dossier_row(row) for row in rows]

    def revise(self, dossier: DossierId, revision: int, message: MessageId) -> None:
        self._access.add(REVISE, (dossier, revision, message))
        if dossier in self._whole:
            self._whole[dossier].stated.append((revision, message))

    def stated_by(self, dossier: DossierId, revision: int) -> tuple[int, MessageId] | None:
        if dossier in self._whole:
            return max((pair for pair in self._whole[dossier].stated if pair[0] <= revision), default=None)
        row = self._run(STATED_BY, (dossier, revision)).fetchone()
        return None if row is None else (row[0], MessageId(row[1]))

    def facts(self, dossier: DossierId, system: SystemId) -> Mapping[str, str]:
        if dossier in self._whole:
            return dict(self._whole[dossier].facts.get(system, {}))
        return dict(self._run(FACTS, (dossier, system)).fetchall())

    def add_facts(self, dossier: DossierId, system: SystemId, facts: Mapping[str, str]) -> None:
        if dossier in self._whole:
            self._whole[dossier].facts.setdefault(system, {}).update(facts)
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


def dossier_row(row: tuple[Any, ...]) -> DossierRow:
    """Return a dossier of its columns."""
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
        test=bool(row[9]),
        holds=frozenset(row[10].split()),
        paused_at=c.moment_or_none(row[11]),
        closed_at=c.moment_or_none(row[12]),
        adopted=frozenset(map(SystemId, row[13].split())),
        erased=Erased(at=c.moment_or_none(row[14]), rule=row[15]) if row[15] else None,
        took_part=frozenset(map(SystemId, row[16].split())),
    )
