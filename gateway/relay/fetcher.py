"""Fetches files that a sender named by address; what waits for them goes on when the last one is here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import StoreError, StoreFull, StoreUnavailable
from gateway.core.ids import FileId, MessageId
from gateway.core.message import Blob, PendingFile
from gateway.core.reason import Reason, Why
from gateway.exchange.guard import place_of
from gateway.relay.gear import Gear
from gateway.relay.patience import insist, waits
from gateway.relay.pause import Pause

_log: FilteringBoundLogger = structlog.get_logger()

_AT_ONCE = 4
_LISTED = 64
_TIMEOUT = 300.0  # seconds of one fetch
_ATTACH_FOR = 60.0
_LONGEST_REST = 900.0


@dataclass(slots=True)
class _Patience:
    """When to ask for one file again."""

    not_before: float = 0.0
    rests: Iterator[float] = field(default_factory=lambda: (min(2.0**n, _LONGEST_REST) for n in range(1, 10_000)))

    def rest(self, now: float) -> None:
        self.not_before = now + next(self.rests, _LONGEST_REST)


class Fetcher:
    """Never gives up on a file: what cannot be had is asked for again, ever more rarely."""

    def __init__(self, gear: Gear, wake: Callable[[], None]) -> None:
        self._gear = gear
        self._wake = wake
        self._pause = Pause(gear.clock)
        self._patience: dict[tuple[MessageId, FileId], _Patience] = {}
        self._waits = waits()

    def wake(self) -> None:
        """Look for files to fetch soon."""
        self._pause.ring()

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            try:
                await self._round()
                self._waits = waits()
                wait = max(self._gear.config.idle.total_seconds(), 1.0)
            except (StoreUnavailable, StoreFull) as error:
                wait = next(self._waits)
                _log.warning("store_unavailable", what="fetches", error=type(error).__name__, again_in=wait)
            await self._pause.wait(wait)

    async def _round(self) -> None:
        """Try each listed file that is due, a few at once."""
        listed = await self._gear.store.fetches(limit=_LISTED)
        keys = {(message, pending.file_id) for message, pending in listed}
        self._patience = {key: self._patience.get(key, _Patience()) for key in keys}
        now = self._gear.clock.monotonic()
        due = [item for item in listed if self._patience[item[0], item[1].file_id].not_before <= now]
        room = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for message, pending in due:
                group.create_task(self._one(message, pending, room))

    async def _one(self, message: MessageId, pending: PendingFile, room: asyncio.Semaphore) -> None:
        async with room:
            got = await self._fetch(pending)
            if isinstance(got, Blob) and await self._attach(message, pending, got):
                return
        reason = got if isinstance(got, Reason) else Reason(Why.STORE_FULL)
        _log.warning("file_not_fetched", message=message, file=pending.file_id, reason=str(reason.code))
        self._gear.metrics.count("relay_fetch_failures_total", reason=str(reason.code))
        self._patience[message, pending.file_id].rest(self._gear.clock.monotonic())

    async def _fetch(self, pending: PendingFile) -> Blob | Reason:
        """Get and prove one file; whatever goes wrong is a reason."""
        deadline = self._gear.clock.monotonic() + _TIMEOUT
        try:
            async with asyncio.timeout(_TIMEOUT):
                got = await self._gear.fetches.fetch(pending, deadline=deadline)
        except TimeoutError:
            return Reason(Why.TIMEOUT)
        except Exception as bug:  # noqa: BLE001 - one file that breaks the fetcher must not stop the others
            _log.error("fetch_failed", error=type(bug).__name__, where=place_of(bug))
            return Reason(Why.ADAPTER_BUG, type(bug).__name__)
        is_other = isinstance(got, Blob) and pending.sha256 is not None and got.sha256 != pending.sha256.lower()
        return Reason(Why.FILE_MISSING) if is_other else got

    async def _attach(self, message: MessageId, pending: PendingFile, blob: Blob) -> bool:
        """Add the file durably; one that cannot be added is fetched again."""
        try:
            await insist(
                lambda: self._gear.store.attach(message, pending.file_id, blob),
                what="attach",
                until=self._gear.clock.monotonic() + _ATTACH_FOR,
                clock=self._gear.clock,
            )
        except StoreError:
            return False
        self._gear.metrics.count("relay_fetched_total")
        self._wake()
        return True
