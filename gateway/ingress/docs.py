"""``/docs``: the reference for people; the page draws it from ``/openapi.json`` and loads nothing from outside."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from aiohttp import web

_POLICY = (
    "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


async def show(_request: web.Request) -> web.Response:
    """``GET /docs``."""
    headers = {"Content-Security-Policy": _POLICY}
    return web.Response(body=_page(), content_type="text/html", charset="utf-8", headers=headers)


@cache
def _page() -> bytes:
    return files("gateway.ingress").joinpath("docs.html").read_bytes()
