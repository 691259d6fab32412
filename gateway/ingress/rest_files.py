"""``/v1/files``: bytes in and out, never whole in memory."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from urllib.parse import quote

from aiohttp import web

from gateway.config.durations import as_timedelta
from gateway.core.ids import FileId
from gateway.core.message import Blob
from gateway.core.record import Shown
from gateway.ingress.bodies import FileBody
from gateway.ingress.body import capped, make_room, refuse_encoding
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.headers import plain
from gateway.ingress.incoming_files import ON_THE_WAY, file_name, while_room
from gateway.ingress.lookup import system_of, viewed
from gateway.ingress.pressing import refuse_pressed_file
from gateway.ingress.problems import Problem
from gateway.ingress.replies import reply, stream
from gateway.ingress.room import Hold
from gateway.model.texts import Said
from gateway.model.types import file_link
from gateway.wire.content_type import ContentType, safe_media_type
from gateway.wire.form_data import FORM_DATA, PartField
from gateway.wire.mime import MimeError, MimeLimits
from gateway.wire.part_head import PartHead
from gateway.wire.parts import Parts
from gateway.wire.transfer_encoding import is_plain

_CREATED = 201
_ANY = "application/octet-stream"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONTENT_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:?([^,:]*)")


async def upload(request: web.Request) -> web.Response:
    """``POST /v1/files``: the raw bytes, or one part of ``multipart/form-data``; 201 once they are safe."""
    doors, owner = doors_of(request), system_of(request)
    refuse_encoding(request)
    refuse_pressed_file(request)
    hold = visit_of(request).hold = Hold(doors.room.files)
    most = min(ON_THE_WAY, doors.server.bodies)
    await make_room(request, hold, min(request.content_length or most, most))
    expected = _digest(request)
    try:
        async with asyncio.timeout(as_timedelta(doors.server.upload_timeout).total_seconds()):
            name, media_type, source = await _source(request)
            blob = await doors.blobs.put(
                _checked(while_room(request, source), expected),
                name=name,
                content_type=media_type,
                limit=doors.server.file_limit,
            )
            file = FileId(doors.ids.new())
            await doors.files.register(file, blob, owner=owner)
    except TimeoutError:
        raise Problem("body.timeout") from None
    return reply(_body(file, blob), status=_CREATED, headers={"Location": file_link(file)})


async def download(request: web.Request) -> web.StreamResponse:
    """``GET /v1/files/{id}``: what the caller uploaded or was sent; operators get all."""
    return await send(request, FileId(request.match_info["id"]))


async def send(request: web.Request, file: FileId) -> web.StreamResponse:
    """Stream a file that the caller may have, once it is on record that it was shown. Raises Problem."""
    doors, caller = doors_of(request), caller_of(request)
    blob = await doors.files.file(file, caller=caller.system)
    if blob is None:
        raise Problem("file.not_found")
    await viewed(request, Shown.FILE, (file,))
    try:
        async with doors.blobs.open(blob) as chunks:
            return await _stream(request, blob, chunks)
    except FileNotFoundError as error:  # which its row outlives: a database that was put back, a disk that lost it
        raise Problem("file.gone") from error


async def _stream(request: web.Request, blob: Blob, chunks: AsyncIterator[bytes]) -> web.StreamResponse:
    """Send the file as something to be saved, never to be shown by a browser."""
    digest = base64.b64encode(bytes.fromhex(blob.sha256)).decode()
    response = web.StreamResponse(
        headers={
            "Content-Type": safe_media_type(blob.content_type),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name(blob.name), safe='')}",
            "Content-Digest": f"sha-256=:{digest}:",
            "ETag": f'"{blob.sha256}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )
    response.content_length = blob.size
    return await stream(request, response, chunks, within=as_timedelta(doors_of(request).server.upload_timeout))


async def _source(request: web.Request) -> tuple[str, str, AsyncIterator[bytes]]:
    """Return name, media type and bytes of the one file in the request."""
    declared = ContentType.parse(request.headers.get("Content-Type", _ANY))
    if not declared.media_type:
        raise Problem("media_type.unsupported", supported="type/subtype")
    limit = doors_of(request).server.file_limit
    named = _given_name(request)
    if declared.media_type != FORM_DATA:
        return file_name(named), safe_media_type(declared.media_type), capped(request, limit, "file.too_large")
    with _told():
        whole = limit + doors_of(request).server.body_limit
        parts = Parts(declared, capped(request, whole, "file.too_large"), MimeLimits(total=whole))
        part = _field(await parts.next())
    return file_name(named or part.file_name), safe_media_type(part.media_type or _ANY), _content(parts)


def _field(head: PartHead | None) -> PartField:
    """Return what the first part says of itself; raises Problem."""
    if head is None or not is_plain(head.encoding):
        raise Problem("multipart.invalid")
    if "content-encoding" in head.headers:
        raise Problem("encoding.unsupported")
    try:
        return PartField.read(head)
    except ValueError as error:
        raise Problem("multipart.invalid") from error


async def _content(parts: Parts) -> AsyncIterator[bytes]:
    """Yield the only part; a second one, or a missing end, is a fault before anything is kept."""
    with _told():
        async for chunk in parts.content():
            yield chunk
        if await parts.next() is not None:
            raise Problem("multipart.invalid")


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except MimeError as error:
        raise Problem("multipart.invalid") from error


async def _checked(source: AsyncIterator[bytes], expected: str | None) -> AsyncIterator[bytes]:
    """Pass the bytes on; what differs from the declared digest is refused before it is kept."""
    if expected is None:
        async for chunk in source:
            yield chunk
        return
    digest = hashlib.sha256()
    async for chunk in source:
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != expected:
        raise Problem("file.mismatch")


def _digest(request: web.Request) -> str | None:
    """Return the SHA-256 that the sender declares (``X-Sha256`` in hex, or RFC 9530), lower-case hex."""
    plain_hex = request.headers.get("X-Sha256")
    if plain_hex is not None:
        if not _SHA256.fullmatch(plain_hex.strip().lower()):
            raise Problem("parameter.invalid", name="X-Sha256", expected=Said("64 hex digits"))
        return plain_hex.strip().lower()
    declared = ",".join(request.headers.getall("Content-Digest", ()))
    found = _CONTENT_DIGEST.search(declared)
    if found is None:
        return None
    try:
        digest = base64.b64decode(found[1], validate=True)
    except ValueError:
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        raise Problem("parameter.invalid", name="Content-Digest", expected="sha-256=:<base64>:")
    return digest.hex()


def _given_name(request: web.Request) -> str:
    try:
        return plain(request.headers.get("X-File-Name", "")) or request.query.get("name", "")
    except UnicodeDecodeError:
        raise Problem("parameter.invalid", name="X-File-Name", expected=Said("percent-encoded UTF-8")) from None


def _body(file: FileId, blob: Blob) -> FileBody:
    return FileBody(
        id=file,
        href=file_link(file),
        name=blob.name,
        media_type=blob.content_type,
        size=blob.size,
        sha256=blob.sha256,
    )
