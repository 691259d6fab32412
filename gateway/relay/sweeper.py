"""Removes the bytes of files that no row names any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from itertools import islice

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.ports.blobs import Blobs
from gateway.ports.store import Files

_log: FilteringBoundLogger = structlog.get_logger()

_UPLOADS_KEPT = timedelta(days=7)  # uploads that nobody referred to
_ORPHANS_KEPT = timedelta(hours=24)  # objects that no row names: an upload that broke off
_MOST = 100_000  #: objects that are remembered from one sweep to the next


class Sweeper:
    """Removes an object where two sweeps in a row, a quarter of an hour apart or more, find that no row names it.

    A request may have looked a file up just before its last row went, forgotten or erased, and name it in what it
    accepts just after: within seconds, for its body is here by then. A quarter of an hour later there is no such
    request any more. What a sweep found is not kept across a restart.
    """

    def __init__(self, store: Files, blobs: Blobs) -> None:
        self._store = store
        self._blobs = blobs
        self._unnamed = frozenset[str]()  #: at the last sweep

    async def sweep(self) -> None:
        """Forget uploads that nobody referred to, then remove the objects that no row names now, nor did last time."""
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
