"""A call as ``multipart/form-data``: fields and files in whatever order they come, each within its own limits.

Nothing is read of it before its sender is known, since a file may be the first thing in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence

from aiohttp import web

from gateway.config.durations import as_timedelta
from gateway.core.message import Blob
from gateway.ingress.body import capped, make_room
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.incoming_files import ON_THE_WAY, PARTS, file_name, told, while_room
from gateway.ingress.pressing import refuse_pressed_file
from gateway.ingress.problems import Problem
from gateway.ingress.room import Hold
from gateway.model.texts import Said
from gateway.ports.adapter import FormField
from gateway.ports.blobs import BlobTooLarge
from gateway.wire.content_type import ContentType, safe_media_type
from gateway.wire.form_data import FORM_DATA, PartField
from gateway.wire.mime import MimeError, MimeLimits
from gateway.wire.part_head import PartHead
from gateway.wire.parts import Parts


def is_form(content_type: str) -> bool:
    """Whether a message is a form in parts, as far as its header says."""
    return ContentType.parse(content_type).media_type == FORM_DATA


class FormParts:
    """``ports.adapter.Form`` of one request."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._left = doors_of(request).server.body_limit  #: bytes that all fields together may still have

    async def read(self, *, texts: Collection[str], files: bool) -> Sequence[FormField]:
        """Return the fields, their files stored; raises Problem, which names the part. Nobody refers to a file then."""
        server = doors_of(self._request).server
        if files:
            refuse_pressed_file(self._request)
        visit_of(self._request).hold = Hold(doors_of(self._request).room.documents)
        hold = Hold(doors_of(self._request).room.files)
        try:
            async with asyncio.timeout(as_timedelta(server.upload_timeout).total_seconds()):
                with told():
                    return [one async for one in self._fields(texts, hold if files else None)]
        except TimeoutError:
            raise Problem("body.timeout") from None
        finally:
            hold.end()

    async def _fields(self, texts: Collection[str], hold: Hold | None) -> AsyncIterator[FormField]:
        server = doors_of(self._request).server
        total = server.body_limit + server.file_limit
        declared = ContentType.parse(self._request.headers["Content-Type"])
        parts = Parts(declared, capped(self._request, total), MimeLimits(total=total, parts=PARTS))
        while (head := await parts.next()) is not None:
            part = _part(head, parts.where)
            if not part.file_name or part.name in texts:
                yield FormField(name=part.name, text=await self._text(parts, part))
            elif hold is not None:
                yield FormField(name=part.name, file=await self._file(parts, part, hold))

    async def _text(self, parts: Parts, part: PartField) -> str:
        """Return a field's text, which takes its place among all documents."""
        data, hold = bytearray(), visit_of(self._request).hold
        async for piece in parts.content():
            self._left -= len(piece)
            if self._left < 0:
                limit = doors_of(self._request).server.body_limit
                raise Problem("part.too_large", place=Said(parts.where), limit=limit)
            if hold is not None:
                await make_room(self._request, hold, len(piece))
            data += piece
        try:
            return part.text(bytes(data))
        except ValueError as error:
            raise MimeError(parts.where, str(error), "send texts in UTF-8, files with a file name") from None

    async def _file(self, parts: Parts, part: PartField, hold: Hold) -> Blob:
        """Put a file on disk while it arrives, for as long as the disk has room for this caller's files."""
        doors = doors_of(self._request)
        if not hold.amount:
            await make_room(self._request, hold, min(ON_THE_WAY, doors.server.bodies))
        try:
            return await doors.blobs.put(
                while_room(self._request, parts.content()),
                name=file_name(part.file_name),
                content_type=safe_media_type(part.media_type),
                limit=doors.server.file_limit,
            )
        except BlobTooLarge as error:
            raise Problem("part.too_large", place=Said(parts.where), limit=error.limit) from error


def _part(head: PartHead, where: str) -> PartField:
    try:
        return PartField.read(head)
    except ValueError as error:
        raise MimeError(
            where, str(error), "write one `Content-Disposition: form-data` with the field's `name`"
        ) from None
