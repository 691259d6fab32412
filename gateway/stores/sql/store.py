"""A store over SQL: one thread that writes, a few that read."""

from __future__ import annotations

import asyncio
import contextlib
from abc import abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import ClassVar, Self, TypeVar

from gateway.core.chain import Head
from gateway.core.errors import StoreUnavailable
from gateway.core.ids import DeliveryId
from gateway.core.message import Draft
from gateway.core.pressure import Trouble
from gateway.stores.sql.access import Access
from gateway.stores.sql.schema import Standing
from gateway.stores.sql.session import Session
from gateway.stores.sql.writer import Writer, told
from gateway.stores.store import Notify, TransactionalStore
from gateway.stores.tables import Transaction

T = TypeVar("T")

_READERS = 2


class SqlStore(TransactionalStore):
    """``ports.store.Store``; a driver says how to open a session that writes and those that read."""

    driver: ClassVar[type[Access]]

    def __init__(self, notify: Notify | None) -> None:
        self.standing: Standing | None = None  #: how it found the database, once it is open
        self.lost: tuple[int, Head] | None = None  #: where this process's chain ended; the database lacks it
        self._writer = Writer(self._writing, self.driver, notify)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-reader")
        self._reading: SimpleQueue[Session | None] = SimpleQueue()  #: None: a connection that nobody has needed yet
        for _ in range(_READERS):
            self._reading.put(None)

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the database is, for people: without any secret."""

    @abstractmethod
    def _prepare(self) -> Standing:
        """Bring the schema up to date; raises StoreUnavailable."""

    @abstractmethod
    def _writing(self) -> Session:
        """Open a session that writes; raises StoreUnavailable or what the driver does."""

    @abstractmethod
    def _reader(self) -> Session:
        """Open a session that reads; raises StoreUnavailable or what the driver does."""

    @abstractmethod
    def _let_go(self) -> None:
        """Let go of what ``_prepare`` took beside the sessions."""

    async def open(self) -> None:
        """Bring the schema up to date and start the threads.

        Raises StoreUnavailable where the database cannot be opened, or its schema is too new for this version.
        """
        self.standing = await asyncio.to_thread(self._prepare)
        self._writer.start()

    async def close(self) -> None:
        """Finish what was asked for, then let go of the database.

        Who writes lets go last: SQLite then leaves no log beside the file, which is whole without it.
        """
        await asyncio.to_thread(self._readers.shutdown)
        await asyncio.to_thread(self._close_readers)
        await self._writer.stop()
        self._let_go()

    def _close_readers(self) -> None:
        while not self._reading.empty():
            session = self._reading.get()
            if session is not None:
                session.access.close()

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
    def works(self) -> bool:
        """Whether the database answers who writes, be it that its disk is full."""
        return self._writer.works

    @property
    def trouble(self) -> Trouble | None:
        """What keeps the database from taking changes though it answers; a disk that is watched is none of it."""
        return None if self.works else Trouble.READ_ONLY

    @property
    def failure(self) -> BaseException | None:
        """What the writer died of, if it did."""
        return self._writer.failure

    async def _write(
        self, work: Callable[[Transaction], T], *, about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        return await self._writer.run(work, about, of)

    async def _read(self, work: Callable[[Transaction], T]) -> T:
        try:
            reading = asyncio.get_running_loop().run_in_executor(self._readers, self._read_now, work)
        except RuntimeError as error:
            raise StoreUnavailable("the store is closed") from error
        try:
            return await reading
        except self.driver.errors as error:
            raise self.driver.told(error) from error

    def _read_now(self, work: Callable[[Transaction], T]) -> T:
        session = self._reading.get()
        try:
            if session is not None:
                with contextlib.suppress(*self.driver.errors):
                    return _read_in(session, work)
                session.access.close()  # in whatever state it is: reading may be repeated over a sound one
                session = None
            session = self._reader()
            return _read_in(session, work)
        finally:
            self._reading.put(session)


def _read_in(session: Session, work: Callable[[Transaction], T]) -> T:
    try:
        session.access.begin_to_read()
        session.known.forget()  # what others have written meanwhile
        return work(session.transaction())
    except StopIteration as error:
        raise told(type(session.access), error) from error
    finally:
        session.access.roll_back()
