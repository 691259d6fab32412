"""The attention list in SQL: group by group along an index, never through the backlog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, groupby
from typing import Any

from gateway.core.attention import MOST, UNREAD, UNSENT, Cause, Episode, Matter
from gateway.core.delivery import HEADS, State
from gateway.core.files import LASTING
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.core.reason import Why
from gateway.stores.attention_tables import Found, Pile
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access, Row

_STOPPED = "FROM delivery WHERE state IN ('held', 'dead') AND state = ? AND"
_FAILING = "FROM delivery WHERE is_retry = 1 AND state IN ('delayed', 'ready', 'leased') AND"
_NEXT_WHY = (
    "SELECT destination, ifnull(reason, '') {what} destination = ? AND ifnull(reason, '') > ?"
    " ORDER BY ifnull(reason, '') LIMIT 1"
)
_NEXT_SYSTEM = (
    "SELECT destination, ifnull(reason, '') {what} destination > ? ORDER BY destination, ifnull(reason, '') LIMIT 1"
)
# The next reason, or the next destination, of what has stopped.
STOPPED_WALK = (_NEXT_WHY.format(what=_STOPPED), _NEXT_SYSTEM.format(what=_STOPPED))
# Those of one destination and reason, the longest first.
STOPPED = f"""
SELECT dossier_id, id, settled_at {_STOPPED} destination = ? AND ifnull(reason, '') = ? ORDER BY settled_at LIMIT {MOST}
"""
# The next reason, or the next destination, of what was tried in vain.
FAILING_WALK = (_NEXT_WHY.format(what=_FAILING), _NEXT_SYSTEM.format(what=_FAILING))
# Those of one destination and reason that were tried so often, the most often first.
FAILING = f"""
SELECT dossier_id, id, created_at {_FAILING} destination = ? AND ifnull(reason, '') = ? AND tries >= ?
ORDER BY tries DESC LIMIT {MOST}
"""
# The next destination with something open.
SERVED = """
SELECT destination FROM delivery
WHERE state NOT IN ('delivered', 'cancelled') AND destination > ? ORDER BY destination LIMIT 1
"""
# The first that were accepted of one destination and state.
UNSENT_FIRST = f"""
SELECT dossier_id, id, created_at, ifnull(reason, CASE WHEN feed = 1 THEN '{UNREAD}' ELSE '{UNSENT}' END)
FROM delivery INDEXED BY delivery_open
WHERE destination = ? AND state = ? AND state NOT IN ('delivered', 'cancelled') ORDER BY seq LIMIT {MOST}
"""  # noqa: S608 - constants of this module
_WAITS_FOR = f"""
SELECT DISTINCT source, message.dossier_id, accepted_at, message.seq
FROM (SELECT seq, message_id FROM pending_file {{which}} ORDER BY seq LIMIT {MOST}) AS file
JOIN message ON message.id = file.message_id
WHERE EXISTS (SELECT 1 FROM delivery WHERE delivery.message_id = message.id AND delivery.state = 'waiting')
    {{unless}}
