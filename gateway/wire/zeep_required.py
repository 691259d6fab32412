"""Which fields of a message its WSDL insists on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from zeep import xsd

_DEEPEST = 12  #: levels: types may contain themselves

#: Names from the message's own fields down to one that has a value.
Place = tuple[str, ...]


def required(kind: object) -> tuple[Place, ...]:
    """Return the fields with a value that cannot be left out of a complex type; of a choice none is insisted on.

    Below a list they are those of each item, and below an element that may be left out there are none.
    """
    return tuple(dict.fromkeys(_of_type(kind, (), _DEEPEST)))


def _of_type(kind: object, above: Place, levels: int) -> Iterator[Place]:
    if not isinstance(kind, xsd.ComplexType) or not levels:
        return
    model = cast("Any", kind)
    for _, member in cast("list[tuple[str, object]]", model.elements_nested):
        yield from _of_member(member, above, levels)
    for name, attribute in cast("list[tuple[str, Any]]", model.attributes):
        if name and getattr(attribute, "required", False):
            yield (*above, name)


def _of_member(member: object, above: Place, levels: int) -> Iterator[Place]:
    if isinstance(member, xsd.Element):
        yield from _of_element(member, above, levels)
    elif isinstance(member, xsd.Group):
        yield from _of_member(cast("Any", member).child, above, levels)
    elif isinstance(member, list) and not isinstance(member, xsd.Choice) and cast("Any", member).min_occurs:
        for one in cast("list[object]", member):
            yield from _of_member(one, above, levels)


def _of_element(element: xsd.Element, above: Place, levels: int) -> Iterator[Place]:
    one = cast("Any", element)
    if not one.min_occurs or one.nillable or one.default is not None:
        return
    place = (*above, cast("str", one.attr_name))
    below = tuple(_of_type(one.type, place, levels - 1))
    is_holder = isinstance(one.type, xsd.ComplexType) and bool(cast("Any", one.type).elements)
    yield from below if is_holder else (place,)
