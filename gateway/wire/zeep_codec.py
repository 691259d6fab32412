"""SOAP messages of a WSDL: plain values to bytes and back, for the side that calls.

zeep reads the WSDL and knows its types; envelopes, parsing and faults are ours. What is written and what is read is
validated against the WSDL's types, since zeep lets most breaches pass; a value zeep could not read is an error rather
than a field that quietly went missing. Nothing is loaded after ``load_wsdl`` has returned.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from zeep import Settings
from zeep.wsdl import Document
from zeep.wsdl.bindings import Soap11Binding, Soap12Binding

from gateway.wire.soap import SoapVersion
from gateway.wire.soap_fault import SoapFault
from gateway.wire.wsdl_facts import Facts, facts_of
from gateway.wire.wsdl_files import Part, SchemaGate, WsdlError, WsdlFolder
from gateway.wire.zeep_loss import Losses
from gateway.wire.zeep_message import DEFAULT_CODEC, CodecSettings, Model
from gateway.wire.zeep_operation import Operation, Place
from gateway.wire.zeep_types import (
    CodecError,
    ZeepBinding,
    ZeepDocument,
    ZeepElement,
    ZeepOperation,
    ZeepType,
    named,
)

__all__ = [
    "CodecError",
    "CodecSettings",
    "Operation",
    "SoapFault",
    "Wsdl",
    "WsdlError",
    "load_wsdl",
]


def load_wsdl(path: Path, *, settings: CodecSettings = DEFAULT_CODEC) -> Wsdl:
    """Read a WSDL and what it imports, all from its own folder. Blocks: run it in an executor. Raises WsdlError."""
    logging.getLogger("zeep").setLevel(logging.CRITICAL)  # its tracebacks repeat what documents say
    path = path.resolve()
    folder = WsdlFolder(path.parent)
    try:
        rules = cast("Any", Settings)(
            strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, force_https=False
        )
        document = cast("ZeepDocument", Document(str(path), cast("Any", folder), settings=rules))
        bound = list(_bound(document))
        gate = SchemaGate(folder, _wrappers(bound)) if settings.validate else None
    except WsdlError:
        raise
    except Exception as error:  # zeep raises whatever it stumbles over
        problem = f"it cannot be read as a WSDL ({type(error).__name__}: {error})"
        raise WsdlError(str(path), problem, "check it with a WSDL validator") from error
    folder.seal()
    model = Model(Losses(document.types), document.settings, gate, settings)
    facts = facts_of(folder.documents())
    operations = tuple(Operation(model, one.source, _place(one, number, facts)) for number, one in enumerate(bound))
    if not operations:
        raise WsdlError(str(path), "it has no SOAP binding", "ask the partner for the WSDL of its SOAP service")
    return Wsdl(str(path), operations)


class Wsdl:
    """The operations of one WSDL, by name and version."""

    def __init__(self, file: str, operations: tuple[Operation, ...]) -> None:
        self.file = file
        self._by_name = {(one.version, one.name): one for one in reversed(operations)}

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of all operations."""
        return tuple(sorted({name for _, name in self._by_name}))

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the versions of SOAP in which an operation is bound: ``1.1``, ``1.2``."""
        return tuple(one.number for one in SoapVersion if (one, name) in self._by_name)

    def operation(self, name: str, version: SoapVersion | None = None) -> Operation:
        """Return an operation, of SOAP 1.1 where the version is not said and both exist. Raises WsdlError."""
        versions = (version,) if version else tuple(SoapVersion)
        found = next((self._by_name[one, name] for one in versions if (one, name) in self._by_name), None)
        if found is None:
            near = difflib.get_close_matches(name, self.operations, 1) or self.operations
            wanted = f" in SOAP {version.name}" if version else ""
            raise WsdlError(self.file, f"it has no operation {name!r}{wanted}", f"it has {', '.join(near)}")
        if found.unusable:
            raise WsdlError(self.file, f"operation {name!r}: {found.unusable}", "ask for a document/literal binding")
        return found


@dataclass(frozen=True, slots=True)
class _Bound:
    """An operation of a binding, and where the binding is reached."""

    source: ZeepOperation
    version: SoapVersion
    address: str
    binding: str  #: as ``Facts`` names it
    port_type: str  #: as ``Facts`` names it


def _bound(document: ZeepDocument) -> Iterator[_Bound]:
    """Yield the operations of all SOAP ports, then those of bindings without a port."""
    bindings: list[tuple[ZeepBinding, Mapping[str, str | None]]] = [
        (port.binding, port.binding_options or {})
        for service in document.services.values()
        for port in service.ports.values()
    ]
    seen = [binding for binding, _ in bindings]
    bindings += [(binding, {}) for binding in document.bindings.values() if binding not in seen]
    for binding, options in bindings:
        version = _version(binding)
        if version is not None:
            for source in cast("Any", binding)._operations.values():  # noqa: SLF001 # zeep has no public way
                names = (f"{one.text}/{source.name}" for one in (binding.name, binding.port_type.name))
                yield _Bound(source, version, options.get("address") or "", *names)


def _version(binding: object) -> SoapVersion | None:
    if isinstance(binding, Soap12Binding):
        return SoapVersion.V12
    return SoapVersion.V11 if isinstance(binding, Soap11Binding) else None


def _wrappers(bound: Sequence[_Bound]) -> dict[str, tuple[Part, ...]]:
    """Return the parts of every message in rpc style, by the names of the wrappers' stand-ins."""
    return {
        f"{way}{number}": tuple(_part(one) for one in named(message.body.type).values())
        for number, one in enumerate(bound)
        for way, message in (("request", one.source.input), ("reply", one.source.output))
        if one.source.style == "rpc" and message is not None and message.body is not None
    }


def _part(element: ZeepElement) -> Part:
    return Part(name=element.qname.localname, type=cast("ZeepType", element.type).qname)


def _place(bound: _Bound, number: int, facts: Facts) -> Place:
    declared, implied = facts.declared.get(bound.port_type, ""), facts.implied.get(bound.port_type, "")
    return Place(
        version=bound.version,
        address=bound.address,
        wrappers=(f"request{number}", f"reply{number}") if bound.source.style == "rpc" else ("", ""),
        addressing=declared or bound.source.soapaction or implied,
        unusable=_unusable(bound, facts),
    )


def _unusable(bound: _Bound, facts: Facts) -> str:
    if bound.binding in facts.encoded:
        return 'its messages are encoded (use="encoded"), which WS-I Basic Profile 1.1 forbids'
    messages = [one for one in (bound.source.input, bound.source.output) if one is not None]
    if any(getattr(message, "_is_body_wrapped", False) for message in messages):
        return "its messages have several parts in the Body, which WS-I Basic Profile 1.1 forbids"
    bodies = [one.body for one in messages if one.body is not None]
    if bound.source.style == "rpc" and any(
        part.qname.namespace for body in bodies for part in named(body.type).values()
    ):
        return "its messages in rpc style have parts that are elements, which WS-I Basic Profile 1.1 forbids"
    return ""
