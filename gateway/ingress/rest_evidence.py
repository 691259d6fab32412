"""``/v1/ops/evidence``: the chains as a file that proves itself, and the record of who was shown contents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aiohttp import web

from gateway.core.record import Shown, View
from gateway.evidence.export import export
from gateway.ingress.doors import caller_of, doors_of
from gateway.ingress.problems import Problem

MEDIA_TYPE = "application/x-ndjson"


async def show(request: web.Request) -> web.StreamResponse:
    """``GET /v1/ops/evidence?since=``: written page by page; one that breaks off has no last line and proves it."""
    doors = doors_of(request)
    pieces = export(doors.evidence, at=doors.clock.now(), since=_since(request))
    response = web.StreamResponse(
        headers={
            "Content-Type": MEDIA_TYPE,
            "Content-Disposition": 'attachment; filename="evidence.jsonl"',
            "Cache-Control": "no-store",
        }
    )
    first = await anext(pieces)
    await response.prepare(request)
    await response.write(first)
    async for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response


async def viewed(request: web.Request, shown: Shown, ids: Iterable[str]) -> None:
    """Record durably that the caller is about to be shown contents; nothing to be shown leaves no record."""
    named = tuple(ids)
    if named:
        await doors_of(request).evidence.viewed(View(shown=shown, ids=named), actor=caller_of(request).actor)


def _since(request: web.Request) -> datetime | None:
    """Return ``since``: RFC 3339 with zone. Raises Problem."""
    value = request.query.get("since")
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = datetime.min  # noqa: DTZ901 - without a zone, as no answer may be
    if found.tzinfo is None:
        raise Problem("parameter.invalid", name="since", expected="2026-11-24T17:00:00+07:00")
    return found
