"""Writes the Security header of a message of ours."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta

from lxml import etree

from gateway.security.wsse.anatomy import id_of
from gateway.security.wsse.moments import instant
from gateway.security.wsse.names import CONFIRMATION, SECURITY, WSA, WSSE, WSSE11, WSU, wsse, wsu
from gateway.security.wsse.policy import Sending, Signing
from gateway.security.wsse.signing import binary_token, sign, signing_pair
from gateway.security.wsse.usernames import username_token
from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element

_NONCE = 16  #: octets

# An attribute of a namespace that nobody has declared gets a prefix of lxml's making, ns0, which elements further in
# may use for another one. JAX-WS renames such prefixes while it reads, and our digest is wrong then.
etree.register_namespace("wsu", WSU)


def protect(
    message: SoapMessage,
    sending: Sending,
    *,
    now: datetime,
    random: Callable[[int], bytes],
    answers: bytes = b"",
) -> None:
    """Add to the message, in place, what was agreed. ``random`` returns so many octets. Raises NoValidKey.

    Each call writes a header of its own time, with a nonce and a signature that no other has. ``answers`` is the value
    of the signature that a reply is an answer to, empty where none was believed (WSS 1.1, 8.5).
    """
    if sending.is_empty:
        return
    security = _header(message, must_understand=sending.must_understand)
    mark = random(8).hex()
    if sending.timestamp is not None:
        security.append(_timestamp(now, sending.timestamp))
    if sending.login is not None:
        security.append(username_token(sending.login, nonce=random(_NONCE), now=now))
    if sending.confirms:
        security.append(_confirmation(answers))
    if sending.signing is not None:
        _sign(message, security, sending.signing, now, mark)


def _header(message: SoapMessage, *, must_understand: bool) -> Element:
    security = etree.SubElement(message.header(), SECURITY, nsmap={"wsse": WSSE, "wsu": WSU})
    if must_understand:
        security.set(message.version.tag("mustUnderstand"), "1")
    return security


def _timestamp(now: datetime, lifetime: timedelta) -> Element:
    stamp = etree.Element(wsu("Timestamp"))
    etree.SubElement(stamp, wsu("Created")).text = instant(now)
    etree.SubElement(stamp, wsu("Expires")).text = instant(now + lifetime)
    return stamp


def _confirmation(answers: bytes) -> Element:
    """Return what says which signature was believed: without a value, none was."""
    confirmation = etree.Element(CONFIRMATION, nsmap={"wsse11": WSSE11})
    if answers:
        confirmation.set("Value", base64.b64encode(answers).decode())
    return confirmation


def _sign(message: SoapMessage, security: Element, signing: Signing, now: datetime, mark: str) -> None:
    pair = signing_pair(signing, now)
    token = binary_token(pair)
    security.append(token)
    kinds = {"username": wsse("UsernameToken"), "token": wsse("BinarySecurityToken")}
    inside = {wsu("Timestamp"), CONFIRMATION, *(tag for name, tag in kinds.items() if name in signing.also)}
    targets = [message.body(), *(child for child in security.iterchildren("*") if child.tag in inside)]
    if "addressing" in signing.also:
        targets += message.header().iterchildren(f"{{{WSA}}}*")
    for number, element in enumerate((*targets, token)):
        if id_of(element) is None:
            element.set(wsu("Id"), f"gw-{number}-{mark}")
    sign(security, {str(id_of(element)): element for element in targets}, signing, pair, str(id_of(token)))
