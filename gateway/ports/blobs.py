"""Attachments: bytes outside the database, durable before anybody is told so."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

from gateway.core.message import Blob


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
        """Store a stream; on return file and folder are synced to disk.

        Raises BlobTooLarge past ``limit`` bytes, StoreFull where the disk is full; whatever the source raises passes.
        In each case nothing is kept.
        """
        ...

    def open(self, blob: Blob) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Read a stored file in chunks; raises FileNotFoundError before the first chunk."""
        ...

    async def sweep(self, *, older_than: timedelta, is_kept: Callable[[str], bool]) -> int:
        """Remove objects older than this whose key nobody keeps; return how many."""
        ...
