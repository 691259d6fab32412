"""The document of a request's body, and the files beside it: MTOM, or SOAP with Attachments.

The document is read first and judged before any file is kept. A file that nothing in it refers to is read over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from aiohttp import web

from gateway.config.durations import as_timedelta
from gateway.core.message import Blob
from gateway.ingress.body import capped, make_room, read_document, refuse_encoding
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.form_parts import FormParts, is_form
from gateway.ingress.incoming_files import ON_THE_WAY, PARTS, told, while_room
from gateway.ingress.pressing import refuse_pressed_file
from gateway.ingress.problems import Problem
from gateway.ingress.room import Budget, Hold
from gateway.model.texts import Said
from gateway.wire.content_type import ContentType, safe_media_type
from gateway.wire.mime import MimeError, MimeLimits
from gateway.wire.part_head import PartHead
from gateway.wire.related import Related, is_related
from gateway.wire.soap_message import Unpacked


class Files:
    """The files beside one document, on their way until they are stored."""

    def __init__(self, request: web.Request, related: Related[Blob] | None = None) -> None:
        """``related`` is the rest of the message; None where the document came alone."""
        self._request = request
        self._related = related

    @property
    def may_come(self) -> bool:
        """Whether the document came as a part among others."""
        return self._related is not None

    async def store(self, wanted: Collection[str]) -> Mapping[str, Blob]:
        """Read to the end of the message, and return the wanted files, durable, by Content-ID.

        Raises Problem where the message is not whole, or a wanted file did not come; then nobody refers to what was
        kept of it, and it is swept.
        """
        if self._related is None:
            if wanted:
                alone = Said("the document refers to a part, and came alone")
                raise Problem("attachments.invalid", place=Said("message"), problem=alone)
            return {}
        doors = doors_of(self._request)
        hold = Hold(doors.room.files)
        try:
            if wanted:
                refuse_pressed_file(self._request)
                await make_room(self._request, hold, min(ON_THE_WAY, doors.server.bodies))
            with told():
                return await self._related.rest(wanted)
        finally:
            hold.end()


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A request taken apart."""

    unpacked: Unpacked = field(repr=False)
    files: Files
    form: FormParts | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all that was sent is in the document."""
        return self.form is None and not self.files.may_come


async def unpack(request: web.Request) -> Package:
    """Return the document; raises Problem where it is too large, too slow, or cannot be read.

    Of a form in parts nothing is read yet: its files may stand in front of its fields.
    """
    refuse_encoding(request)
    declared = request.headers.get("Content-Type", "")
    if is_form(declared):
        nothing = Unpacked(root=b"", content_type=declared)
        return Package(unpacked=nothing, files=Files(request), form=FormParts(request))
    if not is_related(declared):
        alone = Unpacked(root=await read_document(request, _room(request)), content_type=declared)
        return Package(unpacked=alone, files=Files(request))
    server = doors_of(request).server
    arriving = _Arriving(request, server.body_limit + server.file_limit)
    try:
        with told():
            related = _related(request, declared, arriving)
            async with asyncio.timeout(as_timedelta(server.read_timeout).total_seconds()):
                root = await related.root()
    except TimeoutError:
        raise Problem("body.timeout") from None
    arriving.is_root = False
    unpacked = Unpacked(root=root.data, content_type=root.content_type)
    return Package(unpacked=unpacked, files=Files(request, related))


def _room(request: web.Request) -> Budget:
    """Return where a document takes its place: apart from all others as long as nobody knows whose it is."""
    room = doors_of(request).room
    return room.documents if visit_of(request).caller else room.strangers


def _related(request: web.Request, declared: str, arriving: _Arriving) -> Related[Blob]:
    server = doors_of(request).server
    limits = MimeLimits(total=server.body_limit + server.file_limit, parts=PARTS)
    keep = partial(_keep, request)
    return Related(ContentType.parse(declared), aiter(arriving), keep, most=server.body_limit, limits=limits)


class _Arriving:
    """The body in pieces; those of the document, which stay in memory, take their room first."""

    def __init__(self, request: web.Request, limit: int) -> None:
        self._request = request
        self._limit = limit
        self.is_root = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        hold = visit_of(self._request).hold = Hold(_room(self._request))
        async for piece in capped(self._request, self._limit):
            if self.is_root:
                await make_room(self._request, hold, len(piece))
            yield piece


async def _keep(request: web.Request, head: PartHead, content: AsyncIterator[bytes]) -> Blob:
    """Put one file on disk, for as long as the disk has room for this caller's files."""
    doors = doors_of(request)
    if visit_of(request).caller is None:
        raise MimeError("message", "a file comes before the document", "send the document first")
    media_type = safe_media_type(head.content_type.media_type)
    source = while_room(request, content)
    return await doors.blobs.put(source, name="", content_type=media_type, limit=doors.server.file_limit)
