"""An XML document as tables and lists, as JSON has them: for partners whose call-backs and answers are plain XML."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from lxml import etree

from gateway.wire.xml import Element

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_YES = frozenset({"true", "1"})


def table(root: Element, lists: Collection[str] = ()) -> dict[str, object]:
    """Return the document under its root's name.

    Names are local. An element with nothing but text is that text; any other is a table of its children, its
    attributes as ``@name`` and its own text as ``#text``. What stands there several times is a list, and so is whatever
    is named in ``lists``, even once. ``xsi:nil`` is nothing.
    """
    return {_name(root): _value(root, frozenset(lists))}


def _value(element: Element, lists: frozenset[str]) -> object:
    attributes = cast("Mapping[str, str]", element.attrib)
    if attributes.get(_NIL, "").strip() in _YES:
        return None
    text = (element.text or "").strip() if len(element) else element.text or ""
    said = {f"@{etree.QName(name).localname}": value for name, value in attributes.items() if not name.startswith("{")}
    if not len(element) and not said:
        return text
    children = _children(element, lists)
    return {**said, **children, **({"#text": text} if text else {})}


def _children(element: Element, lists: frozenset[str]) -> dict[str, object]:
    found: dict[str, list[object]] = {}
    for child in element:
        found.setdefault(_name(child), []).append(_value(child, lists))
    return {name: values if len(values) > 1 or name in lists else values[0] for name, values in found.items()}


def _name(element: Element) -> str:
    return etree.QName(element).localname