ORDER BY source, message.seq
"""  # noqa: S608 - constants of this module
_LASTING = ", ".join(f"'{why}'" for why in sorted(LASTING))
# The first messages that wait for files which may come, and who named these.
UNFETCHED = _WAITS_FOR.format(
    which="",
    unless=f"""AND NOT EXISTS (
        SELECT 1 FROM pending_file AS other WHERE other.message_id = message.id AND other.reason IN ({_LASTING})
    )""",  # noqa: S608 - constants of this module
)
# The first that wait for files which could not be had for a reason.
MISSED = _WAITS_FOR.format(which="WHERE reason = ?", unless="")
# Whether anybody owes a word.
ANY_SILENCE = "SELECT EXISTS (SELECT 1 FROM silence)"
# A system owes one.
EXPECT = "INSERT INTO silence (system, dossier_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
# It has taken the dossier.
TAKEN = "UPDATE silence SET since = ? WHERE system = ? AND dossier_id = ?"
# It owes none any more.
HEARD = "DELETE FROM silence WHERE system = ? AND dossier_id = ?"
# What it took until a time, the longest first.
SILENT = f"""
SELECT dossier_id, NULL, since FROM silence WHERE system = ? AND since IS NOT NULL AND since <= ?
ORDER BY since LIMIT {MOST}
"""  # noqa: S608 - constants of this module
# What was told and is not over.
EPISODES = "SELECT matter, system, why, opened_at, peak, gone_at FROM episode ORDER BY matter, system, why"
# Keep one.
KEEP = c.replace_one("episode", "matter, system, why, opened_at, peak, gone_at", key="matter, system, why")
# One is over.
END = "DELETE FROM episode WHERE matter = ? AND system = ? AND why = ?"


class SqlAttention:
    """``attention_tables.AttentionTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._run = access.run
        self._any_silence: bool | None = None  #: None: nobody has looked

    def forget(self) -> None:
        """Know nothing of what another node may have written."""
        self._any_silence = None

    def stopped(self, state: State) -> Sequence[Pile]:
        return [
            self._pile(system, why, STOPPED, (state, system, why)) for system, why in self._walk(STOPPED_WALK, state)
        ]

    def failing(self, tries: int) -> Sequence[Pile]:
        piles = (self._pile(system, why, FAILING, (system, why, tries)) for system, why in self._walk(FAILING_WALK))
        return [pile for pile in piles if pile.found]

    def _walk(self, steps: tuple[str, str], *values: object) -> Iterator[tuple[SystemId, str]]:
        """Yield each destination and reason once, with two short reads for each."""
        next_why, next_system = steps
        system, why = SystemId(""), ""
        while True:
            row = self._run(next_why, (*values, system, why)).fetchone()
            row = row or self._run(next_system, (*values, system)).fetchone()
            if row is None:
                return
            system, why = SystemId(row[0]), row[1]
            yield system, why

    def _pile(self, system: SystemId, why: str, statement: str, values: tuple[object, ...]) -> Pile:
        return Pile(system=system, why=why, found=[_found(row) for row in self._run(statement, values).fetchall()])

    def served(self) -> Sequence[SystemId]:
        systems: list[SystemId] = []
        while row := self._run(SERVED, (systems[-1] if systems else "",)).fetchone():
            systems.append(SystemId(row[0]))
        return systems

    def unsent(self, before: datetime, at: SystemId) -> Sequence[Pile]:
        limit = c.micros(before)
        rows = [row for state in sorted(HEADS) for row in self._run(UNSENT_FIRST, (at, state)).fetchall()]
        late = sorted((row[3], row[2], row) for row in rows if row[2] <= limit)
        return [
            Pile(system=at, why=why, found=[_found(row) for _, _, row in group])
            for why, group in groupby(late, key=lambda item: item[0])
        ]

    def unfetched(self, before: datetime) -> Sequence[Pile]:
        rows = self._run(UNFETCHED).fetchall()
        late = [row for row in rows if row[2] <= c.micros(before)]
        return [*chain.from_iterable(self._missed(why) for why in sorted(LASTING)), *_of_sources(late)]

    def _missed(self, why: Why) -> Sequence[Pile]:
        return _of_sources(self._run(MISSED, (why,)).fetchall(), why)

    def _is_any_expected(self) -> bool:
        if self._any_silence is None:
            self._any_silence = bool(self._access.look(ANY_SILENCE).fetchone()[0])
        return self._any_silence

    def expect(self, system: SystemId, dossier: DossierId) -> None:
        self._any_silence = True
        self._run(EXPECT, (system, dossier))

    def taken(self, system: SystemId, dossier: DossierId, now: datetime) -> None:
        if self._is_any_expected():
            self._run(TAKEN, (c.micros(now), system, dossier))

    def heard(self, system: SystemId, dossier: DossierId) -> None:
        if self._is_any_expected():
            self._run(HEARD, (system, dossier))

    def silent(self, system: SystemId, before: datetime) -> Sequence[Found]:
        return [_found(row) for row in self._run(SILENT, (system, c.micros(before))).fetchall()]

    def episodes(self) -> Sequence[Episode]:
        return [_episode(row) for row in self._run(EPISODES).fetchall()]

    def keep(self, episode: Episode) -> None:
        times = (c.micros(episode.opened_at), episode.peak, c.micros_or_none(episode.gone_at))
        self._run(KEEP, (*_key(episode.cause), *times))

    def end(self, cause: Cause) -> None:
        self._run(END, _key(cause))


def _of_sources(rows: Sequence[Row], why: str = "") -> Sequence[Pile]:
    """Return messages that wait for files by who named these."""
    return [
        Pile(system=SystemId(source), why=why, found=[_found((row[1], None, row[2])) for row in group])
        for source, group in groupby(rows, key=lambda row: row[0])
    ]


def _key(cause: Cause) -> tuple[str, str, str]:
    return cause.matter, cause.system, cause.why


def _found(row: tuple[Any, ...]) -> Found:
    return Found(DossierId(row[0]), DeliveryId(row[1]) if row[1] is not None else None, c.moment(row[2]))


def _episode(row: tuple[Any, ...]) -> Episode:
    return Episode(
        cause=Cause(matter=Matter(row[0]), system=SystemId(row[1]), why=row[2]),
        opened_at=c.moment(row[3]),
        peak=row[4],
        gone_at=c.moment_or_none(row[5]),
    )
