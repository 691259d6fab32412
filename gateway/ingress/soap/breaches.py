"""Where a message breaks the WSDL's schema, and what stands in the schema there: never what the message says."""

from __future__ import annotations

import re

from lxml import etree

from gateway.ingress.soap import wsdl
from gateway.model.fault import Fault
from gateway.wire.xml import Element, LogEntry, log_entries, logged_element

_FAULTS = 20
_NAMED = 10  #: so many elements libxml2 names at most
_ELEMENTS = re.compile(r"Expected is (?:one of )?\( (.*) \)\.\Z")
_ELEMENT = "SCHEMAV_ELEMENT_CONTENT"  #: one is missing, or another stands in its place
_FACET = re.compile(r"[^']*'[^']*'(?:, attribute '[^']*')?: \[facet '(\w+)'\]")
_TYPE = re.compile(r"type '([^']*)'\.\Z")
#: How what libxml2 says of a facet ends: with the schema's own words, behind the value that breaks it.
_BOUND = re.compile(r"(?:\{([^{}]*)\}|'([^']*)'\)?)\.\Z")
_NAMESPACE = re.compile(r"\{[^{}]*\}")


def schema_faults(body: Element) -> tuple[Fault, ...]:
    """Return where the message does not fit the schema: places and rules, never what stands there."""
    schema = wsdl.compiled()
    if schema.validate(body):
        return ()
    faults = (
        Fault(path=_readable(body, entry.path or ""), code=_code(entry), expected=_rule(entry))
        for entry in log_entries(schema)
    )
    return tuple(dict.fromkeys(faults))[:_FAULTS] or (Fault(path=".", code="invalid"),)


def _readable(body: Element, path: str) -> str:
    """Return the place of an error as element names below the operation: ``item[2]/statusChanged/status``."""
    element = logged_element(body, path)
    steps: list[str] = []
    while element is not None and element is not body:
        steps.append(_step(element))
        element = element.getparent()
    return "/".join(reversed(steps)) or "."


def _step(element: Element) -> str:
    """Name an element, a strange one by its place only: whoever made it up may have named anybody (G9)."""
    if element.tag not in wsdl.declared():
        return f"*[{sum(1 for _ in element.itersiblings('*', preceding=True)) + 1}]"
    name = etree.QName(element).localname
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    after = next(element.itersiblings(element.tag), None)
    return f"{name}[{before + 1}]" if before or after is not None else name


def _code(entry: LogEntry) -> str:
    return "element" if entry.type_name == _ELEMENT and _ELEMENTS.search(entry.message.strip()) else "invalid"


def _rule(entry: LogEntry) -> str:
    """Return what the schema wants, in its own words: ``one of: status, reason``, ``maxInclusive 10``."""
    message, kind = entry.message.strip(), entry.type_name
    if kind == _ELEMENT and (found := _ELEMENTS.search(message)):
        return _elements(found[1])
    if (facet := _FACET.match(message)) and (found := _BOUND.search(message)):
        return f"{facet[1]} {found[1] or found[2]}".replace("'", "")
    if "DATATYPE" in kind:
        found = _TYPE.search(message)
        return found[1] if found else "a value of the type in the WSDL"
    return kind


def _elements(listed: str) -> str:
    names = [name for name in _NAMESPACE.sub("", listed).split(", ") if not name.startswith("##")]
    more = ", …" if len(names) == _NAMED else ""
    return f"one of: {', '.join(names)}{more}" if len(names) > 1 else "".join(names)
