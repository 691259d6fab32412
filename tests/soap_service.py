"""The partner's side of a WSDL: what reads the requests that we write, and answers them."""

from dataclasses import dataclass, field

from lxml import etree

from gateway.wire.soap import SoapVersion, fault_of, open_envelope, parse_envelope
from gateway.wire.xml import XmlLimits, to_bytes

_LIMITS = XmlLimits(max_bytes=40 * 1024 * 1024)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request that was read, and the declared headers in it."""

    operation: str
    version: SoapVersion
    values: dict
    headers: dict = field(default_factory=dict)


def read_request(wsdl, data, content_type=None):
    """Return what a client says; raises SoapProblem and CodecError."""
    operations = [wsdl.operation(name, one) for name, one in _bound(wsdl)]
    understood = {tag for one in operations for tag in one.request.header_tags}
    root = parse_envelope(data, content_type, limits=_LIMITS)
    envelope = open_envelope(root, content_type, understood=understood)
    spoken = (envelope.version, envelope.body.tag)
    operation = next(one for one in operations if (one.version, one.request.tag) == spoken)
    return Request(
        operation=operation.name,
        version=envelope.version,
        values=operation.request.read([envelope.body], validate=True),
        headers=operation.request.read_headers(envelope.headers, validate=True),
    )


def write_reply(wsdl, name, version, values):
    """Return the bytes of a reply."""
    return to_bytes(wsdl.operation(name, version).reply.write(values, {}))


def write_fault(version, problem, detail=None):
    """Return the bytes of a Fault."""
    return to_bytes(fault_of(version, problem.code, problem.reasons, detail))


def fault_detail(operation, name, values):
    """Return the detail of a fault that the WSDL declares."""
    (part,) = operation.source.faults[name].abstract.parts.values()
    holder = etree.Element("holder")
    part.element.render(holder, part.element(**values) if "_value_1" not in values else values["_value_1"])
    return holder[0]


def _bound(wsdl):
    versions = {version.number: version for version in SoapVersion}
    return [(name, versions[number]) for name in wsdl.operations for number in wsdl.versions(name)]
