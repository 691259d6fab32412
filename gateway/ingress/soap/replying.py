"""From an envelope to the HTTP response: one way for replies and Faults."""

from __future__ import annotations

from aiohttp import web

from gateway.ingress.soap import addressing, security
from gateway.wire.soap import SoapVersion
from gateway.wire.soap_message import SoapMessage, pack
from gateway.wire.xml import Element

SPOKEN = web.RequestKey("soap_version", SoapVersion)  #: of an envelope that was read
_FAULT = 500


def replied(request: web.Request, version: SoapVersion, envelope: Element) -> web.Response:
    """Return the response that carries a reply."""
    return _response(request, version, envelope, 200)


def faulted(request: web.Request, version: SoapVersion, envelope: Element) -> web.Response:
    """Return the response that carries a Fault: HTTP 500, the one status every stack reads a Fault under."""
    return _response(request, version, envelope, _FAULT)


def _response(request: web.Request, version: SoapVersion, envelope: Element, status: int) -> web.Response:
    message = SoapMessage(version=version, envelope=envelope)
    addressing.answer(request, message)
    security.protect(request, message)
    packed = pack(message)
    return web.Response(status=status, body=packed.body, headers={"Content-Type": packed.headers["Content-Type"]})
