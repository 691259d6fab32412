"""Connections and the schema's version."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from gateway.core.delivery import State, Step
from gateway.core.errors import Unusable
from gateway.stores.sql.schema import OLDEST, Schema, Standing, shipped

_CACHED_STATEMENTS = 512
#: How values are stored that are no exact str or int. Nothing changes them; but for what it was told nothing of,
#: sqlite3 looks in three places, value by value, and a row of a delivery has twenty such.
_STORED: Mapping[type, Callable[[Any], str | bytes | int | None]] = {
    type(None): dict[None, None]().get,  # None for None, by the fastest call there is
    bool: int,
    bytes: bytes,
    State: str,
    Step: str,
}
_LONGEST_WAIT = timedelta(days=24)  #: for another process; SQLite would not wait at all where it is told to for longer
#: For STRICT tables.
_OLDEST = (3, 37, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How the database file is written. ``synchronous`` OFF and no ``evidence`` give up promises; to measure only."""

    synchronous: Literal["FULL", "OFF"] = "FULL"
    busy_timeout: timedelta = timedelta(seconds=5)
    evidence: bool = True
    longest_log: int = 256 * 1024 * 1024  #: bytes; what is beyond them is begun anew, and given back down to 64 MiB
    most_pages: int | None = None  #: of the file: to see what a full disk does
    schema: Schema = field(default_factory=lambda: shipped("gateway.stores.sqlite"), repr=False)


def expect_own_file(path: Path) -> None:
    """Raise Unusable where the database is a link, or no file: two folders might lead to it, each with a lock.

    The disk whose room is watched would not be its own either.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise Unusable(
            f"{path} has to be a file of its own, no link and no folder: have the database there; where it is to lie on"
            " another disk, let the data folder be the link"
        )


def keep_private(path: Path) -> None:
    """Let other users of the machine not read the database, whoever made the folder that it lies in.

    SQLite gives what lies beside it the same mode. Raises OSError.
    """
    if not path.exists():
        path.touch(mode=0o600)
    mode = path.stat().st_mode
    if mode & stat.S_IRWXO:
        with contextlib.suppress(PermissionError):  # somebody else's, who let us work on it
            path.chmod(stat.S_IMODE(mode) & ~stat.S_IRWXO)


def expect_writable(path: Path) -> None:
    """Raise Unusable where a part of the database is not this user's to write, or its file system takes no changes.

    SQLite would open it to read, leave parts beside it that nobody can write either, and fail with each commit.
    """
    beside = (path.with_name(f"{path.name}-{part}") for part in ("wal", "shm"))
    for one in (path.parent, path, *beside):
        if one.exists() and not os.access(one, os.W_OK, effective_ids=True):
            raise Unusable(
                f"{one} cannot be written by the user {os.geteuid()}: give {path.parent}, with all that is in it,"
                " to who runs the gateway (chown -R), on a file system that is not read-only"
            )


def connect(path: Path, tuning: Tuning) -> sqlite3.Connection:
    """Open a writing connection. Transactions are begun and ended by name only.

    Raises Unusable where no gateway made the file.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        raise Unusable(f"SQLite {sqlite3.sqlite_version} is too old: 3.37 or later is needed")
    connection = _open(f"{path.resolve().as_uri()}?mode=rwc", tuning)
    try:
        _expect_ours(connection, path)
        _set_up(connection, tuning)
    except BaseException:
        connection.close()
        raise
    return connection


def _expect_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Raise Unusable where the file is another program's, before anything is changed in it."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    steps = connection.execute("PRAGMA user_version").fetchone()[0]
    if tables and not (steps and "meta" in tables):
        raise Unusable(
            f"{path} is a database, but none of a gateway's: move it away, and put the gateway's own in its place with"
            " ./run_gateway.py db restore FILE, or choose another --data"
        )


def _set_up(connection: sqlite3.Connection, tuning: Tuning) -> None:
    """Say how it keeps what is written; raises sqlite3.Error where the file is no database."""
    connection.execute("PRAGMA page_size = 8192")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {tuning.synchronous}")
    connection.execute("PRAGMA secure_delete = ON")  # not every build has it: what is erased is overwritten
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")
    if tuning.most_pages is not None:
        connection.execute(f"PRAGMA max_page_count = {tuning.most_pages}")


def connect_to_read(path: Path, tuning: Tuning) -> sqlite3.Connection:
    """Open a connection that cannot write."""
    return _open(f"{path.resolve().as_uri()}?mode=ro", tuning)


def _open(uri: str, tuning: Tuning) -> sqlite3.Connection:
    for kind, stored in _STORED.items():
        sqlite3.register_adapter(kind, stored)
    return sqlite3.connect(
        uri,
        uri=True,
        timeout=min(tuning.busy_timeout, _LONGEST_WAIT).total_seconds(),
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
    )


def migrate(connection: sqlite3.Connection, schema: Schema) -> Standing:
    """Take the steps that the file has not, each in a transaction of its own; a new file takes all of them in one.

    Raises Unusable for a file that a newer gateway made and this code may not work on.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > schema.number:
        schema.allow(connection.execute(OLDEST).fetchone()[0])
    taken = [f"{script}\nPRAGMA user_version = {number};" for number, script in schema.scripts_after(found)]
    for script in taken if found else ["\n".join(taken)]:  # one wait for the disk, and never half a new file
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nCOMMIT;")
    return Standing(found=found, known=schema.number)
