"""Attachments: bytes outside the database, durable before anybody is told so."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol, TypeAlias

from gateway.core.message import Blob

PAGE = 1000  #: keys that are asked about at once
Kept: TypeAlias = Callable[[Collection[str]], Awaitable[Collection[str]]]  #: which of these keys somebody refers to


class BlobTooLarge(Exception):
    """More bytes came than the limit allows; nothing was kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the file is larger than {limit} bytes")
        self.limit = limit


class Blobs(Protocol):
    """One object per upload, its key never shared between dossiers."""

    async def put(
        self,
        source: AsyncIterable[bytes],
        *,
        name: str,
        content_type: str,
        limit: int,
    ) -> Blob:
        """Store a stream; on return it is safe: synced to disk, or acknowledged by the object store.

        Raises BlobTooLarge past ``limit`` bytes, StoreFull where there is no room, StoreUnavailable where it cannot be
        stored now; whatever the source raises passes. In each case nothing is kept, and nobody ever sees a part.
        """
        ...

    def open(self, blob: Blob) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Read a stored file in chunks.

        Raises FileNotFoundError before the first chunk, and StoreUnavailable at any time.
        """
        ...

    async def sweep(self, *, older_than: timedelta, kept: Kept) -> int:
        """Remove objects older than this that nobody keeps, and what unfinished uploads left; return how many.

        Asks before it removes, about ``PAGE`` keys at once at most; what was not asked about stays.
        """
        ...
