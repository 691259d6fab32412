"""Putting a copy in the place of the embedded database, so that a kill at any moment is only a reason to go on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.app.layout import Layout
from gateway.stores.lock import held
from gateway.stores.sqlite.copying import Copied, NotOurs, copy, end_putting, put_in_place

#: What making or reading a copy may raise.
CopyErrors = (NotOurs, OSError, sqlite3.Error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A copy in a data folder of its own, inside the one where it is to take the database's place."""

    place: Layout
    apart: Layout  #: where it is opened, and marked, before
    copied: Copied

    def take_place(self, at: datetime) -> None:
        """Put it there. What was there is kept beside it as ``gateway.db.before-<time>``; nobody has the copy open."""
        database = self.place.database
        put_in_place(self.apart.database, database, at)
        self.apart.mark.replace(self.place.mark)  # in place of what the database was
        end_putting(database)


def back_up(layout: Layout, target: Path) -> Copied:
    """Copy the database while it is served or not. Raises one of CopyErrors."""
    return copy(layout.database, target)


@contextmanager
def bringing(layout: Layout, source: Path) -> Generator[Coming]:
    """Copy ``source`` into the data folder, and keep everybody from its database while the context lasts.

    Raises StoreUnavailable where somebody works on it, and one of CopyErrors. Whatever fails, or is killed, before it
    takes its place leaves the database as it was.
    """
    layout.prepare()
    with held(layout.lock):
        apart = Layout(layout.root / "gateway.coming")
        shutil.rmtree(apart.root, ignore_errors=True)  # of one that was killed
        apart.prepare()
        try:
            yield Coming(place=layout, apart=apart, copied=copy(source, apart.database))
        finally:
            shutil.rmtree(apart.root, ignore_errors=True)
