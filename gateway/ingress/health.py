"""``/livez`` and ``/readyz``: for whoever starts and watches the process."""

from __future__ import annotations

from aiohttp import web

from gateway.core.pressure import Trouble
from gateway.ingress.bodies import HealthBody
from gateway.ingress.doors import doors_of
from gateway.ingress.replies import reply


async def live(_request: web.Request) -> web.Response:
    """``GET /livez``: the event loop turns."""
    return reply(HealthBody(status="live"))


async def ready(request: web.Request) -> web.Response:
    """``GET /readyz``: 200 where everything works, else 503 with the names of what does not; pressure alone is 200."""
    doors = doors_of(request)
    missing, strain = await doors.ready(), doors.strain()
    pressed = (
        ("database", strain.trouble is Trouble.FULL),
        ("space", bool(strain.space)),
        ("files", bool(strain.files)),
        ("backlog", bool(strain.backlog)),
    )
    body = HealthBody(
        status="not ready" if missing else "ready",
        missing=missing,
        pressure=tuple(what for what, is_pressed in pressed if is_pressed),
    )
    return reply(body, status=503 if missing else 200)
