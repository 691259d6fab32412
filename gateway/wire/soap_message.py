"""A SOAP message on its way out, while it is still a tree: what signs it and what packs it meet here.

Bytes are made in one place, by what packs the message, and after everything that changes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from gateway.wire.attachments import Attachment
from gateway.wire.request_body import StreamBody
from gateway.wire.soap import SoapVersion
from gateway.wire.xml import Element, XmlError, XmlLimits, parse, to_bytes


@dataclass(slots=True, kw_only=True, eq=False)
class SoapMessage:
    """One envelope that may still be changed."""

    version: SoapVersion
    envelope: Element = field(repr=False)
    action: str = ""  #: what the WSDL calls soapAction
    attachments: Mapping[str, Attachment] = field(default_factory=dict[str, Attachment])  #: by what stands for each

    def header(self) -> Element:
        """Return the envelope's Header, which is made where there is none."""
        found = self.envelope.find(self.version.tag("Header"))
        if found is None:
            found = etree.Element(self.version.tag("Header"))
            self.envelope.insert(0, found)
        return found

    def body(self) -> Element:
        """Return the envelope's Body."""
        found = self.envelope.find(self.version.tag("Body"))
        if found is None:
            raise ValueError("an envelope has a Body")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A message as HTTP carries it: its Content-Type, SOAP 1.1's SOAPAction, and its bytes."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes | StreamBody = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What arrived, taken apart: the SOAP part, and what it says of itself."""

    root: bytes = field(repr=False)
    content_type: str  #: ``text/xml`` or ``application/soap+xml``, with parameters


def read_message(data: bytes) -> SoapMessage:
    """Return a whole envelope as a message that may still be changed; raises ValueError where it is none."""
    try:
        root = parse(data, limits=XmlLimits(max_bytes=max(len(data), 1)))
    except XmlError:
        raise ValueError("it is no XML") from None
    version = next((one for one in SoapVersion if root.tag == one.tag("Envelope")), None)
    if version is None or root.find(version.tag("Body")) is None:
        raise ValueError("it is no SOAP envelope with a Body")
    return SoapMessage(version=version, envelope=root)


def pack(message: SoapMessage) -> Packed:
    """Return the message alone, without attachments."""
    return Packed(headers=http_headers(message.version, message.action), body=to_bytes(message.envelope))


def http_headers(version: SoapVersion, action: str) -> dict[str, str]:
    """Return Content-Type, and for SOAP 1.1 SOAPAction, which must be there even where it is empty."""
    headers = {"Content-Type": version.content_type(action)}
    return headers | {"SOAPAction": f'"{action}"'} if version is SoapVersion.V11 else headers
