"""From an HTTP request to an envelope that may be believed: unpacked, parsed, verified, and only then taken apart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from aiohttp import web

from gateway.ingress.doors import SMALL, doors_of
from gateway.ingress.problems import Problem
from gateway.ingress.soap import addressing, security
from gateway.ingress.soap.replying import SPOKEN
from gateway.ingress.soap.schema import CONTENT
from gateway.ingress.soap.shape import NAMESPACE
from gateway.ingress.unpacking import Files, Package, unpack
from gateway.model.texts import Said
from gateway.wire.soap import Envelope, FaultCode, SoapProblem, open_envelope, parse_envelope
from gateway.wire.soap_addressing import UNDERSTOOD
from gateway.wire.xml import Element, XmlLimits
from gateway.wire.xop import XopError, detach

_CONTENT = f"{{{NAMESPACE}}}{CONTENT}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """A request that was read."""

    envelope: Envelope = field(repr=False)
    attached: Mapping[str, str]  #: Content-IDs, by the marker that stands for each in the envelope
    files: Files


async def opened(request: web.Request) -> Opened:
    """Read a request; raises SoapProblem where the envelope is wrong, Problem where it could not be read whole."""
    package = await unpack(request)
    unpacked = package.unpacked
    async with doors_of(request).turn(unpacked.root):
        believed = await _believed(request, package)
    understood = security.UNDERSTOOD | UNDERSTOOD
    held = None if package.files.may_come else unpacked.content_type  # npm soap calls every package's root text/xml
    envelope = open_envelope(believed, held, understood=understood)
    request[SPOKEN] = envelope.version
    addressing.addressed(request, envelope)
    return Opened(envelope=envelope, attached=_detached(believed), files=package.files)


async def _believed(request: web.Request, package: Package) -> Element:
    """Return of the root of a package what may be believed."""
    root = package.unpacked.root
    limits = XmlLimits(max_bytes=doors_of(request).server.body_limit)
    parsed = partial(parse_envelope, root, package.unpacked.content_type, limits=limits)
    envelope = await asyncio.to_thread(parsed) if len(root) > SMALL else parsed()
    if package.files.may_come:
        _refuse_signed(envelope)
    return await security.accept(request, envelope)


def _refuse_signed(root: Element) -> None:
    """Refuse a signature beside which files travel: it cannot cover them, since it stands for them inside."""
    if next(root.iter(*security.SEALS), None) is not None:
        raise SoapProblem(
            FaultCode.CLIENT,
            name="attachments.invalid",
            vi="Bản tin đã ký hoặc mã hoá không được kèm tệp (MTOM, SwA): hãy gửi tệp trong nội dung, dạng base64.",
            en="A signed or encrypted message cannot have attachments (MTOM, SwA): send files inside it, as base64.",
        )


def _detached(root: Element) -> dict[str, str]:
    """Put a marker wherever a file's content stands beside the envelope."""
    try:
        return detach(root, _CONTENT)
    except XopError as error:
        raise Problem("attachments.invalid", place=Said("envelope"), problem=Said(error)) from error
