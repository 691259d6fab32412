"""Fetches files that a sender named by address; what waits for them goes on when the last one is here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias
from urllib.parse import urlsplit

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import StoreError, StoreFull, StoreUnavailable
from gateway.core.files import OF_FILES
from gateway.core.ids import FileId, MessageId
from gateway.core.message import Blob, PendingFile
from gateway.core.reason import Reason, Why
from gateway.exchange.guard import place_of
from gateway.relay.chores import Chores
from gateway.relay.gear import Gear
from gateway.relay.patience import insist, waits
from gateway.relay.pause import Pause

_log: FilteringBoundLogger = structlog.get_logger()

_AT_ONCE = 16
_OF_ONE_HOST = 4  #: a host that is slow, or whose files never end, keeps no other one waiting
_LISTED = 64
_REMEMBERED = 10_000
_TIMEOUT = 300.0  # seconds of one fetch
_ATTACH_FOR = 60.0
_LONGEST_REST = 900.0

_Key: TypeAlias = tuple[MessageId, FileId]


@dataclass(slots=True)
class _Patience:
    """When to ask for one file again."""

    not_before: float = 0.0
    rests: Iterator[float] = field(default_factory=lambda: (min(2.0**n, _LONGEST_REST) for n in range(1, 10_000)))

    def rest(self, now: float) -> float:
        """Rest from now on; return for how many seconds."""
        seconds = next(self.rests, _LONGEST_REST)
        self.not_before = now + seconds
        return seconds


class Fetcher:
    """Never gives up on a file: what cannot be had is asked for again, ever more rarely."""

    def __init__(self, gear: Gear, wake: Callable[[], None]) -> None:
        self._gear = gear
        self._wake = wake
        self._pause = Pause(gear.clock)
        self._chores = Chores(gear.clock, gear.metrics)
        self._patience: dict[_Key, _Patience] = {}
        self._underway: dict[_Key, str] = {}  #: the host of each
        self._is_crowded = False  #: something that is due found no place
        self._waits = waits()

    def wake(self) -> None:
        """Look for files to fetch soon."""
        self._pause.ring()

    async def run(self) -> None:
        """Fetch until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._pause.wait(await self._look(group))

    async def _look(self, group: asyncio.TaskGroup) -> float:
        """Begin to fetch what is due and finds a place; return in how many seconds to look again."""
        try:
            listed = await self._gear.store.fetches(limit=_LISTED)
        except (StoreUnavailable, StoreFull) as error:
            wait = next(self._waits)
            _log.warning("store_unavailable", what="fetches", error=type(error).__name__, again_in=wait)
            return wait
        except Exception as bug:  # noqa: BLE001 - what one row spoils must not end the relay
            self._chores.failed("fetches", bug)
            return next(self._waits)
        self._waits = waits()
        self._chores.worked("fetches")
        due = [item for item in listed if self._is_due(item)]
        begun = [item for item in due if self._takes_place(item)]
        self._is_crowded = len(begun) < len(due)
        for message, pending in begun:
            group.create_task(self._one(message, pending))
        return max(self._gear.config.idle.total_seconds(), 1.0)

    def _is_due(self, item: tuple[MessageId, PendingFile]) -> bool:
        key = item[0], item[1].file_id
        rested = key not in self._patience or self._patience[key].not_before <= self._gear.clock.monotonic()
        return rested and key not in self._underway

    def _takes_place(self, item: tuple[MessageId, PendingFile]) -> bool:
        message, pending = item
        host = _host_of(pending.url)
        of_host = sum(other == host for other in self._underway.values())
        if len(self._underway) >= _AT_ONCE or of_host >= _OF_ONE_HOST:
            return False
        self._underway[message, pending.file_id] = host
        return True

    async def _one(self, message: MessageId, pending: PendingFile) -> None:
        key = message, pending.file_id
        try:
            got = await self._fetch(pending)
            if isinstance(got, Blob) and await self._attach(message, pending, got):
                self._patience.pop(key, None)
            else:
                await self._rest(key, got if isinstance(got, Reason) else Reason(Why.STORE_FULL))
        finally:
            del self._underway[key]
            if self._is_crowded:
                self._pause.ring()

    async def _rest(self, key: _Key, reason: Reason) -> None:
        """Leave a file alone for a while, longer each time; what is to be said of it itself is kept."""
        _log.warning("file_not_fetched", message=key[0], file=key[1], reason=str(reason.code))
        self._gear.metrics.count("relay_fetch_failures_total", reason=str(reason.code))
        if len(self._patience) >= _REMEMBERED:
            self._patience.clear()
        seconds = self._patience.setdefault(key, _Patience()).rest(self._gear.clock.monotonic())
        if reason.code in OF_FILES:
            await self._chores.attempt("misses", lambda: self._miss(key, reason, timedelta(seconds=seconds)))

    async def _miss(self, key: _Key, reason: Reason, again_in: timedelta) -> None:
        await self._gear.store.miss(*key, reason, again_in=again_in, plan=self._gear.plan)

    async def _fetch(self, pending: PendingFile) -> Blob | Reason:
        """Get and prove one file; whatever goes wrong is a reason."""
        deadline = self._gear.clock.monotonic() + _TIMEOUT
        try:
            async with asyncio.timeout(_TIMEOUT):
                got = await self._gear.fetches.fetch(pending, deadline=deadline)
        except TimeoutError:
            return Reason(Why.FILE_MISSING, TimeoutError.__name__)
        except Exception as bug:  # noqa: BLE001 - one file that breaks the fetcher must not stop the others
            _log.error("fetch_failed", error=type(bug).__name__, where=place_of(bug))
            return Reason(Why.ADAPTER_BUG, type(bug).__name__)
        is_other = isinstance(got, Blob) and pending.sha256 is not None and got.sha256 != pending.sha256.lower()
        return Reason(Why.FILE_DIFFERS) if is_other else got

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
        except Exception as bug:  # noqa: BLE001 - nor one file: it is fetched again
            self._chores.failed("attach", bug)
            return False
        self._chores.worked("attach")
        self._gear.metrics.count("relay_fetched_total")
        self._wake()
        return True


def _host_of(url: str) -> str:
    """Return where a file lies; what is no address at all shares one place."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
