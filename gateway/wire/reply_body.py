"""The body of a reply: so many bytes at most, or the root of a package whose files are handed on as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from aiohttp.streams import StreamReader

from gateway.core.errors import StoreError
from gateway.core.hot_value import hot_value
from gateway.core.message import Blob
from gateway.ports.blobs import BlobTooLarge
from gateway.wire.content_type import ContentType
from gateway.wire.json_files import JsonFiles, TooLong
from gateway.wire.mime import MimeLimits, MimeTooLarge
from gateway.wire.packed import Read, unfolding
from gateway.wire.part_head import PartHead
from gateway.wire.related import Keep, Related, is_related

_DEFAULT_FILES = 200 * 1024 * 1024


class NotKept(Exception):
    """A file in a reply could not be put on disk: the reply is not whole, though the partner's words were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFiles:
    """What becomes of the files that come beside a reply's document."""

    keep: Keep[Blob] | None = None  #: None: they are read over
    most: int = _DEFAULT_FILES  #: bytes of all of them
    inside: bool = False  #: they are inside a JSON document, as base64


@hot_value
class Body:
    """A whole body."""

    data: bytes = field(repr=False)
    document_type: str = ""  #: of the data, where it is the root of a package; else the header says it
    parts: Mapping[str, Blob | None] = field(default_factory=dict[str, "Blob | None"])  #: by Content-ID; None: dropped


async def read_reply(
    headers: Mapping[str, str], content: StreamReader, limit: int, files: ReplyFiles | None
) -> Body | None:
    """Return a reply's body, None where it is longer than allowed.

    What is packed is unfolded; a package is taken apart where somebody asked for ``files``. Raises MimeError, NotKept,
    PackingError, and what reading raises.
    """
    read = unfolding(headers, content.readany) if "Content-Encoding" in headers else content.readany
    declared = headers.get("Content-Type", "")
    if files is not None and is_related(declared):
        return await _package(ContentType.parse(declared), read, limit, files)
    if files is not None and files.inside and files.keep is not None:
        return await _opened(read, limit, files, _keeping(files.keep))
    data = await _read_whole(read, content, limit)
    return None if data is None else Body(data=data)


async def _opened(read: Read, limit: int, files: ReplyFiles, keep: Keep[Blob | None]) -> Body | None:
    """Return JSON with markers in the place of its files."""
    head = PartHead(headers={"content-type": "application/octet-stream"})
    reader = JsonFiles(read, limit=limit, most=files.most)
    try:
        data, parts = await reader.read(lambda chunks: keep(head, chunks))
    except (TooLong, BlobTooLarge):
        return None
    return Body(data=data, parts=parts)


async def _package(declared: ContentType, read: Read, limit: int, files: ReplyFiles) -> Body | None:
    limits = MimeLimits(total=limit + files.most)
    try:
        related = Related(declared, _chunks(read), _keeping(files.keep), most=limit, limits=limits)
        root = await related.root()
        parts = await related.rest()
    except (MimeTooLarge, BlobTooLarge):
        return None
    return Body(data=root.data, document_type=root.content_type, parts=parts)


def _keeping(keep: Keep[Blob] | None) -> Keep[Blob | None]:
    async def kept(head: PartHead, content: AsyncIterator[bytes]) -> Blob | None:
        if keep is None:
            return None
        try:
            return await keep(head, content)
        except StoreError as error:
            raise NotKept(type(error).__name__) from error

    return kept


async def _chunks(read: Read) -> AsyncIterator[bytes]:
    while chunk := await read():
        yield chunk


async def _read_whole(read: Read, content: StreamReader, limit: int) -> bytes | None:
    first = await read()
    if len(first) > limit:
        return None
    if read == content.readany and content.at_eof():
        return first
    body = bytearray(first)
    while chunk := await read():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
