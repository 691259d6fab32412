"""XPath 1.0 over what partners send, by local names: the prefix and namespace that a stack writes are chance."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import cast

from lxml import etree

from gateway.wire.xml import DEFAULT_LIMITS, Element, XmlError, XmlLimits, parse


class XPath:
    """One expression, compiled once; extensions are off."""

    def __init__(self, text: str) -> None:
        """Compile; raises ValueError."""
        try:
            self._compiled = etree.XPath(text, regexp=False, smart_strings=False)
            self._compiled(etree.Element("nothing"))  # a prefix that stands for nothing is found only now
        except etree.XPathError as error:
            raise ValueError(f"{text!r} is no XPath of names without prefixes: {error}") from None

    def find(self, root: Element) -> Iterator[str]:
        """Yield the texts of what it selects: of elements all that is in them, of attributes their values.

        One at a time: elements inside one another have the same text, which may be as long as the document.
        """
        found: object = self._compiled(root)
        yield from map(_text, cast("list[object]", found) if isinstance(found, list) else (found,))


class XmlBody:
    """A body of which every name is local, made when somebody asks what it says, once."""

    def __init__(self, body: bytes = b"", root: Element | None = None, limits: XmlLimits = DEFAULT_LIMITS) -> None:
        """``root`` where it was parsed already; it is copied, not changed."""
        self._body = body
        self._parsed = root
        self._limits = limits
        self._made: list[Element | None] = []

    def root(self) -> Element | None:
        """Return the root element; None where it is not XML that we accept."""
        if not self._made:
            self._made.append(self._make())
        return self._made[0]

    def _make(self) -> Element | None:
        try:
            root = parse(self._body, limits=self._limits) if self._parsed is None else copy.deepcopy(self._parsed)
        except XmlError:
            return None
        for element in root.iter("*"):
            element.tag = etree.QName(element).localname
            for name in [name for name in element.attrib if str(name).startswith("{")]:
                element.set(etree.QName(name).localname, element.attrib.pop(name))
        return root


def _text(found: object) -> str:
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, float):
        return str(int(found)) if found.is_integer() else str(found)
    if isinstance(found, str):
        return found.strip()
    return "".join(cast("Sequence[str]", cast("Element", found).itertext())).strip()
