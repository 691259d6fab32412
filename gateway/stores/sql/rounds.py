"""Rounds of questions in SQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from gateway.core.ids import DossierId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.stores.sql.access import Access

# Who is asked.
SYSTEMS = "SELECT system FROM asked_system"
# Ask one more.
ADD_SYSTEM = "INSERT INTO asked_system (system) VALUES (?) ON CONFLICT DO NOTHING"
# Ask one no more.
DROP_SYSTEM = "DELETE FROM asked_system WHERE system = ?"
# Forget what it has open.
DROP_ALL = "DELETE FROM open_dossier WHERE system = ?"
# What a system has taken, and what it has from before the gateway: read once, when it begins to be asked.
TAKEN = """
SELECT dossier_id FROM delivery WHERE destination = :system AND kind = :kind AND state = 'delivered'
UNION SELECT id FROM dossier
WHERE adopted <> '' AND replace(' ' || adopted || ' ', ' ' || :system || ' ', '') <> ' ' || adopted || ' '
"""
# It has one open.
ADD = "INSERT INTO open_dossier (system, dossier_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
# It has it no more.
DROP = "DELETE FROM open_dossier WHERE system = ? AND dossier_id = ?"
# What it has open of some procedures, behind an id.
OPEN = """
SELECT dossier_id FROM open_dossier JOIN dossier ON dossier.id = dossier_id
WHERE system = ? AND dossier_id > ? AND procedure IN (SELECT value FROM json_each(?))
ORDER BY dossier_id LIMIT ?
"""


class SqlRounds:
    """``round_tables.RoundTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._run = access.run
        self._look = access.look  #: nothing of these tables is ever put off
        self._systems: set[SystemId] | None = None  #: None: nobody has looked

    def forget(self) -> None:
        """Know nothing: something was undone."""
        self._systems = None

    def systems(self) -> Collection[SystemId]:
        if self._systems is None:
            self._systems = {SystemId(row[0]) for row in self._look(SYSTEMS).fetchall()}
        return self._systems

    def add_system(self, system: SystemId) -> None:
        self._systems = {*self.systems(), system}
        self._look(ADD_SYSTEM, (system,))

    def drop_system(self, system: SystemId) -> None:
        self._systems = set(self.systems()) - {system}
        self._look(DROP_SYSTEM, (system,))
        self._look(DROP_ALL, (system,))

    def taken(self, system: SystemId) -> Sequence[DossierId]:
        return [DossierId(row[0]) for row in self._run(TAKEN, {"system": system, "kind": SUBMITTED}).fetchall()]

    def add(self, system: SystemId, dossier: DossierId) -> None:
        self._look(ADD, (system, dossier))

    def drop(self, system: SystemId, dossier: DossierId) -> None:
        self._look(DROP, (system, dossier))

    def open(self, system: SystemId, procedures: Collection[str], after: str, limit: int) -> Sequence[DossierId]:
        asked = json.dumps(sorted(procedures))
        return [DossierId(row[0]) for row in self._run(OPEN, (system, after, asked, limit)).fetchall()]
