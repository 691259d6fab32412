"""X-Road's message protocols: how a service is named, what travels round a message, and how its errors are told apart.

PR-REST 1.0 (X-Road: Message Protocol for REST) and PR-MESS 4.0 (X-Road: Message Protocol, SOAP 1.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from lxml import etree

from gateway.wire.soap_fault import SoapFault
from gateway.wire.xml import Element

CLIENT = "X-Road-Client"
ID = "X-Road-Id"
ERROR = "X-Road-Error"
#: What a security server says of a message beside its answer, and what its own log knows the message by.
SAID = (ID, "X-Road-Request-Id", "X-Road-Request-Hash")
HASH = "requestHash"  #: the same of a SOAP message

XROAD = "http://x-road.eu/xsd/xroad.xsd"
IDENTIFIERS = "http://x-road.eu/xsd/identifiers"
VERSION = "4.0"

_PART = re.compile(r"[A-Za-z0-9'()+,\-.=?_]{1,255}", re.ASCII)
_SIGN = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)  #: what may be kept of what a server says
_OWN = ("server.serverproxy", "server.clientproxy", "client", "signer")
_SERVICE, _MEMBER = 4, 3  #: parts of the name of a subsystem, and of a member
_NAMES = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")


@dataclass(frozen=True, slots=True)
class Identifier:
    """A member, ``VN/GOV/000.00.00.H52``, or one of its subsystems, with a fourth part."""

    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Identifier:
        """Read parts between ``/``, or between ``:`` as ``dstcode`` has them; raises ValueError."""
        parts = tuple(text.split("/" if "/" in text else ":"))
        if len(parts) not in (_MEMBER, _SERVICE) or not all(map(_PART.fullmatch, parts)):
            raise ValueError(f"`{text}` names no X-Road member: write instance/class/member/subsystem")
        return cls(parts)

    @property
    def is_subsystem(self) -> bool:
        """Whether it names a subsystem."""
        return len(self.parts) == _SERVICE

    def __str__(self) -> str:
        """Return it as headers show it."""
        return "/".join(self.parts)

    @property
    def path(self) -> str:
        """Where its REST services are at a security server; each part is percent-encoded by itself."""
        return "/r1/" + "/".join(quote(part, safe="") for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapHeader:
    """The header blocks of a SOAP request (PR-MESS 4.0, section 4.3)."""

    client: Identifier
    service: Identifier
    version: str = ""  #: of the service
    user: str = ""
    issue: str = ""

    def add(self, header: Element, service: str, message_id: str) -> None:
        """Add to an envelope's Header what it does not hold yet; ``service`` is the wrapper element's name."""
        wanted: dict[str, Callable[[Element], None]] = {
            "client": self._client,
            "service": lambda block: self._service(block, service),
            "userId": lambda block: _text(block, self.user),
            "id": lambda block: _text(block, message_id),
            "issue": lambda block: _text(block, self.issue),
            "protocolVersion": lambda block: _text(block, VERSION),
        }
        left_out = {"userId": not self.user, "issue": not self.issue}
        for name, fill in wanted.items():
            tag = f"{{{XROAD}}}{name}"
            if header.find(tag) is None and not left_out.get(name, False):
                fill(etree.SubElement(header, tag, nsmap={"xrd": XROAD, "id": IDENTIFIERS}))

    def _client(self, block: Element) -> None:
        _named(block, "SUBSYSTEM" if self.client.is_subsystem else "MEMBER", self.client.parts)

    def _service(self, block: Element, service: str) -> None:
        _named(block, "SERVICE", self.service.parts)
        _part(block, "serviceCode", service)
        if self.version:
            _part(block, "serviceVersion", self.version)


def _named(block: Element, kind: str, parts: tuple[str, ...]) -> None:
    block.set(f"{{{IDENTIFIERS}}}objectType", kind)
    for name, part in zip(_NAMES, parts, strict=False):
        _part(block, name, part)


def _part(block: Element, name: str, text: str) -> None:
    etree.SubElement(block, f"{{{IDENTIFIERS}}}{name}").text = text


def _text(block: Element, text: str) -> None:
    block.text = text


def code_of(said: str) -> str:
    """Return an error's code in the form that rules compare: lower-case, without ``_``.

    The specification writes ``Server.ServerProxy.NetworkError``, servers of today ``server.serverproxy.network_error``.
    """
    return said.strip().lower().replace("_", "")[:200]


def fault_code(fault: SoapFault) -> str:
    """Return the code of X-Road's own fault, empty where the provider speaks: only X-Road gives a ``faultDetail``."""
    code = code_of(fault.code)
    is_own = any(code == own or code.startswith(own + ".") for own in _OWN)
    return code if is_own and fault.detail is not None and fault.detail.find("{*}faultDetail") is not None else ""


def said_in(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what a REST reply's headers say of the message, for the attempt's record."""
    lowered = {name.lower(): text for name, text in headers.items()}
    found = {name: lowered.get(name.lower(), "") for name in SAID}
    return {name: text for name, text in found.items() if _SIGN.fullmatch(text)}


def said_in_soap(root: Element) -> dict[str, str]:
    """Return what the header of a SOAP reply says of the message, for the attempt's record."""
    block = root.find(f"{{*}}Header/{{{XROAD}}}{HASH}")
    text = (block.text or "").strip() if block is not None else ""
    return {HASH: text} if _SIGN.fullmatch(text) else {}
