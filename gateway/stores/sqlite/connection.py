"""Connections and the schema's version."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Literal

from gateway.core.errors import StoreUnavailable

_CACHED_STATEMENTS = 512
#: RETURNING, STRICT tables and row values in SET.
_OLDEST = (3, 37, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How the database file is written. ``synchronous`` OFF and no ``evidence`` give up promises; to measure only."""

    synchronous: Literal["FULL", "OFF"] = "FULL"
    busy_timeout: timedelta = timedelta(seconds=5)
    evidence: bool = True
    most_pages: int | None = None  #: of the file: to see what a full disk does


def connect(path: Path, tuning: Tuning) -> sqlite3.Connection:
    """Open a writing connection. Transactions are begun and ended by name only."""
    if sqlite3.sqlite_version_info < _OLDEST:
        raise StoreUnavailable(f"SQLite {sqlite3.sqlite_version} is too old: 3.37 or later is needed")
    connection = _open(f"{path.resolve().as_uri()}?mode=rwc", tuning)
    connection.execute("PRAGMA page_size = 8192")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {tuning.synchronous}")
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")
    if tuning.most_pages is not None:
        connection.execute(f"PRAGMA max_page_count = {tuning.most_pages}")
    return connection


def connect_to_read(path: Path, tuning: Tuning) -> sqlite3.Connection:
    """Open a connection that cannot write."""
    return _open(f"{path.resolve().as_uri()}?mode=ro", tuning)


def _open(uri: str, tuning: Tuning) -> sqlite3.Connection:
    return sqlite3.connect(
        uri,
        uri=True,
        timeout=tuning.busy_timeout.total_seconds(),
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
    )


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema to the newest version, one file per step; raises StoreUnavailable for a newer one."""
    steps = _steps()
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(steps):
        raise StoreUnavailable(f"the database has schema {version}, this gateway knows {len(steps)}: update it")
    for number, step in enumerate(steps[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE;\n{step}\nPRAGMA user_version = {number};\nCOMMIT;")


def _steps() -> list[str]:
    """Return the schema's files in order."""
    folder = resources.files("gateway.stores.sqlite") / "schema"
    found = {file.name: file for file in folder.iterdir() if re.fullmatch(r"\d{4}\.sql", file.name)}
    return [found[name].read_text("utf-8") for name in sorted(found)]
