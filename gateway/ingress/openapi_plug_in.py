"""The plug-in door as ``/openapi.json`` describes it: open to all, for its session stands in the body."""

from __future__ import annotations

from gateway.ingress.operation import Operation
from gateway.ingress.plug_in.door import TokenBody
from gateway.ingress.plug_in.verdicts import PlugInBody

_SUMMARY = "Giao thức của Cổng DVC quốc gia cho phần mềm một cửa · The national portal's client protocol, for portals"


def _door(path: str) -> Operation:
    return Operation(path=path, method="post", summary=_SUMMARY, answer=PlugInBody, open=True)


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
        open=True,
    ),
)
