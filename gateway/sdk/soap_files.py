"""The files of SOAP messages: which way ours are sent, and what mappings see of a partner's."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

from gateway.core.ids import FileId
from gateway.core.message import Blob
from gateway.ports.blobs import Blobs
from gateway.sdk.enclosed import Enclosed, named
from gateway.sdk.soap_replies import Found
from gateway.wire.attachments import Attachment
from gateway.wire.content_type import safe_media_type
from gateway.wire.part_head import PartHead
from gateway.wire.reply_body import ReplyFiles
from gateway.wire.soap_fault import SoapFault
from gateway.wire.soap_packing import Inline, Mtom, Packing, Swa
from gateway.wire.xop import XopError, content_id_of

How: TypeAlias = Literal["inline", "mtom", "swa"]
PACKINGS: Mapping[str, Packing] = MappingProxyType({"inline": Inline(), "mtom": Mtom(), "swa": Swa()})


def placed(values: Mapping[str, object], packing: Packing) -> tuple[dict[str, object], dict[str, Attachment]]:
    """Return the values with a text in the place of each file, and the files by that text."""
    files: dict[str, Attachment] = {}

    def place(value: object) -> object:
        if isinstance(value, Enclosed):
            file = value.attachment()
            token = packing.token(len(files), file)
            files[token] = file
            return token
        if isinstance(value, dict):
            return {name: place(one) for name, one in cast("dict[str, object]", value).items()}
        return [place(one) for one in cast("list[object]", value)] if isinstance(value, list) else value

    return cast("dict[str, object]", place(dict(values))), files


def reply_files(blobs: Blobs, *, most: int, keeps: bool) -> ReplyFiles:
    """Return what becomes of the files beside a reply: kept, or read over; all of them have ``most`` bytes."""

    async def keep(head: PartHead, content: AsyncIterator[bytes]) -> Blob:
        media_type = safe_media_type(head.content_type.media_type)
        return named(await blobs.put(content, name="", content_type=media_type, limit=most))

    return ReplyFiles(keep=keep if keeps else None, most=most)


class Arrived:
    """The files of one reply: those beside it, and, where they are to be kept, those inside it as base64."""

    def __init__(
        self, references: Mapping[str, str], parts: Mapping[str, Blob | None], blobs: Blobs | None = None
    ) -> None:
        """``references`` are the Content-IDs by what stands for each; raises XopError where a part did not come.

        ``blobs`` is where files inside the reply are kept; without it they stay bytes.
        """
        if not parts.keys() >= set(references.values()):
            raise XopError("the document refers to a part that did not come", "send every part it names")
        self._references = references
        self._parts = parts
        self._blobs = blobs
        self.kept: dict[FileId, Blob] = {}

    async def shown_in(self, found: Found) -> Found:
        """Return what the reply says, with a table in the place of each file; raises what keeping raises."""
        if isinstance(found.content, SoapFault):
            return found
        return replace(found, content=cast("dict[str, object]", await self._shown(dict(found.content))))

    async def _shown(self, value: object) -> object:
        if isinstance(value, dict):
            fields = cast("dict[str, object]", value)
            return {name: await self._shown(one) for name, one in fields.items()}
        if isinstance(value, list):
            return [await self._shown(one) for one in cast("list[object]", value)]
        if not isinstance(value, str | bytes):
            return value
        content_id = self._content_id(value)
        if content_id is not None:
            return self._described(content_id, self._parts[content_id])
        if isinstance(value, bytes) and self._blobs is not None:
            return self._described("", named(await _put(self._blobs, value)))
        return value

    def _content_id(self, value: str | bytes) -> str | None:
        """Return which part a value stands for."""
        text = value if isinstance(value, str) else b64encode(value[:_LONGEST_MARKER]).decode()
        found = self._references.get(text)
        if found is None and isinstance(value, str):
            address = content_id_of(value.strip())
            found = address if address in self._parts else None
        return found

    def _described(self, content_id: str, blob: Blob | None) -> dict[str, object]:
        if blob is None:
            return {"content_id": content_id}
        self.kept[blob.file_id] = blob
        return {
            "id": blob.file_id,
            "content_id": content_id,
            "media_type": blob.content_type,
            "size": blob.size,
            "sha256": blob.sha256,
        }


async def _put(blobs: Blobs, data: bytes) -> Blob:
    async def once() -> AsyncGenerator[bytes, None]:
        yield data

    return await blobs.put(once(), name="", content_type="application/octet-stream", limit=len(data))


_LONGEST_MARKER = 64  #: bytes that are looked at to find out whether a value is a marker
