"""The SOAP part of a request's body."""

from __future__ import annotations

from aiohttp import web

from gateway.ingress.body import read_document, refuse_encoding
from gateway.wire.soap_message import Unpacked


async def unpack(request: web.Request) -> Unpacked:
    """Return the body as it came; raises Problem where it is too large, too slow, or stops half-way."""
    refuse_encoding(request)
    return Unpacked(root=await read_document(request), content_type=request.headers.get("Content-Type", ""))
