"""The XML Schema of the SOAP door, from the model's structs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from lxml import etree
from msgspec import Struct, inspect

from gateway.ingress.openapi_fields import Meanings, meanings, reached
from gateway.ingress.soap.messages import Opaque, Problem
from gateway.ingress.soap.shape import (
    NAMESPACE,
    OPAQUE,
    Part,
    choices,
    parts,
    struct_of,
)
from gateway.model.event import NewEvent
from gateway.model.kinds import KINDS
from gateway.model.names import has_kind
from gateway.model.national import NATIONAL
from gateway.model.texts import text
from gateway.model.types import FileRef, Record
from gateway.wire.xml import Element

XS = "http://www.w3.org/2001/XMLSchema"
XMIME = "http://www.w3.org/2005/05/xmlmime"
FAULT = "gatewayFault"
CONTENT = "content"  #: the bytes of a file, inside the message

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_INT_MAX = 2**31 - 1


def schema(operations: Iterable[tuple[str, type[Struct]]]) -> Element:
    """Return ``xs:schema`` with a global element per message, the fault, and every type that they need."""
    root = etree.Element(_xs("schema"), nsmap={"xs": XS, "tns": NAMESPACE, "xmime": XMIME})
    root.set("targetNamespace", NAMESPACE)
    root.set("elementFormDefault", "qualified")
    messages: list[tuple[str, type[Struct]]] = [*operations, (FAULT, Problem)]
    data = (cast("type[Struct]", kind.data) for kind in KINDS.values())
    writer = _Writer(root, meanings(reached((*(type_ for _, type_ in messages), Opaque, *data))))
    for name, type_ in messages:
        etree.SubElement(root, _xs("element"), name=name, type=f"tns:{writer.need(type_)}")
    writer.finish()
    return root


class _Writer:
    """Writes each complex type once, in the order in which it was first needed."""

    def __init__(self, root: Element, meant: Meanings) -> None:
        self._root, self._meant = root, meant
        self._types: dict[str, type[Struct]] = {}
        self._enumerations: dict[str, tuple[str, ...]] = {}

    def need(self, type_: type[Struct]) -> str:
        """Return the name of a type, and remember to write it."""
        name = type_.__name__
        if self._types.setdefault(name, type_) is not type_:
            raise ValueError(f"two structs are called {name}")
        return name

    def finish(self) -> None:
        """Write every type that was needed, and those that they need."""
        done: set[str] = set()
        while waiting := [name for name in self._types if name not in done]:
            for name in waiting:
                self._complex(name, self._types[name])
                done.add(name)
        for name, values in self._enumerations.items():
            simple = etree.SubElement(self._root, _xs("simpleType"), name=name)
            _enumerate(simple, values)

    def _complex(self, name: str, type_: type[Struct]) -> None:
        complex_ = etree.SubElement(self._root, _xs("complexType"), name=name)
        _document(complex_, en=(type_.__doc__ or "").partition("\n")[0])
        sequence = etree.SubElement(complex_, _xs("sequence"))
        for part in parts(type_):
            self._element(sequence, type_, part)
        if has_kind(type_):
            self._choice(sequence, type_)
        if type_ is FileRef:
            _content(sequence)
        etree.SubElement(
            sequence,
            _xs("any"),
            namespace="##other",
            processContents="lax",
            minOccurs="0",
            maxOccurs="unbounded",
        )

    def _element(self, sequence: Element, owner: type[Struct], part: Part) -> None:
        element = etree.SubElement(sequence, _xs("element"), name=part.element)
        if part.least != 1:
            element.set("minOccurs", str(part.least))
        if part.repeats:
            element.set("maxOccurs", str(part.most) if part.most is not None else "unbounded")
        _document(element, vi=_national(owner, part.field), en=self._meant[owner].get(part.field, ""))
        self._type(element, owner, part)

    def _type(self, element: Element, owner: type[Struct], part: Part) -> None:
        struct = struct_of(part.type)
        if struct is not None:
            element.set("type", f"tns:{self.need(struct)}")
        elif isinstance(part.type, inspect.LiteralType):
            name = owner.__name__ + part.element[0].upper() + part.element[1:]
            self._enumerations[name] = tuple(str(value) for value in part.type.values)
            element.set("type", f"tns:{name}")
        else:
            _simple(element, part)

    def _choice(self, sequence: Element, type_: type[Struct]) -> None:
        """One element per kind; in a stored event, a kind that is not known yet may be missing."""
        choice = etree.SubElement(sequence, _xs("choice"))
        if type_ is not NewEvent:
            choice.set("minOccurs", "0")
        for name, kind in choices(type_).items():
            element = etree.SubElement(choice, _xs("element"), name=name, type=f"tns:{self.need(kind.data)}")
            _document(element, vi=text(f"kind.{kind.name}", "vi"), en=text(f"kind.{kind.name}", "en"))
        opaque = etree.SubElement(choice, _xs("element"), name=OPAQUE, type=f"tns:{self.need(Opaque)}")
        _document(opaque, vi="Loại riêng của một hệ thống", en="A system's own kind")


def _simple(element: Element, part: Part) -> None:
    """Write a simple type: a built-in one, or a restriction of it."""
    match part.type:
        case inspect.StrType(min_length=least, max_length=most):
            facets = {"minLength": least, "pattern": part.pattern or None, "maxLength": most}
            _restrict(element, "string", facets)
        case inspect.IntType(ge=lowest, le=highest):
            _restrict(
                element,
                "int" if (highest or 0) <= _INT_MAX else "long",
                {"minInclusive": lowest, "maxInclusive": highest},
            )
        case inspect.BoolType():
            element.set("type", "xs:boolean")
        case inspect.DateTimeType():
            element.set("type", "xs:dateTime")
        case _:
            raise TypeError(f"{element.get('name')}: {part.type} has no place in the schema")


def _restrict(element: Element, base: str, facets: Mapping[str, object]) -> None:
    given = {name: value for name, value in facets.items() if value is not None}
    if not given:
        element.set("type", f"xs:{base}")
        return
    simple = etree.SubElement(element, _xs("simpleType"))
    restriction = etree.SubElement(simple, _xs("restriction"), base=f"xs:{base}")
    for name, value in given.items():
        etree.SubElement(restriction, _xs(name), value=str(value))


def _enumerate(simple: Element, values: tuple[str, ...]) -> None:
    restriction = etree.SubElement(simple, _xs("restriction"), base="xs:string")
    for value in values:
        etree.SubElement(restriction, _xs("enumeration"), value=value)


def _content(sequence: Element) -> None:
    """A file's bytes: annotated so that sending them as MTOM later changes no generated class."""
    element = etree.SubElement(sequence, _xs("element"), name=CONTENT, type="xs:base64Binary", minOccurs="0")
    element.set(f"{{{XMIME}}}expectedContentTypes", "application/octet-stream")
    _document(element, vi="Nội dung tệp tin; thay cho id hoặc url", en="the bytes of the file; instead of id or url")


def _document(element: Element, *, vi: str = "", en: str = "") -> None:
    told = {language: words for language, words in (("vi", vi), ("en", en)) if words}
    if not told:
        return
    annotation = etree.SubElement(element, _xs("annotation"))
    for language, words in told.items():
        documentation = etree.SubElement(annotation, _xs("documentation"))
        documentation.text = words.replace("``", "")
        documentation.set(_LANG, language)


def _national(owner: type[Struct], field: str) -> str:
    return NATIONAL.get(cast("type[Record]", owner), {}).get(field, "")


def _xs(name: str) -> str:
    return f"{{{XS}}}{name}"
