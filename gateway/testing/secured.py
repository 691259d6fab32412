"""Messages secured as a partner would secure them, for tests of whoever reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from gateway.security.certificates import read_key_pair
from gateway.security.wsse.names import wsse, wsu
from gateway.security.wsse.policy import Sending, Signing
from gateway.security.wsse.protecting import protect
from gateway.testing.certificates import certified
from gateway.wire.soap import SoapVersion, envelope_of
from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element, parse

NOON = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
PARTNER = read_key_pair(certified("partner")[0])
SIGNED = Sending(timestamp=timedelta(minutes=5), signing=Signing(pairs=(PARTNER,)))


@dataclass(slots=True)
class Counter:
    """Octets that look random and are the same in every run."""

    count: int = 0

    def __call__(self, size: int) -> bytes:
        """Return so many octets."""
        self.count += 1
        return self.count.to_bytes(size)


def crowded(elements: int = 40_000, version: SoapVersion = SoapVersion.V11) -> bytes:
    """Return an envelope of many elements that says it is secured, and proves nothing."""
    names = f"xmlns:s='{version.namespace}' xmlns:u='{etree.QName(wsu('Id')).namespace}'"
    claim = f"<s:Header><w:Security xmlns:w='{etree.QName(wsse('Security')).namespace}'/></s:Header>"
    many = "".join(f"<a u:Id='i{number}'/>" for number in range(elements))
    return f"<s:Envelope {names}>{claim}<s:Body><b>{many}</b></s:Body></s:Envelope>".encode()


def a_message(text: str = "H01-26-0001", version: SoapVersion = SoapVersion.V11) -> SoapMessage:
    """Return a message that nobody has secured."""
    body = etree.Element("{urn:invented:register}ping", nsmap={"r": "urn:invented:register"})
    etree.SubElement(body, "{urn:invented:register}code").text = text
    return SoapMessage(version=version, envelope=envelope_of(version, body))


def secured(
    message: SoapMessage | None = None,
    sending: Sending = SIGNED,
    *,
    now: datetime = NOON,
    random: Callable[[int], bytes] | None = None,
) -> Element:
    """Return the envelope as it arrives: written, and parsed again."""
    message = message or a_message()
    protect(message, sending, now=now, random=random or Counter())
    return parse(etree.tostring(message.envelope))
