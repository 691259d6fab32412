"""The embedded store."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

from gateway.core.errors import StoreUnavailable
from gateway.core.pressure import Urgency, mark
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.stores.lock import FileLock
from gateway.stores.set_clock import follow, look
from gateway.stores.sql.schema import Standing
from gateway.stores.sql.session import Session, Terms, session
from gateway.stores.sql.store import SqlStore
from gateway.stores.sqlite.access import Log, SqliteAccess, damaged, tells_of_damage
from gateway.stores.sqlite.connection import (
    Tuning,
    connect,
    connect_to_read,
    expect_own_file,
    expect_writable,
    keep_private,
    migrate,
)
from gateway.stores.sqlite.copying import check_whole
from gateway.stores.sqlite.evidence import SqliteEvidence, last_seq
from gateway.stores.sqlite.in_place import InPlace
from gateway.stores.store import Notify

_OPENED = 1 << 20  #: bytes of free disk, with which a database can be opened
_LOOK = 1.0  #: seconds between two looks at how full the disk is


class SqliteStore(SqlStore):
    """``ports.store.Store`` in one SQLite file; an exclusive ``gateway.lock`` lies beside it."""

    driver = SqliteAccess

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        ids: Ids,
        tuning: Tuning | None = None,
        reserve: int = 0,
        notify: Notify | None = None,
    ) -> None:
        """Prepare; ``reserve`` is the bytes of free disk of which ``core.pressure`` gives shares."""
        super().__init__(notify)
        self._path = path
        self._clock = clock
        self._tuning = tuning or Tuning()
        self._terms = Terms(ids=ids, look=lambda: look(clock), begun=follow, evidence=self._tuning.evidence)
        self._reserve = reserve
        self._evidence_before = 0  #: how much earlier processes have left
        self._free = (-_LOOK, 0)  #: when the disk was looked at last, and how much of it was free
        self._lock = FileLock(path.with_name("gateway.lock"))
        self._file: InPlace | None = None  #: None: it was not opened

    @property
    def place(self) -> str:
        return str(self._path.absolute())

    def _prepare(self) -> Standing:
        """Take the lock too; raises StoreUnavailable where another process has the file."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        try:
            check_whole(self._path)
            expect_own_file(self._path)
            keep_private(self._path)
            expect_writable(self._path)
            connection = connect(self._path, self._tuning)
            try:
                standing = migrate(connection, self._tuning.schema)
                self._evidence_before = last_seq(SqliteAccess(connection))
                self._file = InPlace(self._path, self._lock)
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            self._lock.give_back()
            if tells_of_damage(error):
                raise damaged(str(self._path), error) from error
            raise StoreUnavailable(f"{self._path} cannot be opened: {error}{self._lack(error)}") from error
        except StoreUnavailable:
            self._lock.give_back()
            raise
        return standing

    def _lack(self, error: Exception) -> str:
        """Return in words what its disk lacks: SQLite tells of the one as an error, of the other not at all."""
        disk = os.statvfs(self._path.parent)
        free = disk.f_bavail * disk.f_frsize
        if free < _OPENED or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return f"; its disk is full ({free} bytes are free): make room"
        return "; its disk takes no more files (df -i): remove some" if disk.f_files and not disk.f_favail else ""

    def _writing(self) -> Session:
        self._expect_file()
        log = Log(self._path.with_name(f"{self._path.name}-wal"), self._tuning.longest_log)
        return self._session(connect(self._path, self._tuning), log)

    def _reader(self) -> Session:
        self._expect_file()
        return self._session(connect_to_read(self._path, self._tuning))

    def _session(self, connection: sqlite3.Connection, log: Log | None = None) -> Session:
        access = SqliteAccess(connection, log, None if log is None else self._file)
        return session(access, self._terms, SqliteEvidence(access, self._evidence_before))

    def _expect_file(self) -> None:
        """Raise Unusable where a connection would be to another file, or make a new one."""
        if self._file is not None:
            self._file.expect()

    def _let_go(self) -> None:
        self._lock.give_back()

    def _is_full(self, urgency: Urgency) -> bool:
        if not self._reserve:
            return False
        now = self._clock.monotonic()
        if now - self._free[0] >= _LOOK:
            self._free = (now, shutil.disk_usage(self._path.parent).free)
        return self._free[1] < mark(self._reserve, urgency)
