"""The operations of a WSDL with the fields of their messages, read from the WSDL's own folder and from nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from gateway.wire.shape import DEEPEST, Budget, Called, Field, Kind, one_line
from gateway.wire.zeep_codec import Wsdl, load_wsdl
from gateway.wire.zeep_types import ZeepMessage

_KINDS: tuple[tuple[type, Kind], ...] = (
    (bool, "bool"),
    (int, "int"),
    (str, "text"),
    (Decimal, "text"),
    (float, "text"),
)
_FILES = frozenset({"base64Binary", "hexBinary"})


def operations_of(path: Path) -> tuple[Called, ...]:
    """Return what a WSDL offers over SOAP; raises WsdlError."""
    wsdl = load_wsdl(path)
    return tuple(_called(wsdl, name) for name in wsdl.operations)


def _called(wsdl: Wsdl, name: str) -> Called:
    operation = wsdl.operation(name)
    budget = Budget()
    return Called(
        name=name,
        address=one_line(operation.address),
        request=_message(operation.source.input, budget),
        reply=_message(operation.source.output, budget),
        faults=tuple(sorted(operation.source.faults)),
        versions=wsdl.versions(name),
    )


def _message(message: ZeepMessage | None, budget: Budget) -> tuple[Field, ...]:
    """Return the fields of a message: those of its one element, or its parameters in rpc style."""
    parts = list(cast("Mapping[str, Any]", message.abstract.parts).items()) if message is not None else []
    elements = [part.element for _, part in parts if part.element is not None]
    if len(elements) == 1 and _elements(elements[0].type):
        return _fields(elements[0].type, budget, ())
    return tuple(
        _field(name, part.element.type if part.element is not None else part.type, budget, ()) for name, part in parts
    )


def _fields(kind: Any, budget: Budget, above: tuple[str, ...]) -> tuple[Field, ...]:  # noqa: ANN401 - zeep is untyped
    found: list[Field] = []
    for name, element in _elements(kind):
        if not budget.take():
            break
        if not hasattr(element, "type"):  # xs:any
            found.append(
                Field(name=name, type="xs:any", kind="any", required=False, note="whatever the partner agrees to")
            )
            continue
        many = bool(element.accepts_multiple)
        found.append(_field(name, element.type, budget, above, required=not element.is_optional, many=many))
    for name, attribute in cast("Iterable[tuple[str, Any]]", getattr(kind, "attributes", ())):
        if hasattr(attribute, "type") and budget.take():
            found.append(_field(name, attribute.type, budget, above, required=bool(attribute.required)))
    return tuple(found)


def _field(
    name: str,
    kind: Any,  # noqa: ANN401 - zeep is untyped
    budget: Budget,
    above: tuple[str, ...],
    *,
    required: bool = True,
    many: bool = False,
) -> Field:
    written = str(kind.qname.localname) if getattr(kind, "qname", None) is not None else "(unnamed)"
    if not _elements(kind) and not list(getattr(kind, "attributes", ())):
        return Field(name=name, type=written, kind=_kind(kind, written), required=required, many=many)
    mark = str(kind.qname) if getattr(kind, "qname", None) is not None else f"{above[-1:]}/{name}"
    if mark in above or len(above) >= DEEPEST:
        note = "goes on inside itself: write as many levels as you need"
        return Field(name=name, type=written, kind="any", required=required, many=many, note=note)
    fields = _fields(kind, budget, (*above, mark))
    return Field(name=name, type=written, kind="table", required=required, many=many, fields=fields)


def _elements(kind: Any) -> Sequence[tuple[str, Any]]:  # noqa: ANN401 - zeep is untyped
    return list(cast("Iterable[tuple[str, Any]]", getattr(kind, "elements", ())))


def _kind(kind: Any, written: str) -> Kind:  # noqa: ANN401 - zeep is untyped
    if written in _FILES:
        return "file"
    accepted = cast("Sequence[type]", getattr(kind, "accepted_types", ()) or ())
    if any(issubclass(one, dt.date | dt.time) for one in accepted):
        return "text"
    for base, said in _KINDS:
        if base in accepted:
            return said
    return "text"
