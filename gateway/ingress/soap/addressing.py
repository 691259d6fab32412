"""WS-Addressing at the door: a message that names itself gets an answer that says so, and is done once.

Nothing asks for it: the WSDL declares no addressing. A stack that sends the headers is answered over the same
connection and nowhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web
from lxml import etree

from gateway.ingress.doors import doors_of
from gateway.ingress.soap.shape import NAMESPACE
from gateway.intake.intake import Item
from gateway.intake.results import Faulty
from gateway.wire.soap import Envelope, FaultCode, SoapProblem
from gateway.wire.soap_addressing import (
    Addressed,
    Addressing,
    AddressingError,
    address,
    is_here,
    message_id,
    read_addressing,
)
from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element

_SAID = web.RequestKey("soap_addressed", Addressed)


def addressed(request: web.Request, envelope: Envelope) -> None:
    """Note what a message says of itself; raises SoapProblem."""
    try:
        said = read_addressing(envelope.headers)
    except AddressingError as error:
        raise _problem(
            "InvalidAddressingHeader",
            Addressing.V2005,
            vi=f"WS-Addressing không hợp lệ ({error.header}).",
            en=f"WS-Addressing: {error}.",
        ) from error
    if said is not None:
        request[_SAID] = said
        _check(said, f"{NAMESPACE}:{etree.QName(envelope.body).localname}")


def _check(said: Addressed, action: str) -> None:
    if not (is_here(said.version, said.reply_to) and is_here(said.version, said.fault_to)):
        raise _problem(
            "OnlyAnonymousAddressSupported",
            said.version,
            vi="Chỉ trả lời trên cùng kết nối: ReplyTo và FaultTo phải là địa chỉ anonymous.",
            en="Answers go over the same connection only: ReplyTo and FaultTo must be anonymous.",
        )
    if said.action != action:
        code = "ActionNotSupported" if said.action else "MessageAddressingHeaderRequired"
        raise _problem(
            code,
            said.version,
            vi=f"Action của WS-Addressing phải là soapAction trong WSDL: {action}.",
            en=f"WS-Addressing's Action must be the WSDL's soapAction: {action}.",
        )


def keyed(request: web.Request, items: Sequence[Item | Faulty]) -> Sequence[Item | Faulty]:
    """Give items without an id of their own one that follows from the message's, so that a repetition is known."""
    said = request.get(_SAID)
    if said is None or not said.message_id:
        return items
    name = hashlib.sha256(said.message_id.encode()).hexdigest()[:40]
    return [_keyed(item, f"wsa-{name}-{position}") for position, item in enumerate(items)]


def _keyed(item: Item | Faulty, key: str) -> Item | Faulty:
    return replace(item, dedup_key=key) if isinstance(item, Item) and item.dedup_key is None else item


def answer(request: web.Request, message: SoapMessage) -> None:
    """Say in a reply or a Fault, in place, which message it answers, where that message had a name."""
    said = request.get(_SAID)
    if said is None or not said.message_id:
        return
    own = message_id("answer", doors_of(request).ids.token())
    child = next(message.body().iterchildren("*"))
    address(message, said.version, action=_action(child, said.version), message_id=own, relates_to=said.message_id)


def _action(child: Element, version: Addressing) -> str:
    """Return what the WSDL implies for the output (WS-Addressing Metadata, 4.4.4), or what every Fault is called."""
    name = etree.QName(child)
    if name.namespace == NAMESPACE:
        return f"{NAMESPACE}:Events:{name.localname}"
    return f"{version.value}/soap/fault" if version is Addressing.V2005 else f"{version.value}/fault"


def _problem(code: str, version: Addressing, *, vi: str, en: str) -> SoapProblem:
    return SoapProblem(FaultCode.CLIENT, vi=vi, en=en, subcode=version.tag(code))
