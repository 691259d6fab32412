"""Group commit: one thread runs all that has arrived in one transaction, with one fsync for everybody."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from gateway.core.errors import StoreError, StoreUnavailable
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.message import Draft
from gateway.stores.sql.access import Access, unavailable
from gateway.stores.sql.session import Session
from gateway.stores.tables import Transaction

T = TypeVar("T")

#: Runs one item's work inside the open transaction.
Opener = Callable[[], Session]

_LARGEST_BATCH = 256
_BUSY = 4  #: jobs of one batch; after such a batch the next one waits for company
_COMPANY = 32  #: jobs that need no more of it
_GATHER = 0.002  #: seconds that it waits: a commit costs as much as several jobs, and all share its fsync
_MOST_WAITING = 2048  #: jobs; beyond them nothing new is taken, while what ends something still is


@dataclass(slots=True)
class Job(Generic[T]):
    """Work for one transaction, and how it ended."""

    work: Callable[[Transaction], T]
    about: Sequence[Draft] = ()  #: what the work will accept
    of: Sequence[DeliveryId] = ()  #: … and which deliveries it will ask for
    result: T | None = None
    error: BaseException | None = None
    wake: set[SystemId] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class _Awaited(Job[T]):
    """A job that somebody on an event loop waits for."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[T]

    def answer(self) -> None:
        """Tell who waits, unless it has gone."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # set whenever there is no error


class Writer:
    """The only one that writes. ``notify`` is called on the loop's thread after each commit."""

    def __init__(
        self, opener: Opener, driver: type[Access], notify: Callable[[frozenset[SystemId]], None] | None
    ) -> None:
        self._opener = opener
        self._driver = driver
        self._failures: tuple[type[Exception], ...] = (*driver.errors, StoreError)
        self._notify = notify
        self._jobs: SimpleQueue[_Awaited[Any] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._session: Session | None = None
        self._is_busy = False
        self._gate = threading.Lock()
        self._open = True
        self.failure: BaseException | None = None  #: why the thread ended before it was asked to

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether the thread still works."""
        return self._thread.is_alive() and self._open

    async def run(
        self, work: Callable[[Transaction], T], about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        """Run work in the next transaction and return its result once it is on disk.

        What is known of the drafts that it is ``about``, and the deliveries ``of`` which it is, are looked up at once
        for all that share the transaction.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        job = _Awaited(work, about, of, loop=loop, future=future)
        with self._gate:
            if not self._open:
                raise StoreUnavailable("the store is closed")
            if about and self._jobs.qsize() >= _MOST_WAITING:
                raise StoreUnavailable("too much waits to be written: nothing new is taken for a moment")
            self._jobs.put(job)
        return await future

    async def stop(self) -> None:
        """Finish what was asked for, and end the thread."""
        with self._gate:
            self._open = False
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        batch: list[_Awaited[Any]] = []
        try:
            while True:
                batch, last = self._next()
                self._is_busy = len(batch) >= _BUSY
                self.commit(batch)
                _answer(batch, self._notify)
                if last:
                    return
        except BaseException as error:  # noqa: BLE001 - kept as the cause of death; there is nobody above to raise to
            self.failure = error
            self._fail_all(batch, error)
        finally:
            self.close()

    def _next(self) -> tuple[list[_Awaited[Any]], bool]:
        """Wait for a job, and take all that is there; say whether it was asked to stop."""
        job = self._jobs.get()
        if self._is_busy and self._jobs.qsize() < _COMPANY:
            time.sleep(_GATHER)
        batch: list[_Awaited[Any]] = []
        while job is not None:
            batch.append(job)
            if len(batch) == _LARGEST_BATCH:
                return batch, False
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return batch, False
        return batch, True

    def commit(self, batch: Sequence[Job[Any]]) -> None:
        """Run a batch in one transaction, on the thread that asks; if it cannot be committed, nothing is presumed."""
        if not batch:
            return
        try:
            session = self._session = self._session or self._opener()
            if not _run_together(session, batch):
                _run_apart(session, batch)
        except self._failures as error:
            self.close()
            for job in batch:
                job.error = told(self._driver, error)
                job.wake.clear()

    def close(self) -> None:
        """Let go of the connection; the next commit opens another."""
        session, self._session = self._session, None
        if session is not None:
            session.access.close()

    def _fail_all(self, batch: list[_Awaited[Any]], error: BaseException) -> None:
        """Leave nobody waiting for a thread that is gone."""
        with self._gate:
            self._open = False
        while not self._jobs.empty():
            job = self._jobs.get_nowait()
            if job is not None:
                batch.append(job)
        for job in batch:
            job.error = unavailable(error)
        _answer(batch, None)


def _run_together(session: Session, batch: Sequence[Job[Any]]) -> bool:
    """Run and commit a batch without savepoints; False where a job failed, and nothing is done."""
    session.savepoints.careful, session.savepoints.spoiled = False, False
    _begin(session)
    if not _hope_all(session, batch):
        session.known.forget()
        session.access.roll_back()
        return False
    _commit(session, batch)
    return True


def _commit(session: Session, batch: Sequence[Job[Any]]) -> None:
    woken = set[SystemId]().union(*(job.wake for job in batch))
    if woken:
        session.access.ring(woken)
    session.access.commit()


def _begin(session: Session) -> None:
    if not session.access.begin():
        session.known.forget_shared()
    session.known.begin()


def _hope_all(session: Session, batch: Sequence[Job[Any]]) -> bool:
    """Run all jobs and write what they put off; say whether nothing failed."""
    known = session.known
    try:
        known.foresee(
            [draft for job in batch for draft in job.about], [delivery for job in batch for delivery in job.of]
        )
        transaction = session.transaction()  # one for all: they share its time, and are durable together
        session.begun(transaction)
        if not all(_hope(session, job, transaction) for job in batch):
            return False
        known.flush()
    except session.access.errors:
        return False
    return True


def _hope(session: Session, job: Job[Any], transaction: Transaction) -> bool:
    """Run one job; say whether nothing failed in it."""
    job.wake = transaction.wake
    try:
        job.result = job.work(transaction)
    except Exception:  # noqa: BLE001 - each job hears of its own error when it runs apart
        return False
    return not session.savepoints.spoiled


def _run_apart(session: Session, batch: Sequence[Job[Any]]) -> None:
    """Run and commit a batch with a savepoint for each: one that fails undoes nothing of its neighbours."""
    session.savepoints.careful = True
    _begin(session)
    session.begun(session.transaction())
    session.known.flush()
    for job in batch:
        _run_one(session, job)
    _commit(session, batch)


def _run_one(session: Session, job: Job[Any]) -> None:
    access = session.access
    transaction = session.transaction()
    job.wake = transaction.wake
    access.look("SAVEPOINT job")
    try:
        job.result = job.work(transaction)
        session.known.flush()
    except Exception as error:
        session.known.forget()
        if not access.in_transaction:
            raise access.told(error) from error  # the transaction is gone, and with it what the others did
        access.look("ROLLBACK TO job")
        job.error = told(type(access), error)
        job.wake.clear()
    access.look("RELEASE job")


def told(driver: type[Access], error: Exception) -> Exception:
    """Return what the caller hears of an error: of the driver's, a StoreError."""
    return driver.told(error) if isinstance(error, driver.errors) else error


def _answer(batch: list[_Awaited[Any]], notify: Callable[[frozenset[SystemId]], None] | None) -> None:
    """Answer everybody with one call per event loop."""
    for loop in {job.loop for job in batch}:
        mine = [job for job in batch if job.loop is loop]
        try:
            loop.call_soon_threadsafe(_tell, mine, notify)
        except RuntimeError:
            continue  # the loop is closed: nobody waits there any more


def _tell(batch: list[_Awaited[Any]], notify: Callable[[frozenset[SystemId]], None] | None) -> None:
    woken: set[SystemId] = set()
    for job in batch:
        job.answer()
        woken |= job.wake
    if notify is not None and woken:
        notify(frozenset(woken))
