"""WS-Addressing: the headers that name a message, and say which message a reply answers.

Version 1.0 (W3C, 2005/08), and the submission of 2004/08 that WSE 3.0 and Axis2 of its time still speak. Only
anonymous replies are known: the answer comes back over the same connection.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from lxml import etree

from gateway.wire.errors import WireError
from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element

_SPACE = uuid.UUID("5b0f7a7e-7f0e-5d0c-9a51-0f3f8a2d6c11")  #: of the ids made here
_SINGLE = ("Action", "MessageID", "To", "From", "ReplyTo", "FaultTo")


class Addressing(Enum):
    """The two versions, by namespace."""

    V2005 = "http://www.w3.org/2005/08/addressing"
    V2004 = "http://schemas.xmlsoap.org/ws/2004/08/addressing"

    @property
    def anonymous(self) -> str:
        """The address that means: answer over this connection."""
        return self.value + ("/anonymous" if self is Addressing.V2005 else "/role/anonymous")

    def tag(self, name: str) -> str:
        """Return a name of this version, as lxml writes it."""
        return f"{{{self.value}}}{name}"


#: The header blocks that are understood, as lxml writes their names.
UNDERSTOOD = frozenset(version.tag(name) for version in Addressing for name in (*_SINGLE, "RelatesTo"))


class AddressingError(WireError):
    """Headers that contradict each other; ``header`` names one of them, never its value."""

    def __init__(self, header: str, problem: str) -> None:
        super().__init__(f"{header}: {problem}")
        self.header = header
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """What the headers of a message say; empty where they say nothing."""

    version: Addressing
    action: str = ""
    message_id: str = field(default="", repr=False)
    reply_to: str = ""
    fault_to: str = ""
    relates_to: tuple[str, ...] = field(default=(), repr=False)  #: the messages that it answers


def message_id(*parts: str) -> str:
    """Return an id that is the same for the same parts and for no others."""
    return f"urn:uuid:{uuid.uuid5(_SPACE, '/'.join(parts))}"


def address(
    message: SoapMessage, version: Addressing, *, action: str, message_id: str, to: str = "", relates_to: str = ""
) -> None:
    """Put the headers into a message, in place; a request says where it goes and that it wants an answer here."""
    header = message.header()
    _add(header, version, "Action", action)
    _add(header, version, "MessageID", message_id)
    if relates_to:
        _add(header, version, "RelatesTo", relates_to)
    if to:
        _add(header, version, "To", to)
        reply = etree.SubElement(header, version.tag("ReplyTo"))
        _add(reply, version, "Address", version.anonymous)


def read_addressing(headers: Iterable[Element]) -> Addressed | None:
    """Return what the headers say; None where they do not speak of addresses. Raises AddressingError."""
    blocks = [one for one in headers if one.tag in UNDERSTOOD]
    versions = {etree.QName(one).namespace for one in blocks}
    if not blocks:
        return None
    if len(versions) > 1:
        raise AddressingError("Action", "two versions of WS-Addressing in one message")
    version = Addressing(versions.pop())
    single = {name: _single(blocks, version, name) for name in _SINGLE}
    return Addressed(
        version=version,
        action=_text(single["Action"]),
        message_id=_text(single["MessageID"]),
        reply_to=_endpoint(single["ReplyTo"], version),
        fault_to=_endpoint(single["FaultTo"], version),
        relates_to=tuple(_text(one) for one in blocks if one.tag == version.tag("RelatesTo") and _is_reply(one)),
    )


def is_here(version: Addressing, reply_to: str) -> bool:
    """Whether an answer to this address goes back over the same connection."""
    return reply_to in ("", version.anonymous)


def _add(parent: Element, version: Addressing, name: str, text: str) -> None:
    nsmap: Mapping[str, str] = {"wsa": version.value}
    etree.SubElement(parent, version.tag(name), nsmap=nsmap).text = text


def _single(blocks: list[Element], version: Addressing, name: str) -> Element | None:
    found = [one for one in blocks if one.tag == version.tag(name)]
    if len(found) > 1:
        raise AddressingError(name, "stands twice")
    return found[0] if found else None


def _endpoint(element: Element | None, version: Addressing) -> str:
    return _text(element.find(version.tag("Address"))) if element is not None else ""


def _is_reply(element: Element) -> bool:
    return element.get("RelationshipType", "").rpartition("/")[2].rpartition(":")[2] in ("", "reply", "Reply")


def _text(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""
