"""The plug-in door: open to all, for its session stands in the body."""

from __future__ import annotations

from msgspec import Struct

from gateway.ingress.plug_in import door as plug_in
from gateway.ingress.plug_in.door import TokenBody, TokenErrorBody
from gateway.ingress.plug_in.verdicts import PlugInBody
from gateway.ingress.table.door import Door

_SUMMARY = "Giao thức của Cổng DVC quốc gia cho phần mềm một cửa · The national portal's client protocol, for portals"

_TAG = "Giao thức Cổng DVC quốc gia · The plug-in door"

_Others = tuple[tuple[int, type[Struct]], ...]
_REFUSED: _Others = tuple((status, TokenErrorBody) for status in (400, 401, 408, 413, 429, 503))
_TOKEN: _Others = ((200, TokenBody), *_REFUSED)


def below(prefix: str) -> Door:
    """Return the door at which a portal calls under this path."""
    at = f"POST {prefix}/{{path:.*}}"
    return Door(
        at,
        plug_in.receive,
        _SUMMARY,
        tag=_TAG,
        answer=PlugInBody,
        others=_TOKEN,
        refuse=plug_in.refused,
        open=True,
    )


PLUG_IN: tuple[Door, ...] = (
    below("/dvcqg/{system}"),
    below("/XrdAdapter/RestService/forward"),
    below("/VXPAdapter/RestService/forward"),
    Door(
        "POST /token",
        plug_in.token,
        "Mã truy cập (client_credentials) · An access token for the plug-in door",
        tag=_TAG,
        media=("application/x-www-form-urlencoded",),
        answer=TokenBody,
        others=_REFUSED,
        refuse=plug_in.refused,
        open=True,
    ),
)
