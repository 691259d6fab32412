"""The drivers that seeds run on: memory, and SQLite with its transactions on the loop's own thread."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from gateway.core.ids import DeliveryId, NodeId
from gateway.core.message import Draft
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.stores.memory import MemoryStore
from gateway.stores.sql.writer import Job
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.connection import Tuning
from gateway.stores.store import Notify
from gateway.stores.tables import Transaction
from gateway.testing.simulation.store import Watched

T = TypeVar("T")

#: A virtual process dies without the machine, so nothing needs to be synced.
_TUNING = Tuning(synchronous="OFF")


class InlineSqlite(SqliteStore):
    """The embedded store without its threads: each transaction runs to its end in its caller's turn."""

    def __init__(self, path: Path, *, clock: Clock, ids: Ids, notify: Notify) -> None:
        super().__init__(path, clock=clock, ids=ids, tuning=_TUNING, notify=notify)
        self._hear = notify

    def take_up(self) -> None:
        """Open without waiting."""
        self._prepare()

    def put_down(self) -> None:
        """Let go of the file."""
        self._writer.close()
        self._close_readers()
        self._let_go()

    async def _write(
        self, work: Callable[[Transaction], T], *, about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        job: Job[T] = Job(work, about, of)
        self._writer.commit([job])
        if job.error is not None:
            raise job.error
        if job.wake:
            self._hear(frozenset(job.wake))
        return job.result  # type: ignore[return-value]  # set whenever there is no error

    async def _read(self, work: Callable[[Transaction], T]) -> T:
        try:
            return self._read_now(work)
        except self.driver.errors as error:
            raise self.driver.told(error) from error


class WatchedMemory(Watched, MemoryStore):
    """The memory store, watched."""

    def is_over(self, node: NodeId) -> bool:
        return self._registers.is_over(node)


class WatchedSqlite(Watched, InlineSqlite):
    """The embedded store, watched."""

    def is_over(self, node: NodeId) -> bool:
        del node
        return False  # of one relay after the other, who runs is the last


#: Opens a store for one seed.
Opener = Callable[[Clock, Ids, Notify], Watched]


@contextmanager
def memory(silence: timedelta | None = None) -> Generator[Opener]:
    """Give memory stores; for several relays such that hold a node for dead after this silence."""
    yield lambda clock, ids, notify: WatchedMemory(clock=clock, ids=ids, notify=notify, silence=silence)


@contextmanager
def sqlite() -> Generator[Opener]:
    """Give embedded stores in a folder that is removed at the end; one at a time."""
    opened: list[WatchedSqlite] = []

    with tempfile.TemporaryDirectory(prefix="simulate-") as folder:

        def opener(clock: Clock, ids: Ids, notify: Notify) -> Watched:
            path = Path(folder) / f"{len(opened)}" / "gateway.db"
            store = WatchedSqlite(path, clock=clock, ids=ids, notify=notify)
            store.take_up()
            opened.append(store)
            return store

        try:
            yield opener
        finally:
            for store in opened:
                store.put_down()
