"""What zeep forgets of a WSDL: encodings, and the actions of WS-Addressing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from gateway.wire.xml import Element

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_ACTIONS = (
    "{http://www.w3.org/2007/05/addressing/metadata}Action",
    "{http://www.w3.org/2006/05/addressing/wsdl}Action",
    "{http://www.w3.org/2005/08/addressing}Action",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts by ``{namespace}binding/operation`` or ``{namespace}portType/operation``."""

    encoded: frozenset[str]  #: operations of bindings whose messages are encoded, not literal
    declared: dict[str, str]  #: actions that a port type names
    implied: dict[str, str]  #: actions that follow from names (WS-Addressing Metadata 1.0, section 4.4.4)


def facts_of(documents: Iterable[Element]) -> Facts:
    """Read the facts from a WSDL's own documents, and from those it imports."""
    roots = [root for root in documents if root.tag == _WSDL + "definitions"]
    inputs = [one for root in roots for one in _inputs(root)]
    return Facts(
        encoded=frozenset(name for root in roots for name in _encoded(root)),
        declared={name: action for name, element, _ in inputs for action in _declared(element)},
        implied={name: implied for name, _, implied in inputs},
    )


def _encoded(root: Element) -> Iterator[str]:
    for name, operation in _operations(root, "binding"):
        if any(one.get("use") == "encoded" for one in operation.iter("*")):
            yield name


def _inputs(root: Element) -> Iterator[tuple[str, Element, str]]:
    """Yield the input of every operation, and the action that follows from its name."""
    space = root.get("targetNamespace", "")
    delimiter = ":" if space.startswith("urn:") else "/"
    for name, operation in _operations(root, "portType"):
        element = operation.find(_WSDL + "input")
        if element is not None:
            port_type, _, called = name.removeprefix(f"{{{space}}}").partition("/")
            default = called + "Request" if operation.find(_WSDL + "output") is not None else called
            parts = (space.rstrip(delimiter), port_type, element.get("name") or default)
            yield name, element, delimiter.join(parts)


def _declared(element: Element) -> Iterator[str]:
    yield from [action for name in _ACTIONS if (action := element.get(name))][:1]


def _operations(root: Element, kind: str) -> Iterator[tuple[str, Element]]:
    for holder in root.iterfind(_WSDL + kind):
        name = etree.QName(root.get("targetNamespace") or None, holder.get("name", "")).text
        for operation in holder.iterfind(_WSDL + "operation"):
            yield f"{name}/{operation.get('name', '')}", operation
