"""What zeep would lose of a document that it reads.

It turns a text that its types cannot hold into None and says so only to its log: 'yesterday', but also 24:00:00 and
years before 1, which XML Schema allows. It skips what is no base64, and takes a child of a foreign namespace for one
that is missing. So each text is tried before zeep reads it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from decimal import DecimalException
from typing import Any, cast

from lxml import etree
from zeep import xsd
from zeep.exceptions import NamespaceError

from gateway.wire.xml import Element
from gateway.wire.zeep_types import TEXT, ZeepElement, named

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TRUE = frozenset({"true", "1"})


def loss(element: Element, kind: object, types: object, path: str) -> str | None:
    """Return the dotted path of the first text that would not come through, None where all would."""
    return next(_losses(element, kind, types, path), None)


def _losses(element: Element, kind: object, types: object, path: str) -> Iterator[str]:
    actual = _actual(element, kind, types)
    if element.get(_XSI + "nil", "").strip() in _TRUE:
        if len(element) or (element.text or "").strip():
            yield path
    elif isinstance(actual, xsd.ComplexType):
        yield from _complex_losses(element, cast("Any", actual), types, path)
    elif isinstance(actual, xsd.AnySimpleType) and (len(element) or not _reads(actual, element.text)):
        yield path


def _complex_losses(element: Element, kind: Any, types: object, path: str) -> Iterator[str]:  # noqa: ANN401 # zeep's
    yield from _attribute_losses(element, kind, path)
    fields = named(kind).values()
    own = named(kind).get(TEXT)
    if own is not None and isinstance(own.type, xsd.AnySimpleType) and not _reads(own.type, element.text):
        yield path
    is_open = any(isinstance(one, xsd.Any) for _, one in kind.elements)
    for child in element.iterchildren("*"):
        here = f"{path}.{etree.QName(child).localname}"
        declared = next((one for one in fields if _is(one, child)), None) or (_known(child, types) if is_open else None)
        if declared is not None:
            yield from _losses(child, declared.type, types, here)
        elif not is_open and _has_text(child):
            yield here


def _attribute_losses(element: Element, kind: Any, path: str) -> Iterator[str]:  # noqa: ANN401 # zeep's
    declared = cast("Mapping[str, Any]", {one.qname.text: one for _, one in kind.attributes if one.name})
    for name, value in cast("Mapping[str, str]", element.attrib).items():
        if name in declared and not _reads(declared[name].type, value):
            yield f"{path}.{etree.QName(name).localname}"


def _is(declared: ZeepElement, element: Element) -> bool:
    """Whether zeep takes it for this one: it looks at namespaces only where both have one."""
    theirs, ours = etree.QName(element), declared.qname
    is_same = theirs.namespace == ours.namespace or not theirs.namespace or not ours.namespace
    return is_same and theirs.localname == ours.localname


def _known(element: Element, types: object) -> ZeepElement | None:
    try:
        return cast("ZeepElement", cast("Any", types).get_element(element.tag))
    except (LookupError, NamespaceError):
        return None


def _actual(element: Element, kind: object, types: object) -> object:
    """Return the type that the element says it has, else the one that it is declared with."""
    prefix, _, local = (element.get(_XSI + "type") or "").strip().rpartition(":")
    if not local:
        return kind
    space = element.nsmap.get(prefix or None)
    return cast("Any", types).get_type(etree.QName(space, local), fail_silently=True) or kind


def _reads(kind: object, text: str | None) -> bool:
    if not text:
        return True
    try:
        if isinstance(kind, xsd.Base64Binary):
            base64.b64decode("".join(text.split()), validate=True)
        else:
            cast("Any", kind).pythonvalue(text)
    except (TypeError, ValueError, DecimalException, binascii.Error):
        return False
    return True


def _has_text(element: Element) -> bool:
    return any((one.text or "").strip() for one in element.iter("*"))
