"""The plug-in door as ``/openapi.json`` describes it: open to all, for its session stands in the body."""

from __future__ import annotations

from msgspec import Struct

from gateway.ingress.operation import Operation
from gateway.ingress.plug_in.door import TokenBody, TokenErrorBody
from gateway.ingress.plug_in.verdicts import PlugInBody

_SUMMARY = "Giao thức của Cổng DVC quốc gia cho phần mềm một cửa · The national portal's client protocol, for portals"


_Others = tuple[tuple[int, type[Struct]], ...]
_REFUSED: _Others = tuple((status, TokenErrorBody) for status in (400, 401, 408, 413, 429, 503))
_TOKEN: _Others = ((200, TokenBody), *_REFUSED)


def _door(path: str) -> Operation:
    return Operation(path=path, method="post", summary=_SUMMARY, answer=PlugInBody, others=_TOKEN, open=True)


PLUG_IN: tuple[Operation, ...] = (
    _door("/dvcqg/{system}/{path}"),
    _door("/XrdAdapter/RestService/forward/{path}"),
    _door("/VXPAdapter/RestService/forward/{path}"),
    Operation(
        path="/token",
        method="post",
        summary="Mã truy cập (client_credentials) · An access token for the plug-in door",
        media=("application/x-www-form-urlencoded",),
        answer=TokenBody,
        others=_REFUSED,
        open=True,
    ),
)
