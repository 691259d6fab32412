"""What a killed gateway has left on disk, read from a copy: so that the gateway itself recovers the file it left."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crash import missing

_ROWS = (
    "SELECT id, destination, state, lease_begun, reclaims FROM delivery WHERE state NOT IN ('delivered', 'cancelled')"
)
_MOVING = {"leased", "ready", "delayed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A delivery that has not ended."""

    id: str
    destination: str
    state: str
    begun: bool
    reclaims: int
    node: str = ""  #: who has it leased, where several may


@dataclass(frozen=True, slots=True)
class Left:
    """All of them, at one moment."""

    open: tuple[Open, ...] = ()

    def of(self, node: str) -> Left:
        """Return what one node has."""
        return Left(tuple(item for item in self.open if item.state == "leased" and item.node == node))

    @property
    def in_flight(self) -> frozenset[str]:
        """Return what one worker had."""
        return frozenset(item.id for item in self.open if item.state == "leased")

    @property
    def moving(self) -> tuple[Open, ...]:
        """Return what goes on by itself."""
        return tuple(item for item in self.open if item.state in _MOVING)

    @property
    def shaken(self) -> frozenset[str]:
        """Return what a kill has met and what is not over it yet: a third worker lost would be quarantine."""
        return self.in_flight | {item.id for item in self.moving if item.reclaims}

    def held(self, system: str) -> frozenset[str]:
        """Return what a restart must show to a person, at a system that promises nothing: no more and no less."""
        mine = (item for item in self.open if item.destination == system)
        return frozenset(item.id for item in mine if item.state == "held" or (item.state == "leased" and item.begun))


def read(database: Path) -> Left:
    """Return what is open in a database that nobody has open."""
    (rows,) = _ask(database, _ROWS)
    return Left(tuple(Open(id=i, destination=d, state=s, begun=bool(b), reclaims=r) for i, d, s, b, r in rows))


def kept(database: Path) -> list[missing.Kept]:
    """Return what became of everything in it."""
    return missing.kept(*_ask(database, missing.DELIVERIES, missing.ATTEMPTS))


def _ask(database: Path, *questions: str) -> list[list[Any]]:
    with tempfile.TemporaryDirectory() as folder:
        for file in database.parent.glob(f"{database.name}*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, folder)
        connection = sqlite3.connect(Path(folder) / database.name)
        try:
            return [connection.execute(question).fetchall() for question in questions]
        finally:
            connection.close()
