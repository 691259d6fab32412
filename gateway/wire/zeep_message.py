"""One message of a WSDL: the request or the reply of an operation, with its headers.

zeep knows the types. What is plain in them is written and read by codecs compiled from them, the rest by zeep itself;
either is validated against the types, since zeep lets most breaches pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, cast

from lxml import etree
from zeep.exceptions import ValidationError
from zeep.xsd.context import XmlParserContext

from gateway.wire.codec_plan import Plans
from gateway.wire.codec_reader import Reader
from gateway.wire.codec_writer import Writer
from gateway.wire.soap import SoapVersion
from gateway.wire.wsdl_files import SchemaGate
from gateway.wire.xml import DEFAULT_LIMITS, Element, XmlLimits
from gateway.wire.zeep_loss import Losses
from gateway.wire.zeep_required import required
from gateway.wire.zeep_types import TEXT, CodecError, Values, ZeepElement, ZeepMessage, named, plain, prepare

_ENVELOPES = frozenset(
    {
        *(version.namespace for version in SoapVersion),
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecSettings:
    """How strictly a WSDL is kept."""

    validate: bool = True  #: against the WSDL's types; False for a WSDL whose types do not compile
    validate_replies: bool = True  #: False for a partner that does not keep its own WSDL
    limits: XmlLimits = DEFAULT_LIMITS
    compiled: bool = True  #: False leaves all to zeep: what the compiled codecs are compared with


DEFAULT_CODEC = CodecSettings()


@dataclass(frozen=True, slots=True)
class Model:
    """What the messages of one WSDL share."""

    losses: Losses
    settings: object
    gate: SchemaGate | None
    keep: CodecSettings
    plans: Plans = field(default_factory=Plans)
    reader: Reader = field(default_factory=Reader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What zeep does not say of a message: where it stands, and the wrapper that rpc style puts round its parts."""

    operation: str
    version: SoapVersion
    wrapper: str = ""  #: its stand-in among the compiled types; empty in document style
    tag: str = ""  #: the wrapper's own name; empty in document style


class Message:
    """The request or the reply of an operation; ``source`` is None where the WSDL declares none."""

    def __init__(self, model: Model, source: ZeepMessage | None, shape: Shape) -> None:
        self._model = model
        self._source = source
        self._shape = shape
        body = source.body if source and model.keep.compiled else None
        header = source.header if source else None
        self._headers = {one.qname.text: one for one in named(header.type).values()} if header is not None else {}
        self._plain = model.plans.of(body.type) if body is not None else None
        self._writer = Writer.of(self._plain, self.tag or "", shape.version) if self._plain is not None else None

    @property
    def tag(self) -> str | None:
        """The name of the body's child, as lxml writes it; None where the body is empty."""
        body = self._source.body if self._source else None
        return self._shape.tag or (body.qname.text if body is not None else None)

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """The fields that cannot be left out."""
        body = self._source.body if self._source else None
        return required(body.type) if body is not None else ()

    def write(self, values: Values, headers: Values) -> Element:
        """Return the envelope. Raises CodecError with the path of the field that does not fit."""
        if self._source is None:
            raise CodecError(self._shape.operation, "the WSDL declares no message in this direction")
        envelope = self._writer.write(values) if self._writer is not None else None
        if envelope is None:
            envelope = self._by_zeep(self._source, values)
        for child in envelope[-1]:
            self._judge(child)
        if headers:
            envelope.insert(0, self._header(headers, f"{{{etree.QName(envelope).namespace}}}Header"))
        return envelope

    def read(self, children: list[Element], *, validate: bool) -> dict[str, object]:
        """Return the values of a body's children. Raises CodecError."""
        body = self._source.body if self._source else None
        if body is None and all(self._shape.tag and not len(child) for child in children):
            return {}
        if len(children) != 1:
            raise CodecError("Body", "exactly one child is expected")
        name = etree.QName(children[0]).localname
        if body is None or (not self._shape.wrapper and children[0].tag != body.qname.text):
            raise CodecError(name, "the WSDL expects another element here")
        if validate:
            self._judge(children[0])
        found = self._model.reader.read(self._plain, children[0]) if self._plain is not None else None
        if found is not None:
            return found
        values = plain(self._parse(body, children[0]))
        if values is None:
            return {}
        return cast("dict[str, object]", values) if isinstance(values, dict) else {TEXT: values}

    def read_headers(self, headers: Iterable[Element], *, validate: bool) -> dict[str, object]:
        """Return the declared ones of these headers, by their elements' names. Raises CodecError."""
        found: dict[str, object] = {}
        for header in headers if self._headers else ():
            declared = self._headers.get(header.tag)
            if declared is not None:
                bare = _bare(header)
                if validate:
                    judge(self._model, bare)
                found[declared.qname.localname] = plain(self._parse(declared, bare))
        return found

    @property
    def header_tags(self) -> frozenset[str]:
        """The names of the declared headers, as lxml writes them."""
        return frozenset(self._headers)

    def _by_zeep(self, source: ZeepMessage, values: Values) -> Element:
        """Return the envelope of what is not plain; raises CodecError with the path of the field that does not fit."""
        arguments, fields = _arguments(source.body, values, self._shape.operation)
        with zeep_errors(self._shape.operation):
            envelope = source.serialize(*arguments, **fields).content
        for child in envelope[-1] if self._shape.tag else ():
            child.tag = self._shape.tag
        return envelope

    def _parse(self, declared: ZeepElement, element: Element) -> object:
        name = etree.QName(element).localname
        with zeep_errors(name):
            lost = self._model.losses.first(element, declared.type, name)
        if lost:
            raise CodecError(lost, "cannot be read as the WSDL's type")
        with zeep_errors(name):
            context = cast("Any", XmlParserContext)(settings=self._model.settings)
            return declared.parse(element, self._model.losses.types, context=context)

    def _header(self, values: Values, tag: str) -> Element:
        declared = {one.qname.localname: one for one in self._headers.values()}
        header = etree.Element(tag)
        for name, value in values.items():
            if name not in declared:
                known = ", ".join(declared) or "none"
                raise CodecError(name, f"the WSDL declares no such header (it declares {known})")
            header.append(rendered(self._model, declared[name], value))
        return header

    def _judge(self, element: Element) -> None:
        judge(self._model, element, self._shape.wrapper)


def rendered(model: Model, declared: ZeepElement, value: object) -> Element:
    """Return an element of its own: a header, or the detail of a fault. Raises CodecError."""
    name = declared.qname.localname
    ready = prepare(value, declared.type, name)
    holder = etree.Element("holder")
    with zeep_errors(name):
        declared.render(holder, declared(**cast("Values", ready)) if isinstance(ready, Mapping) else ready)
    judge(model, holder[0])
    return holder[0]


def judge(model: Model, element: Element, wrapper: str = "") -> None:
    """Raise CodecError where the element breaks the WSDL's types."""
    breach = model.gate.breach(element, wrapper) if model.gate is not None else None
    if breach is not None:
        raise CodecError(*breach)


def _bare(header: Element) -> Element:
    """Return a header without what SOAP and WS-Security say on it, which its own type does not know.

    The copy keeps the prefixes that its values may use.
    """
    copy = etree.Element(header.tag, nsmap=cast("dict[str, str]", header.nsmap))
    for name, value in header.attrib.items():
        if etree.QName(name).namespace not in _ENVELOPES:
            copy.set(name, value)
    copy.text = header.text
    copy.extend(deepcopy(child) for child in header)
    return copy


class zeep_errors:  # noqa: N801 # reads as a verb in a with statement
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
