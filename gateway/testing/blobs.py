"""Attachments in memory, with the promises of ``ports.blobs`` and no disk."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from gateway.core.ids import FileId
from gateway.core.message import Blob
from gateway.ports.blobs import BlobTooLarge, Kept

_CHUNK = 64 * 1024


class MemoryBlobs:
    """One object per upload."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.arriving = asyncio.Event()  #: set once the first bytes of an object are here

    async def put(self, source: AsyncIterable[bytes], *, name: str, content_type: str, limit: int) -> Blob:
        data = b""
        async for chunk in source:
            data += chunk
            self.arriving.set()
            if len(data) > limit:
                raise BlobTooLarge(limit)
        return self.hold(data, name=name, content_type=content_type)

    def hold(self, data: bytes, *, name: str, content_type: str = "application/pdf") -> Blob:
        """Store bytes that are at hand."""
        key = f"blob-{len(self.objects) + 1}"
        self.objects[key] = data
        return Blob(
            key=key,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            content_type=content_type,
            name=name,
            file_id=FileId(f"file-{key}"),
        )

    @asynccontextmanager
    async def open(self, blob: Blob) -> AsyncGenerator[AsyncIterator[bytes], None]:
        if blob.key not in self.objects:
            raise FileNotFoundError(blob.key)
        yield _chunks(self.objects[blob.key])

    async def sweep(self, *, older_than: timedelta, kept: Kept) -> int:
        del older_than  # everything here is as old as the test
        gone = set(self.objects).difference(await kept(tuple(self.objects)))
        for key in gone:
            del self.objects[key]
        return len(gone)


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), _CHUNK):
        yield data[start : start + _CHUNK]
