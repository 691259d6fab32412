"""The files of a delivery as mappings see them: by address, or with their bytes where the table asks for them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from gateway.core.delivery import Delivery
from gateway.core.files import public_id
from gateway.core.ids import SystemId
from gateway.core.message import Blob
from gateway.model.types import file_link
from gateway.ports.blobs import Blobs
from gateway.sdk.enclosed import Enclosed
from gateway.sdk.link import Context
from gateway.sdk.mapping import LINK

DEFAULT_INLINE = 16 * 1024 * 1024


class FilesUnfit(Exception):
    """The files' bytes cannot travel inside the document; ``lost`` where they are gone or not what they were."""

    def __init__(self, problem: str, *, lost: bool) -> None:
        super().__init__(problem)
        self.lost = lost


class Files:
    """Reads the files of deliveries, with a bound on the bytes held at once for one delivery."""

    def __init__(self, context: Context, system: SystemId, limit: int = DEFAULT_INLINE) -> None:
        """``system`` is the one that links are made for."""
        self._blobs: Blobs = context.blobs
        self._links = context.links
        self._public_url = context.public_url.rstrip("/")
        self._system = system
        self._limit = limit

    async def of(self, delivery: Delivery, content: Collection[str]) -> list[dict[str, object]]:
        """Return this message's files, else the dossier's: id, name, media_type, size, sha256, url.

        ``content`` adds a ``link``, or their bytes: as ``base64`` text, as ``content``, or as a ``stream`` that a JSON
        document encloses. Raises FilesUnfit, and StoreUnavailable where they cannot be had now.
        """
        blobs = delivery.message.blobs or delivery.dossier.blobs
        if is_held(content) and sum(blob.size for blob in blobs) > self._limit:
            raise FilesUnfit(f"the files have more than the {self._limit} bytes of `inline_limit`", lost=False)
        return [await self._one(blob, content, _made_at(delivery)) for blob in blobs]

    def linked(self, delivery: Delivery) -> tuple[Mapping[str, object], ...]:
        """Return every file of this message and of the dossier with its link."""
        blobs = dict.fromkeys((*delivery.message.blobs, *delivery.dossier.blobs))
        made_at = _made_at(delivery)
        return tuple({**self._described(blob), LINK: self._link(blob, made_at)} for blob in blobs)

    async def _one(self, blob: Blob, content: Collection[str], made_at: datetime) -> dict[str, object]:
        described = self._described(blob)
        if LINK in content:
            described[LINK] = self._link(blob, made_at)
        if "stream" in content:
            await self._prove(blob)
            described["stream"] = Enclosed(blob, self._blobs)
        if not is_held(content):
            return described
        data = await self._read(blob)
        if "content" in content:
            described["content"] = data
        if "base64" in content:
            described["base64"] = base64.b64encode(data).decode()
        return described

    def _link(self, blob: Blob, made_at: datetime) -> str:
        """Return an address at which this system may download the file without a key for a while.

        Raises ValueError where the gateway has no key to sign links with (``links.keys``).
        """
        return self._public_url + self._links.path(public_id(blob), self._system, made_at)

    def _described(self, blob: Blob) -> dict[str, object]:
        return {
            "id": public_id(blob),
            "name": blob.name,
            "media_type": blob.content_type,
            "size": blob.size,
            "sha256": blob.sha256,
            "url": self._public_url + file_link(public_id(blob)),
        }

    async def _read(self, blob: Blob) -> bytes:
        data = bytearray()
        await self._each(blob, data.extend)
        return bytes(data)

    async def _prove(self, blob: Blob) -> None:
        """Read a file before the first byte of it is sent; what is not as it was stored must not leave in part."""
        await self._each(blob, lambda _: None)

    async def _each(self, blob: Blob, take: Callable[[bytes], object]) -> None:
        """Hand over a file piece by piece; raises FilesUnfit where it is not what was stored, StoreUnavailable."""
        digest, size = hashlib.sha256(), 0
        try:
            async with self._blobs.open(blob) as chunks:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > blob.size:
                        break
                    digest.update(chunk)
                    take(chunk)
        except OSError as error:
            raise FilesUnfit("a file cannot be read from the store", lost=True) from error
        if digest.hexdigest() != blob.sha256:
            raise FilesUnfit("a file is not what was stored", lost=True)


def _made_at(delivery: Delivery) -> datetime:
    """Return the time of its links: that of the claim; what is in doubt goes again with those that it went with."""
    return delivery.in_doubt_since or delivery.due_at


def is_held(content: Collection[str]) -> bool:
    """Whether what is asked of files takes memory as large as they are."""
    return bool(set(content) - {"stream", LINK})
