"""Removes the bytes of files that no row names any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from itertools import islice
from typing import Protocol

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.acts import Target
from gateway.core.ids import GATEWAY
from gateway.core.restoring import restored_at
from gateway.ports.acts import Acts
from gateway.ports.blobs import Blobs
from gateway.ports.clock import Clock
from gateway.ports.store import Files

_log: FilteringBoundLogger = structlog.get_logger()

_UPLOADS_KEPT = timedelta(days=7)  # uploads that nobody referred to
_ORPHANS_KEPT = timedelta(hours=24)  # objects that no row names: an upload that broke off
_PUT_BACK_KEPT = timedelta(days=30)  # everything, after the database was put back
_MOST = 100_000  #: objects that are remembered from one sweep to the next


class Named(Files, Acts, Protocol):
    """The parts of a store that are used here."""


class Sweeper:
    """Removes an object where two sweeps in a row, a quarter of an hour apart or more, find that no row names it.

    A request may have looked a file up just before its last row went, forgotten or erased, and name it in what it
    accepts just after: within seconds, for its body is here by then. A quarter of an hour later there is no such
    request any more. What a sweep found is not kept across a restart.

    For a month after the database was put back nothing is removed. What nothing names may be named by the database that
    was put aside, should the wrong copy have been taken; and a source hands over again what is gone, by the ids of its
    uploads.
    """

    def __init__(self, store: Named, blobs: Blobs, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._unnamed = frozenset[str]()  #: at the last sweep

    async def sweep(self) -> None:
        """Forget uploads that nobody referred to, then remove the objects that no row names now, nor did last time."""
        if await self._was_put_back():
            return
        forgotten = await self._store.forget_uploads(older_than=_UPLOADS_KEPT)
        found: set[str] = set()

        async def kept(keys: Collection[str]) -> Collection[str]:
            unnamed = set(keys).difference(await self._store.is_kept(keys))
            going = unnamed & self._unnamed
            found.update(islice(unnamed - going, _MOST - len(found)))
            return set(keys) - going

        removed = await self._blobs.sweep(older_than=_ORPHANS_KEPT, kept=kept)
        self._unnamed = frozenset(found)
        if forgotten or removed:
            _log.info("swept", uploads=forgotten, objects=removed)

    async def _was_put_back(self) -> bool:
        at = restored_at(await self._store.acts(Target.system(GATEWAY), limit=1))
        return at is not None and at > self._clock.now() - _PUT_BACK_KEPT
