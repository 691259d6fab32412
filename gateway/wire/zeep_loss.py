"""What zeep would lose of a document that it reads.

It turns a text that its types cannot hold into None and says so only to its log: 'yesterday', but also 24:00:00 and
years before 1, which XML Schema allows. It skips what is no base64, and takes a child of a foreign namespace for one
that is missing. So each text is tried before zeep reads it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import DecimalException
from typing import Any, cast

from lxml import etree
from zeep import xsd
from zeep.exceptions import NamespaceError

from gateway.wire.transfer_encoding import unbroken
from gateway.wire.xml import Element
from gateway.wire.zeep_types import TEXT, ZeepElement, named

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TRUE = frozenset({"true", "1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What a complex type may hold."""

    by_tag: Mapping[str, ZeepElement]
    unqualified: Mapping[str, ZeepElement]  #: those without a namespace, by local name
    by_name: Mapping[str, ZeepElement]  #: all, by local name: for children without a namespace
    attributes: Mapping[str, object]  #: types
    text: object | None  #: the type of a text beside attributes
    is_open: bool  #: any other element may stand here

    @classmethod
    def of(cls, kind: object) -> _Content:
        model = cast("Any", kind)
        fields = named(kind)
        text = fields.get(TEXT)
        return cls(
            by_tag={one.qname.text: one for one in fields.values()},
            unqualified={one.qname.localname: one for one in fields.values() if not one.qname.namespace},
            by_name={one.qname.localname: one for one in fields.values()},
            attributes={one.qname.text: one.type for _, one in model.attributes if one.name},
            text=text.type if text is not None else None,
            is_open=any(isinstance(one, xsd.Any) for _, one in model.elements),
        )

    def field(self, tag: str) -> ZeepElement | None:
        """Return what zeep takes a child for: it looks at namespaces only where both have one."""
        found = self.by_tag.get(tag)
        if found is not None:
            return found
        _, brace, local = tag.rpartition("}")
        return (self.unqualified if brace else self.by_name).get(local)


@dataclass(slots=True)
class Losses:
    """Finds losses in documents of one WSDL; what it learns of a type is kept beside the type."""

    types: object  #: zeep's schema
    _known: dict[int, _Content] = field(default_factory=dict[int, _Content], repr=False)

    def first(self, element: Element, kind: object, path: str) -> str | None:
        """Return the dotted path of the first text that would not come through, None where all would."""
        return next(self._all(element, kind, path), None)

    def _all(self, element: Element, kind: object, path: str) -> Iterator[str]:
        actual = self._actual(element, kind) if element.attrib else kind
        if element.get(_XSI + "nil", "").strip() in _TRUE:
            if len(element) or (element.text or "").strip():
                yield path
        elif isinstance(actual, xsd.ComplexType):
            yield from self._in_complex(element, actual, path)
        elif isinstance(actual, xsd.AnySimpleType) and (len(element) or not _reads(actual, element.text)):
            yield path

    def _in_complex(self, element: Element, kind: object, path: str) -> Iterator[str]:
        content = self._known.get(id(kind))
        if content is None:
            content = self._known[id(kind)] = _Content.of(kind)
        for name, value in cast("Mapping[str, str]", element.attrib).items():
            if name in content.attributes and not _reads(content.attributes[name], value):
                yield f"{path}.{etree.QName(name).localname}"
        if isinstance(content.text, xsd.AnySimpleType) and not _reads(content.text, element.text):
            yield path
        for child in element.iterchildren("*"):
            here = f"{path}.{child.tag.rpartition('}')[2]}"
            declared = content.field(child.tag) or (self._global(child) if content.is_open else None)
            if declared is not None:
                yield from self._all(child, declared.type, here)
            elif not content.is_open and _has_text(child):
                yield here

    def _global(self, element: Element) -> ZeepElement | None:
        try:
            return cast("ZeepElement", cast("Any", self.types).get_element(element.tag))
        except (LookupError, NamespaceError):
            return None

    def _actual(self, element: Element, kind: object) -> object:
        """Return the type that the element says it has, else the one that it is declared with."""
        prefix, _, local = (element.get(_XSI + "type") or "").strip().rpartition(":")
        if not local:
            return kind
        space = element.nsmap.get(prefix or None)
        return cast("Any", self.types).get_type(etree.QName(space, local), fail_silently=True) or kind


def _reads(kind: object, text: str | None) -> bool:
    if not text or type(kind) is xsd.String:
        return True
    try:
        if isinstance(kind, xsd.Base64Binary):
            base64.b64decode(unbroken(text), validate=True)
        else:
            cast("Any", kind).pythonvalue(text)
    except (TypeError, ValueError, DecimalException):
        return False
    return True


def _has_text(element: Element) -> bool:
    return any((one.text or "").strip() for one in element.iter("*"))
