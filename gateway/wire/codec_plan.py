"""Which of a WSDL's types are plain: sequences of fields, each with a value or with fields of its own.

They are worked out once, from what zeep knows of them, and drive a writer and a reader of our own. Whatever else there
is stays with zeep: choices, groups, lists, unions, text beside attributes; and, where a message makes use of it, what a
plain type allows besides: attributes, ``xs:any``, ``xsi:type``, defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from zeep import xsd
from zeep.xsd.types.builtins import BuiltinType


class Unfit(Exception):
    """Type, values or document are not plain: they are zeep's."""


class Leaf(Protocol):
    """zeep's type of one value."""

    def xmlvalue(self, value: object) -> object:
        """Return the text of a value."""
        ...

    def pythonvalue(self, value: str) -> object:
        """Return the value of a text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlainField:
    """One element of a sequence."""

    name: str
    tag: str  #: as lxml writes it
    space: str  #: its namespace; empty where it has none
    local: str
    least: int
    most: int | None  #: None for no limit
    leaf: Leaf | None  #: the type of its value,
    below: Plain | None  #: or the fields below it; both None where they are zeep's
    nillable: bool  #: written with ``xsi:nil`` where it has no value and must be there


@dataclass(slots=True, kw_only=True, eq=False)
class Plain:
    """A plain type. It may contain itself, so its fields come after it."""

    fields: tuple[PlainField, ...] = ()
    is_bare: bool = False  #: one without content has no fields: no defaults, nothing made of its attributes


@dataclass(slots=True)
class Plans:
    """The plain types of one WSDL."""

    _known: dict[int, tuple[object, Plain | None]] = field(default_factory=dict[int, "tuple[object, Plain | None]"])

    def of(self, kind: object) -> Plain | None:
        """Return how a complex type is plain; None where it is not."""
        if id(kind) not in self._known:
            made = Plain()
            self._known[id(kind)] = (kind, made)
            try:
                made.fields, made.is_bare = self._fields(kind), _is_bare(kind)
            except Unfit:
                self._known[id(kind)] = (kind, None)
        return self._known[id(kind)][1]

    def _fields(self, kind: object) -> tuple[PlainField, ...]:
        fields = tuple(self._field(one) for one in _elements(kind))
        if len({one.local for one in fields} | {one.name for one in fields}) != len(fields):
            raise Unfit  # zeep renames those it has met, and reads some by their local names
        if any(one.leaf is None and one.below is None for one in fields if one.least):
            raise Unfit
        return fields

    def _field(self, element: xsd.Element) -> PlainField:
        one = cast("Any", element)
        most = None if one.max_occurs == "unbounded" else int(one.max_occurs)
        if most == 0:
            raise Unfit
        is_leaf = isinstance(one.type, BuiltinType) and not isinstance(one.type, xsd.Notation)
        return PlainField(
            name=one.attr_name,
            tag=one.qname.text,
            space=one.qname.namespace or "",
            local=one.qname.localname,
            least=int(one.min_occurs),
            most=most,
            leaf=cast("Leaf", one.type) if is_leaf else None,
            below=self.of(one.type) if isinstance(one.type, xsd.ComplexType) else None,
            nillable=bool(one.nillable) and most == 1 and one.default is None,
        )


def _elements(kind: object) -> Iterator[xsd.Element]:
    """Yield the elements of a type's one sequence; raises Unfit where it is more than that."""
    model = cast("Any", kind)
    if not isinstance(kind, xsd.ComplexType) or model._array_type is not None:  # noqa: SLF001 # zeep has no public way
        raise Unfit
    if any(_is_insisted_on(attribute) for _, attribute in cast("list[tuple[str, object]]", model.attributes)):
        raise Unfit
    members = [member for _, member in cast("list[tuple[str, object]]", model.elements_nested)]
    if not all(isinstance(one, xsd.Sequence) for one in members):
        raise Unfit
    elements = list(_flat(members))
    if any(isinstance(one, xsd.Any) for one in elements[:-1]):
        raise Unfit  # it would take what is declared after it
    return (one for one in elements if isinstance(one, xsd.Element))


def _flat(members: Iterable[object]) -> Iterator[object]:
    for member in members:
        if isinstance(member, xsd.Sequence):
            sequence = cast("Any", member)
            if (sequence.min_occurs, sequence.max_occurs) != (1, 1):
                raise Unfit
            yield from _flat(cast("Iterable[object]", sequence))
        elif type(member) is xsd.Element or (isinstance(member, xsd.Any) and cast("Any", member).is_optional):
            yield member
        else:
            raise Unfit


def _is_insisted_on(attribute: object) -> bool:
    one = cast("Any", attribute)
    return bool(getattr(one, "required", False)) or getattr(one, "default", None) is not None


def _is_bare(kind: object) -> bool:
    model = cast("Any", kind)
    elements = [one for _, one in cast("list[tuple[str, Any]]", model.elements)]
    attributes = [one for _, one in cast("list[tuple[str, Any]]", model.attributes)]
    given = any(getattr(one, "default", None) is not None for one in elements)
    return bool(elements) and not given and all(one.name for one in attributes)
