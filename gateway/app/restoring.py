"""Putting a copy in the place of the embedded database, so that a kill at any moment is only a reason to go on."""

from __future__ import annotations

import os
import sqlite3
from datetime import datetime
from pathlib import Path

from gateway.app.layout import Layout, write_whole
from gateway.core.errors import PutBack
from gateway.stores.folders import fsync
from gateway.stores.lock import held
from gateway.stores.sqlite.copying import Copied, NotOurs, copy, put_in_place

#: What making or reading a copy may raise.
CopyErrors = (NotOurs, OSError, sqlite3.Error)


def back_up(layout: Layout, target: Path) -> Copied:
    """Copy the database while it is served or not. Raises one of CopyErrors."""
    return copy(layout.database, target)


def put_back(layout: Layout, source: Path, at: datetime) -> Copied:
    """Put a copy of ``source`` in the place of the database, which is kept beside it as ``gateway.db.before-<time>``.

    From here on nothing opens the database until ``finish``. Raises StoreUnavailable where somebody works on it, and
    one of CopyErrors, after which all is as it was or the same again goes on.
    """
    layout.prepare()
    with held(layout.lock):
        coming = layout.database.with_name(f"{layout.database.name}.coming")
        coming.unlink(missing_ok=True)
        copied = copy(source, coming)
        if not layout.restoring.exists():
            write_whole(layout.restoring, f"{at:%Y%m%dT%H%M%S.%f}")
            fsync(layout.root)
        stamp = layout.restoring.read_text(encoding="utf-8")
        put_in_place(coming, layout.database, layout.database.with_name(f"{layout.database.name}.before-{stamp}"))
    return copied


def finish(layout: Layout) -> None:
    """Let the database be opened again: it is marked."""
    layout.restoring.unlink(missing_ok=True)
    fsync(layout.root)


def check_whole(layout: Layout) -> None:
    """Raise PutBack where putting a copy in place was begun and not finished."""
    if os.path.lexists(layout.restoring):
        raise PutBack(
            f"a copy was being put in the place of {layout.database}, and that broke off: run the same"
            " ./run_gateway.py db restore FILE again"
        )
