"""SOAP messages of a WSDL: plain values to bytes and back, for the side that calls and for the side that serves.

zeep reads the WSDL and knows its types; envelopes, parsing and faults are ours. What is written and what is read is
validated against the WSDL's types, since zeep lets most breaches pass; a value zeep could not read is an error rather
than a field that quietly went missing. Nothing is loaded after ``load_wsdl`` has returned.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lxml import etree
from zeep import Settings
from zeep.exceptions import ValidationError
from zeep.wsdl import Document
from zeep.wsdl.bindings import Soap11Binding, Soap12Binding
from zeep.xsd.context import XmlParserContext

from gateway.wire.soap import FaultCode, SoapProblem, SoapVersion, fault_envelope, read_envelope
from gateway.wire.soap_fault import SoapFault, parse_fault
from gateway.wire.wsdl_files import SchemaGate, WsdlError, WsdlFolder
from gateway.wire.xml import DEFAULT_LIMITS, Element, XmlError, XmlLimits, parse, to_bytes
from gateway.wire.zeep_types import (
    TEXT,
    CodecError,
    Values,
    ZeepBinding,
    ZeepDocument,
    ZeepElement,
    ZeepMessage,
    ZeepOperation,
    plain,
    prepare,
    scalars,
    texts,
)

__all__ = [
    "DEFAULT_CODEC",
    "CodecError",
    "CodecSettings",
    "FaultDetail",
    "Operation",
    "SoapCall",
    "SoapFault",
    "Wsdl",
    "WsdlError",
    "load_wsdl",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecSettings:
    """How strictly a WSDL is kept."""

    validate: bool = True  #: against the WSDL's types; False for a WSDL whose types do not compile
    validate_replies: bool = True  #: False for a partner that does not keep its own WSDL
    limits: XmlLimits = DEFAULT_LIMITS


DEFAULT_CODEC = CodecSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapCall:
    """A request that was read."""

    operation: str
    version: SoapVersion
    values: Values = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultDetail:
    """A fault that the WSDL declares for an operation."""

    operation: str
    fault: str
    values: Values = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Model:
    """What the operations of one WSDL share."""

    types: object
    settings: object
    gate: SchemaGate | None
    keep: CodecSettings


def load_wsdl(path: Path, *, settings: CodecSettings = DEFAULT_CODEC) -> Wsdl:
    """Read a WSDL and what it imports, all from its own folder. Blocks: run it in an executor. Raises WsdlError."""
    logging.getLogger("zeep").setLevel(logging.CRITICAL)  # its tracebacks repeat what documents say
    path = path.resolve()
    folder = WsdlFolder(path.parent)
    try:
        rules = cast("Any", Settings)(
            strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, force_https=False
        )
        document = cast("ZeepDocument", Document(str(path), cast("Any", folder), settings=rules))
        gate = SchemaGate(folder) if settings.validate else None
    except WsdlError:
        raise
    except Exception as error:  # zeep raises whatever it stumbles over
        problem = f"it cannot be read as a WSDL ({type(error).__name__}: {error})"
        raise WsdlError(str(path), problem, "check it with a WSDL validator") from error
    folder.seal()
    model = _Model(document.types, document.settings, gate, settings)
    operations = tuple(_operations(document, model))
    if not operations:
        raise WsdlError(str(path), "it has no SOAP binding", "ask the partner for the WSDL of its SOAP service")
    return Wsdl(str(path), operations, settings)


class Operation:
    """One operation in one version of SOAP."""

    def __init__(self, model: _Model, source: ZeepOperation, version: SoapVersion, address: str) -> None:
        self.name = source.name
        self.version = version
        self.address = address  #: where the WSDL says it is; empty where it does not say
        self.soap_action = source.soapaction or ""
        self._model = model
        self._source = source

    @property
    def http_headers(self) -> dict[str, str]:
        """The HTTP headers of a request: Content-Type, and SOAPAction for SOAP 1.1."""
        headers = {"Content-Type": self.version.content_type(self.soap_action)}
        return headers | {"SOAPAction": f'"{self.soap_action}"'} if self.version is SoapVersion.V11 else headers

    @property
    def request_tag(self) -> str | None:
        """The name of a request's body child, as lxml writes it."""
        body = self._source.input.body if self._source.input else None
        return body.qname.text if body is not None else None

    def write(self, values: Values) -> bytes:
        """Return a request. Raises CodecError with the path of the field that does not fit."""
        return self._write(self._source.input, values)

    def write_reply(self, values: Values) -> bytes:
        """Return a reply. Raises CodecError with the path of the field that does not fit."""
        return self._write(self._source.output, values)

    def read(self, reply: bytes) -> dict[str, object] | SoapFault:
        """Return the values of a reply, or the Fault in it, whatever the version of its envelope.

        Raises CodecError where it is neither; ``path`` is then a place in the reply.
        """
        try:
            root = parse(reply, limits=self._model.keep.limits)
        except XmlError as error:
            raise CodecError(error.where, error.problem) from error
        fault = parse_fault(root)
        if fault is not None:
            return fault
        body = root.find("{*}Body")
        if body is None or etree.QName(root).localname != "Envelope":
            raise CodecError(etree.QName(root).localname, "is not a SOAP envelope")
        return self._read_body(list(body.iterchildren("*")))

    def read_values(self, child: Element) -> dict[str, object]:
        """Return the values of a request's body child. Raises CodecError."""
        return self._values(self._source.input, child, validate=True)

    def fault_detail(self, fault: str, values: Values) -> Element:
        """Return the detail of a declared fault. Raises CodecError."""
        if fault not in self._source.faults:
            raise CodecError(self.name, f"the WSDL declares no fault {fault!r}")
        element = next(iter(self._source.faults[fault].abstract.parts.values())).element
        holder = etree.Element("detail")
        ready = cast("dict[str, object]", prepare(values, element.type, element.qname.localname))
        with _zeep_errors(element.qname.localname):
            element.render(holder, element(**ready))
        self._judge(holder[0])
        return holder[0]

    def _write(self, message: ZeepMessage | None, values: Values) -> bytes:
        if message is None:
            raise CodecError(self.name, "the WSDL declares no message in this direction")
        arguments, fields = _arguments(message.body, values, self.name)
        with _zeep_errors(self.name):
            envelope = message.serialize(*arguments, **fields).content
        for child in envelope[-1]:
            self._judge(child)
        return to_bytes(envelope)

    def _judge(self, element: Element) -> None:
        if self._model.gate is None or self._source.style == "rpc":
            return  # a wrapper of rpc style is not among the types
        breach = self._model.gate.breach(element)
        if breach is not None:
            raise CodecError(*breach)

    def _read_body(self, children: list[Element]) -> dict[str, object]:
        expected = self._source.output.body if self._source.output else None
        if expected is None and not children:
            return {}
        if len(children) != 1:
            raise CodecError("Body", "exactly one child is expected")
        return self._values(self._source.output, children[0], validate=self._model.keep.validate_replies)

    def _values(self, message: ZeepMessage | None, child: Element, *, validate: bool) -> dict[str, object]:
        body = message.body if message else None
        name = etree.QName(child).localname
        if body is None or (self._source.style != "rpc" and child.tag != body.qname.text):
            raise CodecError(name, "the WSDL expects another element here")
        if validate:
            self._judge(child)
        with _zeep_errors(name):
            result = body.parse(
                child, self._model.types, context=cast("Any", XmlParserContext)(settings=self._model.settings)
            )
        if scalars(result) < texts(child):
            raise CodecError(name, "a value in it cannot be read as the WSDL's type")
        values = plain(result)
        return cast("dict[str, object]", values) if isinstance(values, dict) else {TEXT: values}


