"""Turns ``[options.transport]`` into a way to the partner; every problem is noted."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from gateway.sdk.reading import Reader, Table
from gateway.sdk.rules import Rule, compile_rules
from gateway.sdk.transport import lgsp, xroad
from gateway.sdk.transport.way import DIRECT, Transport
from gateway.wire.xroad import CLIENT, Identifier, SoapHeader

_KEY = "options.transport"
_Path = Annotated[str, msgspec.Meta(pattern=r"^(/[A-Za-z0-9._~-]+)+\Z", description="/path")]
_Text = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[\x20-\x7e]*\Z", description="plain letters")]


class DirectTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="direct"):
    """``kind = "direct"``: a plain connection."""


class XRoadTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="xroad"):
    """``kind = "xroad"``: through the security server at the endpoint."""

    client: str  #: instance/class/member/subsystem: ours
    service: str  #: instance/class/member/subsystem: the provider's
    version: _Text = ""  #: of a SOAP service
    user: _Text = ""
    issue: _Text = ""
    represented_party: _Text = ""
    security_server: _Text = ""


class XRoadAdapterTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="xroad_adapter"):
    """``kind = "xroad_adapter"``: by the HTTP adapter before a security server."""

    dstcode: str  #: ``VN:GOV:000.00.00.G22:vpcpdvcprovider``
    providerurl: _Text = ""
    path: _Path = "/XrdAdapter/RestService/forward"
    in_: Literal["query", "header"] = msgspec.field(name="in", default="query")  #: where ``dstcode`` goes


class LgspTable(Table, frozen=True, kw_only=True, tag_field="kind", tag="lgsp"):
    """``kind = "lgsp"``: through a provincial LGSP."""


TransportTable: TypeAlias = DirectTable | XRoadTable | XRoadAdapterTable | LgspTable


class _TransportOptions(Table, frozen=True, kw_only=True):
    transport: TransportTable = DirectTable()


def compile_transport(raw: object, reader: Reader, *, enveloped: bool) -> Transport:
    """Return the way; a plain one where nothing is declared or something is wrong.

    ``enveloped`` says whether SOAP is spoken, which X-Road carries otherwise than REST.
    """
    options = reader.read(_TransportOptions, {"transport": raw} if raw is not None else {}, "options")
    match options.transport if options else DirectTable():
        case DirectTable():
            return DIRECT
        case LgspTable():
            return lgsp.Lgsp(_rules(lgsp.RULES))
        case XRoadAdapterTable() as table:
            return _adapter(table, reader)
        case XRoadTable() as table:
            return _xroad(table, reader, enveloped=enveloped)


def _rules(raws: tuple[dict[str, object], ...]) -> tuple[Rule, ...]:
    return compile_rules(raws, _KEY, Reader(_KEY))


def _adapter(table: XRoadAdapterTable, reader: Reader) -> Transport:
    reader.made(f"{_KEY}.dstcode", Identifier.parse, table.dstcode)
    dstcode = {"dstcode": table.dstcode}
    query = {"providerurl": table.providerurl} if table.providerurl else {}
    if table.in_ == "query":
        return xroad.XRoadAdapter(_rules(xroad.RULES), path=table.path, query={**dstcode, **query}, headers={})
    return xroad.XRoadAdapter(_rules(xroad.RULES), path=table.path, query=query, headers=dstcode)


def _xroad(table: XRoadTable, reader: Reader, *, enveloped: bool) -> Transport:
    client = reader.made(f"{_KEY}.client", Identifier.parse, table.client)
    service = reader.made(f"{_KEY}.service", Identifier.parse, table.service)
    if service is not None and not service.is_subsystem:
        text = "a security server finds no service without a subsystem"
        reader.wrong(f"{_KEY}.service", text, "write instance/class/member/subsystem")
    if client is None or service is None:
        return DIRECT
    rules = _rules(xroad.RULES)
    if not enveloped:
        return xroad.XRoadRest(rules, service=service, headers={CLIENT: str(client), **_headers(table)})
    for name in ("represented_party", "security_server"):
        if getattr(table, name):
            reader.wrong(f"{_KEY}.{name}", "is of X-Road's REST protocol only", "take it out")
    header = SoapHeader(client=client, service=service, version=table.version, user=table.user, issue=table.issue)
    return xroad.XRoadSoap(rules, header=header)


def _headers(table: XRoadTable) -> dict[str, str]:
    named = {
        "X-Road-UserId": table.user,
        "X-Road-Issue": table.issue,
        "X-Road-Represented-Party": table.represented_party,
        "X-Road-Security-Server": table.security_server,
    }
    return {name: text for name, text in named.items() if text}
