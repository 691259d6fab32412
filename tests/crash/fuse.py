"""A gateway that ends, as by ``kill -9``, at one named boundary: its store and its connections count the passings.

Nothing of the gateway is changed for this: the store and the client are subclasses that the composition root is given.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from gateway.core.ids import DeliveryId
from gateway.core.message import Draft
from gateway.ports.store import Settled, Settlement
from gateway.stores.sql.evidence import SqlEvidence
from gateway.stores.sql.session import Session, session
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.access import SqliteAccess
from gateway.stores.tables import Transaction
from gateway.wire.http import HttpClient, HttpReply, HttpRequest, HttpResult, HttpSettings
from tests.crash.boundaries import methods

T = TypeVar("T")

_METHOD: ContextVar[str] = ContextVar("_METHOD")
_LINGER = 0.02  #: seconds at the boundary: whoever was told too early has time to tell others
_LOGIN, _LOOKUP = "/mapi/login", b"traCuu"  # what the partners of this test call that which is no send


class Fuse:
    """Blows at the n-th passing of one boundary, in whichever thread that is."""

    def __init__(self, log: Path) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._gate = threading.Lock()
        self._boundary, self._left = "", 0

    def obey(self, line: str) -> None:
        """Do as the line says: ``settle.written 2`` arms the fuse, an empty line leaves it."""
        boundary, _, count = line.strip().partition(" ")
        with self._gate:
            self._boundary, self._left = boundary, int(count or 1)

    def passes(self, boundary: str) -> None:
        """Count a passing; at the last one the process is gone."""
        with self._gate:
            if boundary != self._boundary:
                return
            self._left -= 1
            if self._left > 0:
                return
        time.sleep(_LINGER)
        self.note(died_at=boundary)
        os.kill(os.getpid(), signal.SIGKILL)

    def note(self, **facts: object) -> None:
        """Leave a line: what was written outlives the process."""
        os.write(self._log, json.dumps({"at": time.time(), "cpu": time.process_time(), **facts}).encode() + b"\n")


class FusedStore(SqliteStore):
    """The store, with a fuse at every boundary of every method."""

    def __init__(self, path: Path, *, fuse: Fuse, **rest: Any) -> None:
        super().__init__(path, **rest)
        self.fuse = fuse
        self._under_way = _UnderWay()

    async def settle(self, settlement: Settlement, **rest: Any) -> Settled:
        settled = await super().settle(settlement, **rest)
        self.fuse.note(settled=settlement.lease.delivery_id, to=str(settlement.transition.to))
        return settled

    async def _write(
        self, work: Callable[[Transaction], T], *, about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        return await super()._write(self._noted(work, ends="COMMIT"), about=about, of=of)

    async def _read(self, work: Callable[[Transaction], T]) -> T:
        return await super()._read(self._noted(work, ends="ROLLBACK"))

    def _session(self, connection: Any) -> Session:
        access = _WatchedAccess(connection, self._under_way, self.fuse)
        return session(access, self._terms, SqlEvidence(access, self._evidence_before))

    def _noted(self, work: Callable[[Transaction], T], *, ends: str) -> Callable[[Transaction], T]:
        method = _METHOD.get()

        def noted(tx: Transaction) -> T:
            result = work(tx)
            self._under_way.methods.append((method, ends))
            return result

        return noted


class _UnderWay(threading.local):
    """What has been done in this thread's open transaction, and by which word it ends."""

    def __init__(self) -> None:
        self.methods: list[tuple[str, str]] = []


class _WatchedAccess(SqliteAccess):
    """A connection whose transactions end under the eyes of the fuse."""

    def __init__(self, connection: Any, under_way: _UnderWay, fuse: Fuse) -> None:
        super().__init__(connection)
        self._under_way = under_way
        self._fuse = fuse

    def commit(self) -> None:
        self._end("COMMIT", super().commit)

    def roll_back(self) -> None:
        self._end("ROLLBACK", super().roll_back)

    def _end(self, word: str, end: Callable[[], None]) -> None:
        done, self._under_way.methods = self._under_way.methods, []
        ended = [method for method, ends in done if ends == word]
        self._pass(ended, "written")
        end()
        self._pass(ended, "committed")

    def _pass(self, ended: Sequence[str], stage: str) -> None:
        for method in ended:
            self._fuse.passes(f"{method}.{stage}")


def _fused(name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
    async def call(self: FusedStore, *values: Any, **named: Any) -> Any:
        token = _METHOD.set(name)
        try:
            self.fuse.passes(f"{name}.before")
            result = await inner(self, *values, **named)
        finally:
            _METHOD.reset(token)
        self.fuse.passes(f"{name}.answered")
        return result

    return call


for _name in methods():
    setattr(FusedStore, _name, _fused(_name, getattr(FusedStore, _name)))


class FusedClient(HttpClient):
    """The connections to one system, with a fuse before each send and after its reply."""

    def __init__(self, settings: HttpSettings, *, fuse: Fuse, systems: Mapping[str, str]) -> None:
        """Watch requests; ``systems`` says who answers at which address."""
        super().__init__(settings)
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
