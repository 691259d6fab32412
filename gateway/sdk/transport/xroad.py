"""X-Road: REST and SOAP through a security server, and the HTTP adapter that the national exchange puts before one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.sdk.request import Outgoing, digest_of
from gateway.sdk.rules import Reply
from gateway.sdk.transport.way import Transport, shorter
from gateway.wire import xroad
from gateway.wire.soap_fault import parse_fault
from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element

#: What surely ended before the provider had the message; the documented table of docs/reference/system-files.md.
RULES: tuple[dict[str, object], ...] = (
    {
        "transport": [
            "client.*",
            "server.clientproxy.unknownmember",
            "server.clientproxy.sslauthenticationfailed",
            "server.clientproxy.cannotcreatesignature",
            "server.clientproxy.outdatedglobalconf",
            "server.clientproxy.maintenancemode",
            "server.serverproxy.accessdenied",
            "server.serverproxy.unknownservice",
            "server.serverproxy.unknownmember",
            "server.serverproxy.servicedisabled",
            "server.serverproxy.servicemissingurl",
            "server.serverproxy.servicemalformedurl",
            "server.serverproxy.invalidsecurityserver",
            "server.serverproxy.clientproxyversionnotsupported",
            "server.serverproxy.sslauthenticationfailed",
            "server.serverproxy.outdatedglobalconf",
            "server.serverproxy.maintenancemode",
        ],
        "then": "retry",
    },
    {"transport": ["*"], "then": "ambiguous"},
)
_OURS = uuid.UUID("6d4f5b1e-6c0a-5b7e-9b0f-2f1a4c0d8e57")  #: of the ids that we give messages


def message_id(about: str, what: str) -> str:
    """Return the UUID of a message: the same on every try, another for every other call about the same."""
    return str(uuid.uuid5(_OURS, f"{about} {what}"))


@dataclass(frozen=True, slots=True)
class _Listens(Transport):
    """Knows X-Road's own errors."""

    def heard(self, reply: Reply) -> Reply:
        """Tell X-Road's error by its header (PR-REST, section 4.6)."""
        said = reply.header(xroad.ERROR)
        proof = {**reply.proof, **xroad.said_in(reply.headers)}
        return replace(reply, transport=xroad.code_of(said) if said else reply.transport, proof=proof)


@dataclass(frozen=True, slots=True, kw_only=True)
class XRoadRest(_Listens):
    """PR-REST: the service's name in the path, ours in a header."""

    service: xroad.Identifier
    headers: Mapping[str, str]  #: of every request

    def carry(self, outgoing: Outgoing, endpoint: str, about: str) -> Outgoing:
        """Return the request to the security server."""
        rest = shorter(outgoing, endpoint)
        if rest is None:
            return outgoing
        own = {name.lower() for name in outgoing.headers}
        ours = {name: text for name, text in self.headers.items() if name.lower() not in own}
        known = {xroad.ID: message_id(about, _summary(outgoing))} if about else {}
        headers = {**outgoing.headers, **ours, **known}
        return replace(outgoing, url=endpoint + self.service.path + rest, headers=headers, proof=known)


@dataclass(frozen=True, slots=True, kw_only=True)
class XRoadSoap(_Listens):
    """PR-MESS: the same in header blocks of the envelope."""

    header: xroad.SoapHeader

    def envelop(self, message: SoapMessage, operation: str, about: str) -> Mapping[str, str]:
        """Add the header blocks."""
        known = message_id(about, operation)
        self.header.add(message.header(), operation, known)
        return {xroad.ID: known}

    def opened(self, reply: Reply, root: Element) -> Reply:
        """Tell X-Road's own faults from the provider's."""
        fault = parse_fault(root)
        code = xroad.fault_code(fault) if fault is not None else ""
        return replace(reply, transport=code or reply.transport, proof={**reply.proof, **xroad.said_in_soap(root)})


@dataclass(frozen=True, slots=True, kw_only=True)
class XRoadAdapter(_Listens):
    """``…Adapter/RestService/forward/<path>?dstcode=…&providerurl=…`` before a security server."""

    path: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def carry(self, outgoing: Outgoing, endpoint: str, about: str) -> Outgoing:
        """Return the request to the adapter."""
        del about
        rest = shorter(outgoing, endpoint)
        if rest is None:
            return outgoing
        headers = {**self.headers, **outgoing.headers}
        return replace(
            outgoing, url=endpoint + self.path + rest, query={**outgoing.query, **self.query}, headers=headers
        )


def _summary(outgoing: Outgoing) -> str:
    """Return what tells two calls about the same delivery apart."""
    request = outgoing.encode()
    return f"{request.method} {request.url} {digest_of(request)}"
