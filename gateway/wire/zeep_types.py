"""zeep's untyped model, as far as the codec uses it, and plain values in and out of it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias, cast

from lxml import etree
from zeep import helpers, xsd

from gateway.wire.errors import WireError
from gateway.wire.xml import Element, to_bytes

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
TEXT = "_value_1"  #: zeep's name for the text of an element that has attributes too

Values: TypeAlias = Mapping[str, object]


class CodecError(WireError):
    """Values or a document do not fit the WSDL: ``path`` names the field with dots, ``problem`` repeats no value."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class ZeepElement(Protocol):
    """One element of the WSDL's types."""

    qname: etree.QName
    type: object

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Return zeep's object for values."""
        ...

    def parse(self, xmlelement: Element, schema: object, *, context: object) -> object:
        """Return zeep's object for XML."""
        ...

    def render(self, parent: Element, value: object) -> None:
        """Append zeep's object to a parent as XML."""
        ...


class ZeepType(Protocol):
    """One type of the WSDL's."""

    qname: etree.QName


class ZeepPart(Protocol):
    """One part of an abstract message."""

    element: ZeepElement
    type: ZeepType


class ZeepAbstract(Protocol):
    """A message of the WSDL's abstract side."""

    parts: Mapping[str, ZeepPart]


class ZeepEnvelope(Protocol):
    """What zeep serialises."""

    content: Element


class ZeepMessage(Protocol):
    """The input, output or a fault of an operation."""

    header: ZeepElement | None
    body: ZeepElement | None
    abstract: ZeepAbstract

    def serialize(self, *args: object, **kwargs: object) -> ZeepEnvelope:
        """Return the envelope for values."""
        ...


class ZeepOperation(Protocol):
    """One operation of one binding."""

    name: str
    soapaction: str | None
    style: str
    input: ZeepMessage | None
    output: ZeepMessage | None
    faults: Mapping[str, ZeepMessage]


class ZeepPortType(Protocol):
    """The abstract side of a binding."""

    name: etree.QName


class ZeepBinding(Protocol):
    """A binding; its operations by name."""

    name: etree.QName
    port_type: ZeepPortType
    _operations: Mapping[str, ZeepOperation]


class ZeepPort(Protocol):
    """A binding at an address."""

    binding: ZeepBinding
    binding_options: Mapping[str, str | None] | None


class ZeepService(Protocol):
    """The ports of one service."""

    ports: Mapping[str, ZeepPort]


class ZeepDocument(Protocol):
    """A loaded WSDL."""

    types: object
    settings: object
    bindings: Mapping[str, ZeepBinding]
    services: Mapping[str, ZeepService]


def prepare(value: object, kind: object, path: str) -> object:
    """Return a value as zeep wants it; raises CodecError with the field's path.

    Base64 may come as text; truth values as in XML. Other scalars go as they are: the types' validation judges them.
    """
    if isinstance(value, Mapping):
        return _prepare_fields(cast("Values", value), kind, path)
    if isinstance(value, str):
        return _prepare_text(value, kind, path)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        items = cast("Sequence[object]", value)
        return [prepare(item, kind, f"{path}[{number}]") for number, item in enumerate(items)]
    if _fields(kind) and TEXT not in _fields(kind) and value is not None:
        raise CodecError(path, "fields are expected, not one value")
    if _is(kind, "Boolean") and value is not None and not isinstance(value, bool):
        raise CodecError(path, "a truth value is expected")
    return value


def _prepare_fields(values: Values, kind: object, path: str) -> dict[str, object]:
    fields = _fields(kind)
    if not fields and values:
        raise CodecError(path, "one value is expected, not fields")
    for name in values:
        if name not in fields and not name.startswith("_value_"):
            raise CodecError(f"{path}.{name}", "the WSDL knows no such field")
    return {name: prepare(value, fields.get(name), f"{path}.{name}") for name, value in values.items()}


def _prepare_text(value: str, kind: object, path: str) -> object:
    if _FORBIDDEN.search(value):
        raise CodecError(path, "holds a control character, which XML cannot carry")
    if _fields(kind) and TEXT not in _fields(kind):
        raise CodecError(path, "fields are expected, not one value")
    if _is(kind, "Base64Binary"):
        try:
            return base64.b64decode(value, validate=True)
        except ValueError as error:
            raise CodecError(path, "is not Base64") from error
    if _is(kind, "Boolean"):
        if value not in _TRUTH:
            raise CodecError(path, "a truth value is expected")
        return _TRUTH[value]
    return value


def named(kind: object) -> dict[str, ZeepElement]:
    """Return the elements of a complex type by zeep's names for them; those that stand for any are left out."""
    elements = cast("list[tuple[str, ZeepElement]]", cast("Any", kind).elements)
    return {name: one for name, one in elements if isinstance(one, xsd.Element)}


def _fields(kind: object) -> dict[str, object]:
    """Return the types of a complex type's fields and attributes by name; nothing for a simple type."""
    if not _is(kind, "ComplexType"):
        return {}
    model = cast("Any", kind)
    members = [*cast("list[tuple[str, Any]]", model.elements), *cast("list[tuple[str, Any]]", model.attributes)]
    return {name: getattr(member, "type", None) for name, member in members if name}


def _is(kind: object, name: str) -> bool:
    return isinstance(kind, cast("type", getattr(cast("Any", xsd), name)))


def plain(value: object) -> object:
    """Return builtins for what zeep read: dicts, lists, scalars, XML as text; fields without a value are left out."""
    return _plain(cast("Any", helpers).serialize_object(value, dict))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return {name: _plain(field) for name, field in fields.items() if field is not None and field != []}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[object]", value)]
    if isinstance(value, etree._Element):  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # lxml has no public name
        return to_bytes(value).decode()
    if isinstance(value, xsd.AnyObject):
        return plain(cast("Any", value).value)
    return value
