"""Group commit: one thread runs all that was gathered in one transaction, with one fsync for everybody."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import PutBack, StoreError, StoreFull, StoreUnavailable
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.message import Draft
from gateway.stores.sql.access import Access, name_of, unavailable
from gateway.stores.sql.gathering import Gathering
from gateway.stores.sql.session import Session
from gateway.stores.tables import Transaction

_log: FilteringBoundLogger = structlog.get_logger()

T = TypeVar("T")

#: Opens the connection that writes; raises StoreUnavailable or what the driver does.
Opener = Callable[[], Session]

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
    """A job that somebody on the event loop waits for."""

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
        self._batches: SimpleQueue[Sequence[_Awaited[Any]] | None] = SimpleQueue()
        self._gathering: Gathering[_Awaited[Any]] | None = None  #: None: it was not started
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._session: Session | None = None
        self._open = True
        self._trouble = ""  #: why the last commit failed, or had no room for what it was to write
        self._reaches = True  #: the last commit was answered, be it that there is no room
        self.is_put_back = False  #: the database was found to lack what was committed to it, and nothing since
        self.failure: BaseException | None = None  #: why the thread ended before it was asked to

    def start(self) -> None:
        """Begin to work for the event loop that runs."""
        self._gathering = Gathering(asyncio.get_running_loop(), self._batches.put)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether the thread still works."""
        return self._thread.is_alive() and self._open

    @property
    def works(self) -> bool:
        """Whether it lives and the database answered its last commit, be it that its disk is full."""
        return self.is_alive and self._reaches

    @property
    def is_full(self) -> bool:
        """Whether the database had no room for what it was to keep, and nothing has found room since."""
        return self._reaches and bool(self._trouble)

    async def run(
        self, work: Callable[[Transaction], T], about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        """Run work in the next transaction and return its result once it is on disk.

        What is known of the drafts that it is ``about``, and the deliveries ``of`` which it is, are looked up at once
        for all that share the transaction.
        """
        gathering = self._gathering
        if gathering is None or not self._open:
            raise StoreUnavailable("the store is closed")
        if about and len(gathering) >= _MOST_WAITING:
            raise StoreUnavailable("too much waits to be written: nothing new is taken for a moment")
        future: asyncio.Future[T] = gathering.loop.create_future()
        gathering.add(_Awaited(work, about, of, future=future))
        return await future

    async def stop(self) -> None:
        """Finish what was asked for, and end the thread."""
        self._open = False
        if self._gathering is not None:
            self._batches.put(self._gathering.take_all())
            self._batches.put(None)
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        batch: Sequence[_Awaited[Any]] = ()
        try:
            while (taken := self._batches.get()) is not None:
                batch = taken
                self.commit(batch)
                self._on_the_loop(self._answer, batch)
        except BaseException as error:  # noqa: BLE001 - kept as the cause of death; there is nobody above to raise to
            self.failure = error
            self._open = False
            self._on_the_loop(self._fail_all, batch, error)
        finally:
            self.close()

    def commit(self, batch: Sequence[Job[Any]]) -> None:
        """Run a batch in one transaction, on the thread that asks; if it cannot be committed, nothing is presumed."""
        if not batch:
            return
        try:
            session = self._session = self._session or self._opener()
            if not _run_together(session, batch):
                _run_apart(session, batch)
            if self._reaches or session.access.is_proof:
                self._note(self._lasting(batch))
                self._reaches, self.is_put_back = True, False
        except self._failures as error:
            self.close()
            self._reaches = isinstance(told(self._driver, error), StoreFull)
            self.is_put_back |= isinstance(error, PutBack)
            self._note(name_of(error), urgent=isinstance(error, PutBack))
            for job in batch:
                job.error = told(self._driver, error)
                job.wake.clear()

    def _lasting(self, batch: Sequence[Job[Any]]) -> str:
        """Return what still hinders after a commit: a full disk, until something has found room again."""
        full = next((job.error for job in batch if isinstance(job.error, StoreFull)), None)
        if full is not None:
            return name_of(full)
        takes_room = any(job.about or job.of for job in batch)  # what only looks is answered on a full disk, too
        return self._trouble if self._reaches and not takes_room else ""

    def _note(self, trouble: str, *, urgent: bool = False) -> None:
        """Log why commits fail, once for each reason, and when they do no longer; its beginning and end are alerts.

        So is what does not end by itself, whatever it follows upon.
        """
        if trouble == self._trouble:
            return
        before, self._trouble = self._trouble, trouble
        if trouble:
            _log.error("database_failed", error=trouble, alert=urgent or not before)
        else:
            _log.info("database_works_again", alert=True)

    def close(self) -> None:
        """Let go of the connection; the next commit opens another."""
        session, self._session = self._session, None
        if session is not None:
            session.access.close()

    def _on_the_loop(self, call: Callable[..., None], *values: object) -> None:
        if self._gathering is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there any more
                self._gathering.loop.call_soon_threadsafe(call, *values)

    def _answer(self, batch: Sequence[_Awaited[Any]]) -> None:
        """Tell everybody of a batch, and those who wait for what it did."""
        if self._gathering is not None:
            self._gathering.answered()  # first: nothing that goes wrong here keeps the next batch from being looked for
        woken: set[SystemId] = set()
        for job in batch:
            job.answer()
            woken |= job.wake
        if self._notify is not None and woken:
            self._notify(frozenset(woken))

    def _fail_all(self, batch: Sequence[_Awaited[Any]], error: BaseException) -> None:
        """Leave nobody waiting for a thread that is gone."""
        waiting = [*batch, *(self._gathering.take_all() if self._gathering is not None else ())]
        while not self._batches.empty():
            waiting += self._batches.get_nowait() or ()
        for job in waiting:
            job.error = unavailable(error)
            job.answer()


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
    if any(job.about for job in batch):
        session.access.vouch()
    session.access.commit()
    session.known.evidence.keep()


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
        session.access.flush()
    except Exception:  # noqa: BLE001 - a value that no driver takes is no error of the driver's; whose it is shows apart
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
    session.access.flush()
    for job in batch:
        _run_one(session, job)
    session.known.evidence.head()  # forgotten where one was undone; how far it goes is noted when it is committed
    _commit(session, batch)


def _run_one(session: Session, job: Job[Any]) -> None:
    access = session.access
    transaction = session.transaction()
    job.wake = transaction.wake
    access.look("SAVEPOINT job")
    try:
        job.result = job.work(transaction)
        access.flush()
    except Exception as error:
        session.known.forget()
        if not access.in_transaction:
            raise access.told(error) from error  # the transaction is gone, and with it what the others did
        access.look("ROLLBACK TO job")
        job.error = told(type(access), error)
        job.wake.clear()
    access.look("RELEASE job")


def told(driver: type[Access], error: Exception) -> Exception:
    """Return what the caller hears of an error: of the driver's, a StoreError; and nothing that no future takes."""
    if isinstance(error, StopIteration):
        return RuntimeError("the work raised StopIteration")
    return driver.told(error) if isinstance(error, driver.errors) else error
