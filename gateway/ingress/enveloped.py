"""A partner's own SOAP call that proves itself by its envelope (WS-Security), at a path that its file declares.

What is agreed is the same as at the SOAP door; what the call says beside that is in the partner's own format.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial

import structlog
from aiohttp import web
from lxml import etree

from gateway.core.ids import KeyId, SystemId
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.problems import Problem
from gateway.ingress.soap.security import SEALS, believed_of, key_of, protect, use_up
from gateway.ingress.unpacking import Package
from gateway.ports.adapter import Rendered
from gateway.security.wsse.anatomy import is_secured
from gateway.security.wsse.believing import Believed
from gateway.security.wsse.refusal import Unbelievable
from gateway.wire.soap_message import read_message
from gateway.wire.xml import Element, XmlError, XmlLimits, parse, to_bytes

_log = structlog.get_logger("gateway.access")

#: What stands for a key's id where a system has shown who it is in its own way.
BY_PROOF = KeyId("callback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """A call whose caller is known."""

    key_id: KeyId = BY_PROOF
    proof: str = field(default="", repr=False)  #: names this very call, where it may be made once only
    document: bytes = field(repr=False)  #: what may be read of it


async def known_by_envelope(request: web.Request, system: SystemId, package: Package) -> Identified | None:
    """Return what a call proves to be of a system; None where it proves nothing."""
    doors, raw = doors_of(request), package.unpacked.root
    expected = doors.partners.of(system).expected
    if not (expected.certificates or expected.account):
        return None
    limits = XmlLimits(max_bytes=doors.server.body_limit)
    try:
        async with doors.turn(raw):
            root = await asyncio.to_thread(partial(parse, raw, limits=limits))
            if not is_secured(root) or (package.files.may_come and next(root.iter(*SEALS), None) is not None):
                return None
            believed = await believed_of(request, root, system, expected)
            token = (await use_up(request, system, believed.once)).token if believed.once else ""
    except (XmlError, Unbelievable, Problem):
        return None
    return Identified(key_id=key_of(believed), proof=token, document=to_bytes(_proved(believed)))


def secured(request: web.Request, reply: Rendered) -> Rendered:
    """Return a reply in the partner's own words with the Security header that is agreed; as it is where it has no room.

    What was done is done: a reply that cannot be secured is sent, and whoever wants it signed asks again.
    """
    try:
        message = read_message(reply.body.body)
    except ValueError:  # the reply repeats what the caller said beside the envelope: XML may be unable to say it
        _log.error("reply_not_signed", system=visit_of(request).known.actor.name)
        return reply
    protect(request, message)
    return replace(reply, body=replace(reply.body, body=to_bytes(message.envelope)))


def _proved(believed: Believed) -> Element:
    """Return the envelope without what its signature does not cover: only its Body counts then."""
    envelope = believed.envelope
    body = etree.QName(etree.QName(envelope).namespace, "Body").text
    for child in list(envelope) if believed.signer else ():
        if child.tag != body:
            envelope.remove(child)
    return envelope