class Wsdl:
    """The operations of one WSDL, by name and version."""

    def __init__(self, file: str, operations: tuple[Operation, ...], settings: CodecSettings) -> None:
        self.file = file
        self._settings = settings
        self._by_name = {(one.version, one.name): one for one in reversed(operations)}
        self._by_tag = {(one.version, one.request_tag): one for one in reversed(operations)}

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of all operations."""
        return tuple(sorted({name for _, name in self._by_name}))

    def operation(self, name: str, version: SoapVersion | None = None) -> Operation:
        """Return an operation, of SOAP 1.1 where the version is not said and both exist. Raises WsdlError."""
        versions = (version,) if version else tuple(SoapVersion)
        found = next((self._by_name[one, name] for one in versions if (one, name) in self._by_name), None)
        if found is None:
            near = difflib.get_close_matches(name, self.operations, 1) or self.operations
            wanted = f" in SOAP {version.name}" if version else ""
            raise WsdlError(self.file, f"it has no operation {name!r}{wanted}", f"it has {', '.join(near)}")
        return found

    def read_request(self, data: bytes, content_type: str | None) -> SoapCall:
        """Read what a client sent us. Raises SoapProblem: answer it with ``write_fault`` and HTTP status 500."""
        envelope = read_envelope(data, content_type, limits=self._settings.limits)
        operation = self._by_tag.get((envelope.version, envelope.body.tag))
        if operation is None:
            raise SoapProblem(
                FaultCode.CLIENT,
                vi="Phần tử trong Body không phải yêu cầu nào của dịch vụ này.",
                en="The element in the Body is no request of this service.",
            )
        try:
            values = operation.read_values(envelope.body)
        except CodecError as error:
            raise SoapProblem(
                FaultCode.CLIENT, vi=f"Yêu cầu không theo WSDL: {error}.", en=f"The request breaks the WSDL: {error}."
            ) from error
        return SoapCall(operation=operation.name, version=envelope.version, values=values)

    def write_reply(self, operation: str, version: SoapVersion, values: Values) -> bytes:
        """Return the answer to a request. Raises CodecError."""
        return self.operation(operation, version).write_reply(values)

    def write_fault(self, version: SoapVersion, problem: SoapProblem, detail: FaultDetail | None = None) -> bytes:
        """Return the Fault that answers a request, with a fault the WSDL declares as its detail."""
        element = None
        if detail is not None:
            element = self.operation(detail.operation, version).fault_detail(detail.fault, detail.values)
        return fault_envelope(version, problem.code, problem.reasons, element)


class _zeep_errors:  # noqa: N801 # reads as a verb in a with statement
    """Turns what zeep raises into CodecError, without the values its messages repeat."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ValidationError):
            path = cast("list[object]", cast("Any", error).path)
            raise CodecError(
                ".".join(str(step) for step in path) or self._place, "is missing or not allowed"
            ) from error
        if isinstance(error, Exception):
            raise CodecError(self._place, f"does not fit the WSDL's types ({type(error).__name__})") from error


