"""From an HTTP request to an envelope that may be believed: unpacked, parsed, verified, and only then taken apart."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

from gateway.ingress.doors import doors_of
from gateway.ingress.soap import security
from gateway.ingress.soap.unpacking import unpack
from gateway.wire.soap import Envelope, open_envelope, parse_envelope
from gateway.wire.xml import XmlLimits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """A request that was read."""

    envelope: Envelope = field(repr=False)


async def opened(request: web.Request) -> Opened:
    """Read a request; raises SoapProblem where the envelope is wrong, Problem where it could not be read whole."""
    unpacked = await unpack(request)
    limits = XmlLimits(max_bytes=doors_of(request).server.body_limit)
    root = parse_envelope(unpacked.root, unpacked.content_type, limits=limits)
    believed = await security.accept(request, root)
    envelope = open_envelope(believed, unpacked.content_type, understood=security.UNDERSTOOD)
    return Opened(envelope=envelope)
