"""``/v1/ops/evidence``: the chains as a file that proves itself."""

from __future__ import annotations

from aiohttp import web

from gateway.evidence.export import export
from gateway.ingress.doors import doors_of
from gateway.ingress.headers import moment
from gateway.ingress.replies import stream

MEDIA_TYPE = "application/x-ndjson"


async def show(request: web.Request) -> web.StreamResponse:
    """``GET /v1/ops/evidence?since=``: written page by page; one that breaks off has no last line and proves it."""
    doors = doors_of(request)
    pieces = export(doors.evidence, at=doors.clock.now(), since=moment(request, "since"))
    response = web.StreamResponse(
        headers={
            "Content-Type": MEDIA_TYPE,
            "Content-Disposition": 'attachment; filename="evidence.jsonl"',
            "Cache-Control": "no-store",
        }
    )
    return await stream(request, response, pieces)
