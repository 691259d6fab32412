"""Where a message breaks the WSDL's schema, and what stands in the schema there: never what the message says."""

from __future__ import annotations

import re
from difflib import get_close_matches

from lxml import etree

from gateway.ingress.soap import wsdl
from gateway.model.fault import Fault
from gateway.wire.xml import Element, LogEntry, log_entries, logged_element
from gateway.wire.xml_names import reading

_FAULTS = 20
_NAME_LIMIT = 60
_NAMED = 10  #: so many elements libxml2 names at most
_ELEMENTS = re.compile(r"Expected is (?:one of )?\( (.*) \)\.\Z")
_ELEMENT = "SCHEMAV_ELEMENT_CONTENT"  #: one is missing, or another stands in its place
#: What libxml2 calls other rules, and what a sender is told of each.
_RULES = {
    "SCHEMAV_CVC_ELT_3_1": ("nil", ""),
    "SCHEMAV_CVC_ELT_4_1": ("not_allowed", "no xsi:type"),
    "SCHEMAV_CVC_ELT_4_2": ("not_allowed", "no xsi:type"),
    "SCHEMAV_CVC_ELT_4_3": ("not_allowed", "no xsi:type"),
    "SCHEMAV_CVC_TYPE_3_1_1": ("not_allowed", "no attribute"),
    "SCHEMAV_CVC_TYPE_3_1_2": ("not_allowed", "text, no elements"),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": ("not_allowed", "elements, no text"),
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": ("not_allowed", "no attribute"),
}
#: Facets, and the codes by which the model's own reading names the same.
_FACETS = {
    "minInclusive": "range",
    "maxInclusive": "range",
    "minLength": "length",
    "maxLength": "length",
    "pattern": "pattern",
    "enumeration": "enum",
}
_FACET = re.compile(r"[^']*'[^']*'(?:, attribute '[^']*')?: \[facet '(\w+)'\]")
_TYPE = re.compile(r"type '([^']*)'\.\Z")
#: How what libxml2 says of a facet ends: with the schema's own words, behind the value that breaks it.
_BOUND = re.compile(r"(?:\{([^{}]*)\}|'([^']*)'\)?)\.\Z")
_NAMESPACE = re.compile(r"\{[^{}]*\}")


def schema_faults(body: Element) -> tuple[Fault, ...]:
    """Return where the message does not fit the schema: places and rules, never what stands there."""
    schema = wsdl.compiled()
    reading()  # a large message was parsed in another thread
    if schema.validate(body):
        return ()
    faults: dict[str, Fault] = {}
    for entry in log_entries(schema):
        element = logged_element(body, entry.path or "")
        place = readable(body, element)
        if place not in faults:  # what follows from it says less
            code, expected = _breach(element, entry)
            faults[place] = Fault(path=place, code=code, expected=expected, suggestion=_meant(element))
        if len(faults) == _FAULTS:
            break
    return tuple(faults.values()) or (Fault(path=".", code="invalid"),)


def readable(body: Element, element: Element | None) -> str:
    """Return the place of an error as element names below ``body``: ``item[2]/statusChanged/status``."""
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


def _meant(element: Element | None) -> str:
    """Return the element that was probably meant by a strange one, in its namespace where that is what it lacks."""
    if element is None or element.tag in wsdl.declared():
        return ""
    given = etree.QName(element).localname[:_NAME_LIMIT]
    known = {etree.QName(tag).localname: tag for tag in wsdl.declared()}
    if given in known:
        return known[given]
    return next(iter(get_close_matches(given, known, n=1)), "")


def _breach(element: Element | None, entry: LogEntry) -> tuple[str, str]:
    """Return code and expectation, as the other door has them: ``range``, and ``maxInclusive 10``."""
    message, kind = entry.message.strip(), entry.type_name
    if kind in _RULES:
        return _RULES[kind]
    if kind == _ELEMENT:
        found = _ELEMENTS.search(message)
        names = _elements(found[1]) if found else ""
        return ("element", names) if names else ("order", "")
    if (facet := _FACET.match(message)) and (found := _BOUND.search(message)):
        return _FACETS.get(facet[1], "invalid"), f"{facet[1]} {found[1] or found[2]}".replace("'", "")
    if "DATATYPE" in kind:
        found = _TYPE.search(message)
        name = etree.QName(element).localname if element is not None else ""
        return "type", found[1] if found else wsdl.bases().get(name, "a value of the type in the WSDL")
    return "invalid", ""


def _elements(listed: str) -> str:
    names = [name for name in _NAMESPACE.sub("", listed).split(", ") if not name.startswith("##")]
    more = ", …" if len(names) == _NAMED else ""
    return f"one of: {', '.join(names)}{more}" if len(names) > 1 else "".join(names)
