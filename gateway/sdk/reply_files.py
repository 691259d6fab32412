"""Files inside JSON replies, as base64: kept while the reply is read, and a table in the reply instead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from gateway.core.ids import FileId
from gateway.core.message import Blob
from gateway.ports.blobs import Blobs
from gateway.sdk.embedding import changed
from gateway.sdk.enclosed import keep, named
from gateway.sdk.paths import Places
from gateway.wire.part_head import PartHead
from gateway.wire.reply_body import ReplyFiles

_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlaces:
    """Where files are in the replies of one operation."""

    places: Sequence[Places]
    blobs: Blobs = field(repr=False)
    most: int  #: bytes of all of them

    def taking(self) -> ReplyFiles | None:
        """Return what becomes of long texts while a reply is read; None where no file is awaited."""
        if not self.places:
            return None

        async def kept(_: PartHead, content: AsyncIterator[bytes]) -> Blob:
            return named(await self.blobs.put(content, name="", content_type=_TYPE, limit=self.most))

        return ReplyFiles(keep=kept, most=self.most, inside=True)

    async def settled(self, document: object, parts: Mapping[str, Blob | None]) -> tuple[object, Mapping[FileId, Blob]]:
        """Return the reply with a table in the place of each file, and the files; what is no base64 stays as it is."""
        files = {marker: blob for marker, blob in parts.items() if blob is not None}
        for text in self._short(document, parts):
            try:
                files[text] = await keep(self.blobs, text, name="", media_type=_TYPE)
            except ValueError:
                continue
        for one in self.places:
            document = changed(document, one.steps, lambda value: _shown(value, files))
        return document, {blob.file_id: blob for blob in files.values()}

    def _short(self, document: object, parts: Mapping[str, Blob | None]) -> Iterator[str]:
        """Yield the texts that were too short to be taken for files while they were read."""
        for one in self.places:
            for value in one.find(document):
                if isinstance(value, str) and value and value not in parts:
                    yield value


def _shown(value: object, files: Mapping[str, Blob]) -> object:
    blob = files.get(value) if isinstance(value, str) else None
    if blob is None:
        return value
    shown = {"id": blob.file_id, "media_type": blob.content_type, "size": blob.size, "sha256": blob.sha256}
    return cast("object", shown)
