"""One operation of a WSDL: plain values to its messages and back.

zeep knows the types; what it writes and what it reads is validated against them, since it lets most breaches pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from lxml import etree
from zeep.exceptions import ValidationError
from zeep.xsd.context import XmlParserContext

from gateway.wire.soap import SoapVersion
from gateway.wire.soap_fault import SoapFault, parse_fault
from gateway.wire.soap_message import SoapMessage, http_headers
from gateway.wire.wsdl_files import SchemaGate
from gateway.wire.xml import DEFAULT_LIMITS, Element, XmlError, XmlLimits, parse, to_bytes
from gateway.wire.zeep_types import (
    TEXT,
    CodecError,
    Values,
    ZeepElement,
    ZeepMessage,
    ZeepOperation,
    plain,
    prepare,
    scalars,
    texts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecSettings:
    """How strictly a WSDL is kept."""

    validate: bool = True  #: against the WSDL's types; False for a WSDL whose types do not compile
    validate_replies: bool = True  #: False for a partner that does not keep its own WSDL
    limits: XmlLimits = DEFAULT_LIMITS


DEFAULT_CODEC = CodecSettings()


@dataclass(frozen=True, slots=True)
class Model:
    """What the operations of one WSDL share."""

    types: object
    settings: object
    gate: SchemaGate | None
    keep: CodecSettings


class Operation:
    """One operation in one version of SOAP."""

    def __init__(self, model: Model, source: ZeepOperation, version: SoapVersion, address: str) -> None:
        self.name = source.name
        self.version = version
        self.address = address  #: where the WSDL says it is; empty where it does not say
        self.soap_action = source.soapaction or ""
        self._model = model
        self._source = source

    @property
    def http_headers(self) -> dict[str, str]:
        """The HTTP headers of a request: Content-Type, and SOAPAction for SOAP 1.1."""
        return http_headers(self.version, self.soap_action)

    @property
    def request_tag(self) -> str | None:
        """The name of a request's body child, as lxml writes it."""
        body = self._source.input.body if self._source.input else None
        return body.qname.text if body is not None else None

    def compose(self, values: Values) -> SoapMessage:
        """Return a request. Raises CodecError with the path of the field that does not fit."""
        envelope = self._envelope(self._source.input, values)
        return SoapMessage(version=self.version, envelope=envelope, action=self.soap_action)

    def write(self, values: Values) -> bytes:
        """Return the bytes of a request. Raises CodecError with the path of the field that does not fit."""
        return to_bytes(self.compose(values).envelope)

    def write_reply(self, values: Values) -> bytes:
        """Return the bytes of a reply. Raises CodecError with the path of the field that does not fit."""
        return to_bytes(self._envelope(self._source.output, values))

    def read(self, reply: bytes) -> dict[str, object] | SoapFault:
        """Return what the bytes of a reply say; see ``parse`` and ``read_root``."""
        return self.read_root(self.parse(reply))

    def parse(self, reply: bytes) -> Element:
        """Return the root of a reply, whatever it is. Raises CodecError; ``path`` is then a place in the reply."""
        try:
            return parse(reply, limits=self._model.keep.limits)
        except XmlError as error:
            raise CodecError(error.where, error.problem) from error

    def read_root(self, root: Element) -> dict[str, object] | SoapFault:
        """Return the values of a reply, or the Fault in it, whatever the version of its envelope.

        Raises CodecError where it is neither.
        """
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

    def _envelope(self, message: ZeepMessage | None, values: Values) -> Element:
        if message is None:
            raise CodecError(self.name, "the WSDL declares no message in this direction")
        arguments, fields = _arguments(message.body, values, self.name)
        with _zeep_errors(self.name):
            envelope = message.serialize(*arguments, **fields).content
        for child in envelope[-1]:
            self._judge(child)
        return envelope

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
