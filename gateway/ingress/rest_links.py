"""``/v1/links``: files for partners that hold a link and no key."""

from __future__ import annotations

from aiohttp import web

from gateway.core.ids import KeyId
from gateway.ingress import rest_files
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.problems import Problem
from gateway.security.keys import Caller

_KEY = KeyId("link")  #: what the records show in place of a key


async def download(request: web.Request) -> web.StreamResponse:
    """``GET /v1/links/{token}``: the file, as long as its system may have it and the link has not ended."""
    doors = doors_of(request)
    grant = doors.links.read(request.match_info["token"])
    if grant is None or grant.system not in doors.systems:
        raise Problem("link.not_found")
    if grant.ends_at <= doors.clock.now():
        raise Problem("link.expired")
    visit_of(request).caller = Caller.of(grant.system, _KEY)  # whom it was made for is shown the file
    return await rest_files.send(request, grant.file)
