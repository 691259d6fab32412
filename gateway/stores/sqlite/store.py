"""The embedded store."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Self, TypeVar

from gateway.core.errors import StoreUnavailable
from gateway.core.message import Draft
from gateway.core.pressure import Urgency, mark
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.stores.set_clock import look
from gateway.stores.sqlite.access import Access
from gateway.stores.sqlite.acts import SqliteActs
from gateway.stores.sqlite.attention import SqliteAttention
from gateway.stores.sqlite.chains import SqliteChains
from gateway.stores.sqlite.connection import Tuning, connect, connect_to_read, epoch, migrate
from gateway.stores.sqlite.evidence import last_seq
from gateway.stores.sqlite.known import Known
from gateway.stores.sqlite.lock import FileLock
from gateway.stores.sqlite.proposals import SqliteProposals
from gateway.stores.sqlite.queries import SqliteQueries
from gateway.stores.sqlite.reconciliations import SqliteReconciliations
from gateway.stores.sqlite.registers import SqliteRegisters
from gateway.stores.sqlite.savepoints import Savepoints
from gateway.stores.sqlite.uploads import SqliteUploads
from gateway.stores.sqlite.weather import SqliteWeather
from gateway.stores.sqlite.writer import Session, Writer
from gateway.stores.store import Notify, TransactionalStore
from gateway.stores.tables import Transaction

T = TypeVar("T")

_READERS = 2
_LOOK = 1.0  #: seconds between two looks at how full the disk is


class SqliteStore(TransactionalStore):
    """``ports.store.Store`` in one SQLite file; an exclusive ``gateway.lock`` lies beside it."""

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
        self._path = path
        self._clock = clock
        self._ids = ids
        self._tuning = tuning or Tuning()
        self._reserve = reserve
        self._evidence_before = 0  #: how much earlier processes have left
        self._free = (-_LOOK, 0)  #: when the disk was looked at last, and how much of it was free
        self._lock = FileLock(path.with_name("gateway.lock"))
        self._writer = Writer(self._writing, notify)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-reader")
        self._reading: SimpleQueue[Session] = SimpleQueue()

    async def open(self) -> None:
        """Take the lock, bring the schema up to date, start the threads.

        Raises StoreUnavailable where another process has the file, or a newer gateway wrote it.
        """
        await asyncio.to_thread(self._prepare)
        self._writer.start()

    async def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        await self._writer.stop()
        await asyncio.to_thread(self._readers.shutdown)
        while not self._reading.empty():
            self._reading.get().connection.close()
        self._lock.give_back()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def is_alive(self) -> bool:
        """Whether the writer works; where it does not, the process must end."""
        return self._writer.is_alive

    @property
    def failure(self) -> BaseException | None:
        """What the writer died of, if it did."""
        return self._writer.failure

    def _prepare(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        try:
            connection = connect(self._path, self._tuning)
            try:
                migrate(connection)
                self._evidence_before = last_seq(Access(connection))
            finally:
                connection.close()
            for _ in range(_READERS):
                self._reading.put(self._session(connect_to_read(self._path, self._tuning)))
        except sqlite3.Error as error:
            self._lock.give_back()
            raise StoreUnavailable(f"{self._path} cannot be opened: {error}") from error
        except StoreUnavailable:
            self._lock.give_back()
            raise

    def _writing(self) -> Session:
        return self._session(connect(self._path, self._tuning))

    def _session(self, connection: sqlite3.Connection) -> Session:
        """Bind the tables to a connection once; a transaction adds its time."""
        known = Known.of(connection, self._evidence_before)
        uploads, registers = SqliteUploads(known.access), SqliteRegisters(known.access)
        acts, proposals = SqliteActs(known.access), SqliteProposals(known.access)
        weather, attention = SqliteWeather(known.access), SqliteAttention(known.access)
        reconciliations, chains = SqliteReconciliations(known.access), SqliteChains(known.access)
        queries = SqliteQueries(known.access)
        savepoints, era = Savepoints(connection, known), epoch(connection)

        def transaction() -> Transaction:
            now, boot = look(self._clock)
            return Transaction(
                now=now,
                boot=boot,
                ids=self._ids,
                epoch=era,
                dossiers=known.dossiers,
                messages=known.messages,
                deliveries=known.deliveries,
                uploads=uploads,
                registers=registers,
                boots=known.boots,
                acts=acts,
                evidence=known.evidence if self._tuning.evidence else None,
                proposals=proposals,
                weather=weather,
                replays=known.replays,
                attention=attention,
                reconciliations=reconciliations,
                chains=chains,
                rounds=known.rounds,
                queries=queries,
                nested=savepoints.nested,
            )

        return Session(connection, transaction, savepoints, known)

    async def _write(self, work: Callable[[Transaction], T], *, about: Sequence[Draft] = ()) -> T:
        return await self._writer.run(work, about)

    async def _read(self, work: Callable[[Transaction], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read_now, work)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"reading failed: {error}") from error
        except RuntimeError as error:
            raise StoreUnavailable("the store is closed") from error

    def _read_now(self, work: Callable[[Transaction], T]) -> T:
        session = self._reading.get()
        try:
            session.connection.execute("BEGIN")
            session.known.forget()  # what others have written meanwhile
            try:
                return work(session.transaction())
            finally:
                session.connection.execute("ROLLBACK")
        finally:
            self._reading.put(session)

    def _is_full(self, urgency: Urgency) -> bool:
        if not self._reserve:
            return False
        now = self._clock.monotonic()
        if now - self._free[0] >= _LOOK:
            self._free = (now, shutil.disk_usage(self._path.parent).free)
        return self._free[1] < mark(self._reserve, urgency)
