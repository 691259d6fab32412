"""One operation of a WSDL."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml import etree

from gateway.wire.soap import SoapVersion
from gateway.wire.soap_fault import SoapFault, parse_fault
from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element, XmlError, parse, to_bytes
from gateway.wire.zeep_message import Message, Model, Shape
from gateway.wire.zeep_types import CodecError, Values, ZeepElement, ZeepOperation

_FORGOTTEN = (None, *(version.namespace for version in SoapVersion))  #: what npm soap puts in place of a namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an operation is, and how it is called there."""

    version: SoapVersion
    address: str = ""  #: where the WSDL says it is; empty where it does not say
    wrappers: tuple[str, str] = ("", "")  #: the stand-ins of request and reply in rpc style
    addressing: str = ""  #: WS-Addressing's Action
    unusable: str = ""  #: why it cannot be called


class Operation:
    """One operation in one version of SOAP."""

    def __init__(self, model: Model, source: ZeepOperation, place: Place) -> None:
        self.name = source.name
        self.version = place.version
        self.address = place.address
        self.soap_action = source.soapaction or ""
        self.addressing_action = place.addressing
        self.unusable = place.unusable
        self._model = model
        self._source = source
        self.request = Message(model, source.input, _shape(source, place, source.name))
        self.reply = Message(model, source.output, _shape(source, place, f"{source.name}Response"))

    @property
    def source(self) -> ZeepOperation:
        """What zeep knows of it: its messages' types and its faults."""
        return self._source

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """The fields of a request that cannot be left out."""
        return self.request.required

    @property
    def is_one_way(self) -> bool:
        """Whether the WSDL declares no reply at all."""
        return self._source.output is None

    @property
    def reply_headers(self) -> frozenset[str]:
        """The names of the headers that the WSDL declares for the reply, as lxml writes them."""
        return self.reply.header_tags

    def compose(self, values: Values, headers: Values | None = None) -> SoapMessage:
        """Return a request; ``headers`` are the declared ones, by their elements' names.

        Raises CodecError with the path of the field that does not fit.
        """
        envelope = self.request.write(values, headers or {})
        return SoapMessage(version=self.version, envelope=envelope, action=self.soap_action)

    def write(self, values: Values, headers: Values | None = None) -> bytes:
        """Return the bytes of a request; see ``compose``."""
        return to_bytes(self.compose(values, headers).envelope)

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
        children = list(_body_of(root).iterchildren("*"))
        fault = parse_fault(root)
        if fault is None:
            return self.reply.read(children, validate=self._model.keep.validate_replies)
        if sum(child.get("id") is None for child in children) > 1:  # those with one are parts of it, as encoding has it
            raise CodecError("Body", "a Fault stands beside something else")
        return self._explained(fault)

    def read_headers(self, root: Element) -> dict[str, object]:
        """Return the declared headers of a reply that are there, by their elements' names. Raises CodecError."""
        return self.reply.read_headers(root.iterfind("{*}Header/*"), validate=self._model.keep.validate_replies)

    def _fault_element(self, fault: str) -> ZeepElement:
        return next(iter(self._source.faults[fault].abstract.parts.values())).element

    def _explained(self, fault: SoapFault) -> SoapFault:
        """Say what the WSDL calls the fault; servers forget the namespace of its detail."""
        declared = {name: self._fault_element(name).qname for name in self._source.faults}
        details = [etree.QName(one) for one in fault.detail.iterchildren("*")] if fault.detail is not None else []
        names = (name for one in details for name, qname in declared.items() if _is_called(one, qname))
        return replace(fault, name=next(names, ""))


def _body_of(root: Element) -> Element:
    """Return the one place that can hold an answer; raises CodecError where there is none, or another beside it."""
    if etree.QName(root).localname != "Envelope":
        raise CodecError(etree.QName(root).localname, "is not a SOAP envelope")
    places = [child for child in root.iterchildren("*") if etree.QName(child).localname in {"Body", "Fault"}]
    if len(places) != 1 or etree.QName(places[0]).localname != "Body":
        raise CodecError("Envelope", "exactly one Body is expected, and no Fault beside it")
    return places[0]


def _is_called(found: etree.QName, declared: etree.QName) -> bool:
    return found.localname == declared.localname and found.namespace in {declared.namespace, *_FORGOTTEN}


def _shape(source: ZeepOperation, place: Place, name: str) -> Shape:
    if source.style != "rpc":
        return Shape(operation=source.name, version=place.version)
    is_request = name == source.name
    message = source.input if is_request else source.output
    body = message.body if message else None
    space = body.qname.namespace if body is not None else None
    tag = f"{{{space}}}{name}" if space else name
    return Shape(operation=source.name, version=place.version, wrapper=place.wrappers[not is_request], tag=tag)
