"""The WSDL of the SOAP door: document/literal wrapped, SOAP 1.1 and 1.2 on one address, the schema inline.

``python -m gateway.ingress.soap.wsdl`` prints it; ``events-v1.wsdl`` is that, committed, because ministries generate
their clients from it: it may grow, and nothing in it may change.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from lxml import etree
from msgspec import Struct

from gateway.ingress.soap import messages
from gateway.ingress.soap.schema import FAULT, XS, schema
from gateway.ingress.soap.shape import NAMESPACE
from gateway.wire.soap import SoapVersion
from gateway.wire.xml import Element, parse

WSDL = "http://schemas.xmlsoap.org/wsdl/"
_SOAP = {
    SoapVersion.V11: "http://schemas.xmlsoap.org/wsdl/soap/",
    SoapVersion.V12: "http://schemas.xmlsoap.org/wsdl/soap12/",
}
_HTTP = "http://schemas.xmlsoap.org/soap/http"
_NSMAP = {
    "wsdl": WSDL,
    "tns": NAMESPACE,
    "soap": _SOAP[SoapVersion.V11],
    "soap12": _SOAP[SoapVersion.V12],
    "xs": XS,
}
_PORTS = {SoapVersion.V11: "EventsSoap11", SoapVersion.V12: "EventsSoap12"}
_ADDRESS = "https://gateway.example/soap/v1/events"
_FILE = "events-v1.wsdl"
#: Operation to its input; the output is named after it.
OPERATIONS: dict[str, tuple[type[Struct], type[Struct]]] = {
    "submitEvents": (messages.SubmitEvents, messages.SubmitEventsResponse),
    "getEvents": (messages.GetEvents, messages.GetEventsResponse),
    "acknowledge": (messages.Acknowledge, messages.AcknowledgeResponse),
}


def generate() -> bytes:
    """Return the WSDL as the model has it now."""
    root = etree.Element(_wsdl("definitions"), nsmap=_NSMAP, name="Events", targetNamespace=NAMESPACE)
    types = etree.SubElement(root, _wsdl("types"))
    types.append(schema(_elements()))
    for name in (*(name for name, _ in _elements()), FAULT):
        message = etree.SubElement(root, _wsdl("message"), name=name)
        part = "fault" if name == FAULT else "parameters"
        etree.SubElement(message, _wsdl("part"), name=part, element=f"tns:{name}")
    _port_type(root)
    for version in SoapVersion:
        _binding(root, version)
    _service(root)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8") + b"\n"


@cache
def committed() -> bytes:
    """Return the WSDL that ministries have."""
    return files("gateway.ingress.soap").joinpath(_FILE).read_bytes()


def at(address: str) -> bytes:
    """Return the WSDL with the address under which the caller reached us."""
    root = parse(committed())
    for namespace in _SOAP.values():
        for element in root.iter(f"{{{namespace}}}address"):
            element.set("location", address)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


@cache
def compiled() -> etree.XMLSchema:
    """Return the schema inside the WSDL, ready to validate; it imports nothing, so nothing is loaded."""
    return etree.XMLSchema(etree.fromstring(etree.tostring(_types(), with_tail=False)))


@cache
def declared() -> frozenset[str]:
    """Return the names, in braces their namespace, of all elements that the schema knows."""
    return frozenset(f"{{{NAMESPACE}}}{name}" for one in _types().iter(f"{{{XS}}}element") if (name := one.get("name")))


@cache
def bases() -> Mapping[str, str]:
    """Return what elements of a type without a name restrict, by local name: ``status`` is an ``xs:int``."""
    named = (one for one in _types().iter(f"{{{XS}}}element") if one.get("name"))
    found = ((one.get("name", ""), one.find(f"{{{XS}}}simpleType/{{{XS}}}restriction")) for one in named)
    return MappingProxyType({name: base.get("base", "") for name, base in found if base is not None})


def _types() -> Element:
    found = parse(committed()).find(f"{_wsdl('types')}/{{{XS}}}schema")
    if found is None:
        raise ValueError(f"{_FILE} holds no schema")
    return found


def _elements() -> list[tuple[str, type[Struct]]]:
    found: list[tuple[str, type[Struct]]] = []
    for name, (request, response) in OPERATIONS.items():
        found += [(name, request), (f"{name}Response", response)]
    return found


def _port_type(root: Element) -> None:
    port_type = etree.SubElement(root, _wsdl("portType"), name="Events")
    for name, (request, _) in OPERATIONS.items():
        operation = etree.SubElement(port_type, _wsdl("operation"), name=name)
        etree.SubElement(operation, _wsdl("documentation")).text = (request.__doc__ or "").replace("``", "")
        etree.SubElement(operation, _wsdl("input"), message=f"tns:{name}")
        etree.SubElement(operation, _wsdl("output"), message=f"tns:{name}Response")
        etree.SubElement(operation, _wsdl("fault"), name=FAULT, message=f"tns:{FAULT}")


def _binding(root: Element, version: SoapVersion) -> None:
    binding = etree.SubElement(root, _wsdl("binding"), name=_PORTS[version], type="tns:Events")
    etree.SubElement(binding, _soap(version, "binding"), style="document", transport=_HTTP)
    for name in OPERATIONS:
        operation = etree.SubElement(binding, _wsdl("operation"), name=name)
        etree.SubElement(operation, _soap(version, "operation"), soapAction=f"{NAMESPACE}:{name}", style="document")
        for direction in ("input", "output"):
            etree.SubElement(etree.SubElement(operation, _wsdl(direction)), _soap(version, "body"), use="literal")
        fault = etree.SubElement(operation, _wsdl("fault"), name=FAULT)
        etree.SubElement(fault, _soap(version, "fault"), name=FAULT, use="literal")


def _service(root: Element) -> None:
    service = etree.SubElement(root, _wsdl("service"), name="EventsService")
    for version, port in _PORTS.items():
        element = etree.SubElement(service, _wsdl("port"), name=port, binding=f"tns:{port}")
        etree.SubElement(element, _soap(version, "address"), location=_ADDRESS)


def _wsdl(name: str) -> str:
    return f"{{{WSDL}}}{name}"


def _soap(version: SoapVersion, name: str) -> str:
    return f"{{{_SOAP[version]}}}{name}"


if __name__ == "__main__":
    sys.stdout.buffer.write(generate())
