"""Pauses and tallies in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.core.acts import By
from gateway.core.breaker import Phase
from gateway.core.ids import NodeId, SystemId
from gateway.core.reason import Why
from gateway.core.weather import Pause, Tally
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access
from gateway.stores.sql.acts import actor, actor_column

# Keep a pause in place of the one before.
PAUSE = c.replace_one("pause", "system, actor, text, since", key="system")
# Drop it.
RESUME = "DELETE FROM pause WHERE system = ?"
# All pauses.
PAUSES = "SELECT system, actor, text, since FROM pause ORDER BY system"
_COLUMNS = "system, phase, since, opened, reason, answered_at, failed_at, failure"
# Keep how a system was last seen.
TELL = c.replace_one("weather", _COLUMNS, key="system")
# How all were last seen.
TALLIES = f"SELECT {_COLUMNS} FROM weather ORDER BY system"  # noqa: S608 - constants of this module
# Give the probe to a node, unless another that lives has it.
TAKE_PROBE = """
INSERT INTO probe (system, node, until) VALUES (:system, :node, :until)
ON CONFLICT (system) DO UPDATE SET node = excluded.node, until = excluded.until
WHERE probe.node = excluded.node OR probe.until <= :now
    OR probe.node IN (SELECT id FROM node WHERE ended_at IS NOT NULL)
"""


class SqlWeather:
    """``weather_tables.WeatherTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._run = access.run

    def pause(self, pause: Pause) -> None:
        by = pause.by
        self._run(PAUSE, (pause.system, actor_column(by.actor), by.reason, c.micros(pause.since)))

    def resume(self, system: SystemId) -> bool:
        return self._run(RESUME, (system,)).rowcount == 1

    def pauses(self) -> Sequence[Pause]:
        return [
            Pause(system=system, by=By(actor=actor(who), reason=text), since=c.moment(since))
            for system, who, text, since in self._run(PAUSES).fetchall()
        ]

    def tell(self, system: SystemId, tally: Tally) -> None:
        since, answered_at, failed_at = map(c.micros_or_none, (tally.since, tally.answered_at, tally.failed_at))
        self._run(TELL, (system, tally.phase, since, tally.opened, tally.reason, answered_at, failed_at, tally.failure))

    def tallies(self) -> Sequence[tuple[SystemId, Tally]]:
        return [
            (
                system,
                Tally(
                    phase=Phase(phase),
                    since=c.moment_or_none(since),
                    opened=opened,
                    reason=Why(reason) if reason else None,
                    answered_at=c.moment_or_none(answered_at),
                    failed_at=c.moment_or_none(failed_at),
                    failure=Why(failure) if failure else None,
                ),
            )
            for system, phase, since, opened, reason, answered_at, failed_at, failure in self._run(TALLIES).fetchall()
        ]

    def take_probe(self, system: SystemId, node: NodeId, now: datetime, until: datetime) -> bool:
        values = {"system": system, "node": node, "now": c.micros(now), "until": c.micros(until)}
        return self._run(TAKE_PROBE, values).rowcount == 1
