"""Reading what a caller sends: never more than allowed, never longer than allowed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.config.durations import as_timedelta
from gateway.ingress.doors import doors_of, prove_live, visit_of
from gateway.ingress.problems import Problem
from gateway.ingress.room import Budget, Hold
from gateway.model.texts import Said
from gateway.wire.content_type import ContentType

_STEP = 16 * 1024  #: bytes of room that a body of unknown length takes at least
_ZERO = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  #: in a text of a JSON document
_CHARSETS = frozenset({None, "utf-8", "utf8", "us-ascii"})


async def read_document(request: web.Request, room: Budget | None = None, *, limit: int | None = None) -> bytes:
    """Return a JSON or XML body; raises Problem where it is too large, too slow, or stops half-way.

    ``room`` is what it takes its place from, where that is not the one of all documents; ``limit`` is less than
    ``body_limit``, where a door needs less.
    """
    doors = doors_of(request)
    server = doors.server
    most = min(limit or server.body_limit, server.body_limit)
    refuse_encoding(request)
    hold = visit_of(request).hold = Hold(room or doors.room.documents)
    if request.content.is_eof():
        return await _arrived(request, most, hold)
    try:
        async with asyncio.timeout(as_timedelta(server.read_timeout).total_seconds()):
            return b"".join([part async for part in _held(request, most, hold)])
    except TimeoutError:
        raise Problem("body.timeout") from None


def without_zero(body: bytes) -> bytes:
    """Return a JSON document in no text of which a zero stands: no database takes one. Raises Problem."""
    if _ZERO.search(body):
        raise Problem(
            "request.invalid",
            where=Said("every text, and leave out the character U+0000 (NUL), which no database can keep"),
        )
    return body


async def make_room(request: web.Request, hold: Hold, size: int) -> None:
    """Take so many bytes of the room for bodies, waiting shortly where it is full; raises Problem."""
    if not hold.grow_now(size) and not await hold.grow(size, seconds=_patience(request)):
        raise Problem("gateway.busy")


def _patience(request: web.Request) -> float:
    return as_timedelta(doors_of(request).server.room_wait).total_seconds()


async def _held(request: web.Request, limit: int, hold: Hold) -> AsyncIterator[bytes]:
    """Yield the body: the room for a declared length is taken first, for any other as it comes.

    So is a stranger's, whatever it declares: who sends nothing takes no room from those who do.
    """
    declared = request.content_length or 0 if visit_of(request).caller else 0
    await make_room(request, hold, min(declared, limit))
    async for part in capped(request, limit):
        if visit_of(request).received > hold.amount:
            await make_room(request, hold, max(visit_of(request).received - hold.amount, _STEP))
        yield part


async def _arrived(request: web.Request, limit: int, hold: Hold) -> bytes:
    """Return a body that is here already, as most are; nothing has to be waited for but room."""
    if request.content.total_bytes > limit:
        raise Problem("body.too_large", limit=limit)
    await make_room(request, hold, request.content.total_bytes)
    try:
        body = request.content.read_nowait(-1)
    except (web.RequestPayloadError, HttpProcessingError, ConnectionError) as error:
        raise Problem("body.incomplete") from error
    visit_of(request).received = len(body)
    return body


async def capped(request: web.Request, limit: int, code: str = "body.too_large") -> AsyncIterator[bytes]:
    """Yield the body piece by piece; raises Problem past ``limit`` bytes or where the sender stops half-way.

    A key opens no door to a body that ends after it was revoked: whoever stole it may hold bodies back for that.
    Raises Unauthenticated, at the end: nothing may be done with the parts before.
    """
    if (request.content_length or 0) > limit:
        raise Problem(code, limit=limit)
    visit = visit_of(request)
    try:
        await _call_for(request)
        async for part in request.content.iter_any():
            visit.received += len(part)
            if visit.received > limit:
                raise Problem(code, limit=limit)
            yield part
        await prove_live(request)  # not at each part: of a body in chunks the end may come alone
    except (web.RequestPayloadError, HttpProcessingError, ConnectionError) as error:
        raise Problem("body.incomplete") from error


async def _call_for(request: web.Request) -> None:
    """Tell a caller who holds the body back until then to send it (RFC 9110, 10.1.1)."""
    is_held_back = request.headers.get("Expect", "").lower() == "100-continue" and not request.content.total_bytes
    if is_held_back and request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # what is counted is the answer


def refuse_encoding(request: web.Request) -> None:
    """Refuse compressed bodies: what a few bytes become is the sender's choice."""
    named = request.headers.getall("Content-Encoding", ())
    if any(name.strip().lower() not in {"identity", ""} for name in named):
        raise Problem("encoding.unsupported")


def media_type_of(request: web.Request, *accepted: str) -> str:
    """Return the declared media type, one of the accepted ones; raises Problem."""
    declared = ContentType.parse(request.headers.get("Content-Type", ""))
    if declared.media_type not in accepted:
        raise Problem("media_type.unsupported", supported=", ".join(accepted))
    if declared.charset not in _CHARSETS:
        raise Problem("media_type.unsupported", supported="charset=utf-8")
    return declared.media_type
