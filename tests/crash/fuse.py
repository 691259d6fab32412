"""A gateway that ends, as by ``kill -9``, or stops at one named boundary: its store and connections count the passings.

Nothing of the gateway is changed for this: the store and the client are subclasses that the composition root is given.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gateway.core.ids import DeliveryId, DossierId, NodeId
from gateway.core.message import Draft, Receipt
from gateway.core.retention import Erasure, Mark, Rule, Survey
from gateway.ports.store import Accepted, Settled, Settlement
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres.connection import Connection, Tuning
from gateway.stores.sql.session import Session, session
from gateway.stores.sql.store import SqlStore
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.access import Log, SqliteAccess
from gateway.stores.sqlite.evidence import SqliteEvidence
from gateway.stores.sqlite.in_place import InPlace
from gateway.stores.tables import Transaction
from gateway.wire.http import HttpClient, HttpReply, HttpRequest, HttpResult, HttpSettings
from tests.crash.boundaries import methods

T = TypeVar("T")

_METHOD: ContextVar[str] = ContextVar("_METHOD")
_HASTE = 324_000  #: times as fast as it ought to be dossiers grow old here
_FROM_THE_OLDEST: Mark = (datetime.min.replace(tzinfo=UTC), DossierId(""))
_LINGER = 0.02  #: seconds at the boundary: whoever was told too early has time to tell others
_LOGIN, _LOOKUP = "/mapi/login", b"traCuu"  # what the partners of this test call that which is no send


class Fuse:
    """Blows at the n-th passing of one boundary, in whichever thread that is."""

    def __init__(self, log: Path) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._gate = threading.Lock()
        self._boundary, self._left, self._signal = "", 0, signal.SIGKILL

    def obey(self, line: str) -> None:
        """Do as the line says: ``settle.written 2 SIGKILL`` arms the fuse, an empty line leaves it."""
        boundary, count, name = line.split() or ("", "0", signal.SIGKILL.name)
        with self._gate:
            self._boundary, self._left, self._signal = boundary, int(count), signal.Signals[name]

    def passes(self, boundary: str) -> None:
        """Count a passing; at the last one the process is gone, or stands still."""
        with self._gate:
            if boundary != self._boundary:
                return
            self._left -= 1
            if self._left > 0:
                return
            self._boundary = ""
        if self._signal is signal.SIGKILL:
            time.sleep(_LINGER)
        self.note(**{"died_at" if self._signal is signal.SIGKILL else "stopped_at": boundary})
        os.kill(os.getpid(), self._signal)

    def note(self, **facts: object) -> None:
        """Leave a line: what was written outlives the process."""
        os.write(self._log, json.dumps({"at": time.time(), "cpu": time.process_time(), **facts}).encode() + b"\n")


class _Fused(SqlStore):
    """A store with a fuse at every boundary of every method."""

    def __init__(self, *given: Any, fuse: Fuse, **rest: Any) -> None:
        super().__init__(*given, **rest)
        self.fuse = fuse
        self._ends = _Ends(fuse)

    async def settle(self, settlement: Settlement, **rest: Any) -> Settled:
        settled = await super().settle(settlement, **rest)
        to = str(settlement.transition.to)
        self.fuse.note(settled=settlement.lease.delivery_id, to=to, late=settled is Settled.LATE)
        return settled

    async def survey(self, rule: Rule, **rest: Any) -> Survey:
        found = await super().survey(_hastened(rule), **rest)
        return replace(found, next=found.next or _FROM_THE_OLDEST)  # else the next look is in an hour

    async def erase(self, roots: Collection[DossierId], *, rule: Rule) -> Sequence[Erasure]:
        return await super().erase(roots, rule=_hastened(rule))

    async def _write(
        self, work: Callable[[Transaction], T], *, about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        return await super()._write(self._noted(work, ends="COMMIT"), about=about, of=of)

    async def _read(self, work: Callable[[Transaction], T]) -> T:
        return await super()._read(self._noted(work, ends="ROLLBACK"))

    def _noted(self, work: Callable[[Transaction], T], *, ends: str) -> Callable[[Transaction], T]:
        method = _METHOD.get()

        def noted(tx: Transaction) -> T:
            result = work(tx)
            self._ends.done(method, ends)
            return result

        return noted


def _hastened(rule: Rule) -> Rule:
    """Return a rule by which something reaches its age while this test runs: a month in eight seconds."""
    return Rule(term=rule.term / _HASTE)


class _Ends(threading.local):
    """What has been done in this thread's open transaction; its end passes under the eyes of the fuse."""

    def __init__(self, fuse: Fuse) -> None:
        self._fuse = fuse
        self._methods: list[tuple[str, str]] = []

    def done(self, method: str, ends: str) -> None:
        """Note a method, and by which word the transaction ends if all goes well."""
        self._methods.append((method, ends))

    def end(self, word: str, end: Callable[[], T]) -> T:
        """End the transaction."""
        done, self._methods = self._methods, []
        ended = [method for method, ends in done if ends == word]
        self._pass(ended, "written")
        result = end()
        self._pass(ended, "committed")
        return result

    def _pass(self, ended: Sequence[str], stage: str) -> None:
        for method in ended:
            self._fuse.passes(f"{method}.{stage}")


