"""Statements and transactions over one connection of SQLite."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from gateway.core.errors import StoreError, StoreFull, Unusable
from gateway.stores.sql.access import Access, Many, Row, Values, unavailable
from gateway.stores.sqlite.in_place import InPlace

_COMMITS = 64  #: between two looks at the log: each costs a turn of the interpreter
_PATIENCE = 1000  #: milliseconds in which readers must let go of the log; else it is looked at again later
_TRIES = 5  #: to save what a log without a name holds, while others read


@dataclass(frozen=True, slots=True)
class Log:
    """The write-ahead log of a database, and the bytes beyond which it is begun anew.

    By itself SQLite does so where nobody reads: where there is always one reader beside another, never.
    """

    path: Path
    longest: int

    def is_long(self) -> bool:
        """Whether it is time."""
        try:
            return self.path.stat().st_size > self.longest
        except OSError:  # what cannot be looked at ends no commit
            return False

    def is_gone(self) -> bool:
        """Whether its name is: SQLite goes on writing to it, and whatever opens the database finds nothing of that."""
        try:
            os.stat(self.path)  # noqa: PTH116 - with every commit: a Path costs as much again
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return False


class SqliteAccess(Access):
    """``sql.access.Access``. The statements are SQLite's own."""

    errors = (sqlite3.Error,)

    def __init__(self, connection: sqlite3.Connection, log: Log | None = None, file: InPlace | None = None) -> None:
        """Ask over a connection; one that writes keeps the ``log`` short, and commits to the ``file`` in its place."""
        super().__init__()
        self._connection = connection
        self._log = log
        self._file = file
        self._commits = 0
        self._changes = 0  #: rows that were changed before this transaction
        self._is_begun = False  #: by us, and not ended by us
        self._wipes = False  #: the log holds what was erased

    def look(self, statement: str, values: Values = (), /) -> sqlite3.Cursor:
        if self._is_begun and not self._connection.in_transaction:
            raise _gone()
        return self._connection.execute(statement, values)

    def write_many(self, many: Many, rows: Sequence[Row]) -> None:
        if self._is_begun and not self._connection.in_transaction:
            raise _gone()
        # one execution of "many", because it does not ask for the last rowid, which lets go once more
        self._connection.executemany(many.over(len(rows)), (list(chain.from_iterable(rows)),))

    @staticmethod
    def told(error: Exception) -> StoreError:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return StoreFull("the disk is full: nothing of this was kept")
        return damaged("the database", error) if tells_of_damage(error) else unavailable(error)

    def begin(self) -> bool:
        self._changes = self._connection.total_changes
        self._connection.execute("BEGIN IMMEDIATE")
        self._is_begun = True
        self._expect_file(alone=True)  # nobody else can write from here on: where the lock is ours now, nobody else has
        return True  # the file is this process's alone

    def begin_to_read(self) -> None:
        self._connection.execute("BEGIN")
        self._is_begun = True

    def commit(self) -> None:
        self._connection.execute("COMMIT")
        self._is_begun = False
        self._expect_file()  # again: where it is found now, what was committed is
        if self._log is not None and self._log.is_gone():
            self._save_from(self._log)
        self._commits += 1
        if self._log is not None and self._commits % _COMMITS == 0 and (self._wipes or self._log.is_long()):
            self._begin_log_anew()

    def _expect_file(self, *, alone: bool = False) -> None:
        """Raise Unusable where what is committed would be in no file that the next start finds, or not ``alone``.

        Each look lets go of the interpreter, and waits to get it back: there are no more than are needed.
        """
        if self._file is not None:
            self._file.expect()
            if alone:
                self._file.expect_alone()

    @property
    def is_proof(self) -> bool:
        """Whether it has changed anything: of nothing, nothing is written."""
        return self._connection.total_changes != self._changes

    def wipe(self) -> None:
        self._wipes = True

    def _save_from(self, log: Log) -> None:
        """Put into the database what stands only in a log without a name; raises sqlite3.OperationalError in any case.

        Emptied, that log leads no other connection astray: the next one begins another under the name.
        """
        self._wipes = True
        for _ in range(_TRIES):
            self._begin_log_anew()
            if not self._wipes:
                break
        raise sqlite3.OperationalError(f"{log.path} was removed while it was in use")

    def _begin_log_anew(self) -> None:
        """Wait until those who read now have ended; who begins meanwhile finds all of the log in the database.

        Begun anew, a log has its old content behind the new for as long as that is shorter: it is cut off where that
        was to be erased.
        """
        how = "TRUNCATE" if self._wipes else "RESTART"
        (usual,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
        self._connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
        with contextlib.suppress(sqlite3.Error):  # the commit before is done, whatever becomes of this
            (busy, _, _) = self._connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
            self._wipes = self._wipes and bool(busy)
        self._connection.execute(f"PRAGMA busy_timeout = {usual}")

    def roll_back(self) -> None:
        self._is_begun = False
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def close(self) -> None:
        if self._wipes:
            with contextlib.suppress(sqlite3.Error):
                self._begin_log_anew()
        self._connection.close()


def tells_of_damage(error: Exception) -> bool:
    """Whether an error is of a file that is no database, or of which a part is gone or spoilt."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}  # beyond those bits it says where


def damaged(what: str, error: Exception) -> Unusable:
    """Return the error of such a file: nothing ends it but another one in its place."""
    found = Unusable(
        f"{what} is damaged, or none at all ({error}): stop the gateway, and put the last backup in its place with"
        " ./run_gateway.py db restore FILE (docs/how-to/back-up-and-restore.md); what is there now is kept beside it"
    )
    found.__cause__ = error
    return found


def _gone() -> BaseException:
    """Return the error of what comes after SQLite has undone all by itself, as some faults of a disk make it do.

    What ran then would be kept by itself, without what belongs to it. Where it is to undo or to note what has failed,
    that fault is the error: it says what must be mended.
    """
    return sys.exception() or sqlite3.OperationalError("the transaction is gone: the database has undone it")