def _arguments(body: ZeepElement | None, values: Values, place: str) -> tuple[list[object], dict[str, object]]:
    if body is None:
        if values:
            raise CodecError(place, "the WSDL declares a message without fields")
        return [], {}
    name = body.qname.localname
    if set(values) == {TEXT}:
        return [prepare(values[TEXT], body.type, name)], {}
    return [], cast("dict[str, object]", prepare(values, body.type, name))


def _operations(document: ZeepDocument, model: _Model) -> Iterator[Operation]:
    """Yield the operations of all SOAP ports, then those of bindings without a port."""
    bound: list[tuple[ZeepBinding, Mapping[str, str | None]]] = [
        (port.binding, port.binding_options or {})
        for service in document.services.values()
        for port in service.ports.values()
    ]
    seen = [binding for binding, _ in bound]
    bound += [(binding, {}) for binding in document.bindings.values() if binding not in seen]
    for binding, options in bound:
        version = _version(binding)
        if version is not None:
            for source in cast("Any", binding)._operations.values():  # noqa: SLF001 # zeep has no public way
                yield Operation(model, source, version, options.get("address") or "")


def _version(binding: object) -> SoapVersion | None:
    if isinstance(binding, Soap12Binding):
        return SoapVersion.V12
    return SoapVersion.V11 if isinstance(binding, Soap11Binding) else None