class FusedStore(_Fused, SqliteStore):
    """The store of one gateway."""

    def _session(self, connection: Any, log: Log | None = None) -> Session:
        access = _WatchedAccess(connection, log, None if log is None else self._file, self._ends)
        return session(access, self._terms, SqliteEvidence(access, self._evidence_before))


class _WatchedAccess(SqliteAccess):
    """A connection whose transactions end under the eyes of the fuse."""

    def __init__(self, connection: Any, log: Log | None, file: InPlace | None, ends: _Ends) -> None:
        super().__init__(connection, log, file)
        self._ends = ends

    def commit(self) -> None:
        self._ends.end("COMMIT", super().commit)

    def roll_back(self) -> None:
        self._ends.end("ROLLBACK", super().roll_back)


class FusedSharedStore(_Fused, PostgresStore):
    """The store of several; it notes who joins, and which messages were taken here."""

    async def join(self, node: NodeId, **rest: Any) -> None:
        await super().join(node, **rest)
        self.fuse.note(joined=node)

    async def accept(self, drafts: Sequence[Draft], **rest: Any) -> Accepted:
        accepted = await super().accept(drafts, **rest)
        receipts = [result for result in accepted.results if isinstance(result, Receipt)]
        self.fuse.note(accepted=[receipt.message_id for receipt in receipts if not receipt.duplicate])
        return accepted

    def _connected(self) -> Connection:
        connection = _WatchedConnection(self._url, self._tuning, self._ends)
        try:
            connection.open()
        except BaseException:
            connection.close()
            raise
        return connection


class _WatchedConnection(Connection):
    """The same towards a server."""

    def __init__(self, url: str, tuning: Tuning, ends: _Ends) -> None:
        super().__init__(url, tuning)
        self._ends = ends

    def change(self, text: str, values: tuple[object, ...] = ()) -> int:
        end = text.rpartition("; ")[2]
        if end in {"COMMIT", "ROLLBACK"}:
            return self._ends.end(end, partial(super().change, text, values))
        return super().change(text, values)


def _fused(name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
    async def call(self: _Fused, *values: Any, **named: Any) -> Any:
        token = _METHOD.set(name)
        try:
            self.fuse.passes(f"{name}.before")
            result = await inner(self, *values, **named)
        finally:
            _METHOD.reset(token)
        self.fuse.passes(f"{name}.answered")
        return result

    return call


for _store in (FusedStore, FusedSharedStore):
    for _name in methods():
        setattr(_store, _name, _fused(_name, getattr(_store, _name)))


class FusedClient(HttpClient):
    """The connections to one system, with a fuse before each send and after its reply."""

    def __init__(self, settings: HttpSettings, *, fuse: Fuse, systems: Mapping[str, str]) -> None:
        """Watch requests; ``systems`` says who answers at which address, who is called is told which process calls."""
        super().__init__(replace(settings, user_agent=f"{settings.user_agent}/{os.getpid()}"))
        self._fuse = fuse
        self._systems = systems

    async def exchange(self, request: HttpRequest, **rest: Any) -> HttpResult:
        system = self._sent_to(request)
        if system is None:
            return await super().exchange(request, **rest)
        self._fuse.passes(f"send.{system}.before_first_byte")
        result = await super().exchange(request, **rest)
        if isinstance(result, HttpReply):
            self._fuse.passes(f"send.{system}.reply_read")
        return result

    def _sent_to(self, request: HttpRequest) -> str | None:
        is_asked = _LOGIN in request.url or (isinstance(request.body, bytes) and _LOOKUP in request.body)
        found = (system for address, system in self._systems.items() if request.url.startswith(address))
        return None if is_asked else next(found, None)
