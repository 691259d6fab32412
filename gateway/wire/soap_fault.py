"""Faults of peers, recognised by their shape.

Stacks answer with the fault of one version in the envelope of the other, with or without namespaces on its children,
and under any HTTP status; so only local names count here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from gateway.wire.xml import Element

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_CODES_11 = {"Sender": "Client", "Receiver": "Server"}
_PREFERRED = ("vi", "en")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoapFault:
    """What a peer's Fault says.

    ``code`` and ``subcodes`` are without prefix; 1.2's Sender and Receiver go by their 1.1 names, Client and Server.
    """

    code: str
    subcodes: tuple[str, ...] = ()
    reason: str = field(default="", repr=False)  #: in Vietnamese if there is a choice, else in English
    actor: str = ""  #: 1.1 faultactor, 1.2 Role or Node
    detail: Element | None = field(default=None, repr=False)
    name: str = ""  #: what the WSDL calls it; empty where it declares no such fault

    def values(self) -> object:
        """Return the detail as it stands, by local names: dicts, lists and texts; None where there is none.

        A text beside attributes is at ``_value_1``, where zeep has it too.
        """
        return _plain(self.detail) if self.detail is not None else None


def parse_fault(root: Element) -> SoapFault | None:
    """Return the Fault in an envelope of any version, None where there is none."""
    body = _child(root, "Body")
    fault = _child(body, "Fault") if body is not None else None
    if fault is None:
        return None
    if _child(fault, "Code") is not None:
        return _fault_12(fault)
    return _fault_11(fault)


def _fault_11(fault: Element) -> SoapFault:
    return SoapFault(
        code=_code(_text(_child(fault, "faultcode"))),
        reason=_text(_child(fault, "faultstring")),
        actor=_text(_child(fault, "faultactor")),
        detail=_child(fault, "detail"),
    )


def _fault_12(fault: Element) -> SoapFault:
    codes = list(_codes(_child(fault, "Code")))
    return SoapFault(
        code=codes[0],
        subcodes=tuple(codes[1:]),
        reason=_reason(_child(fault, "Reason")),
        actor=_text(_child(fault, "Role")) or _text(_child(fault, "Node")),
        detail=_child(fault, "Detail"),
    )


def _plain(element: Element) -> object:
    found: dict[str, object] = {
        etree.QName(name).localname: value
        for name, value in element.attrib.items()
        if etree.QName(name).namespace != _XSI
    }
    for child in element.iterchildren("*"):
        _add(found, etree.QName(child).localname, _plain(child))
    text = (element.text or "").strip()
    if not found:
        return text
    return found | {"_value_1": text} if text else found


def _add(found: dict[str, object], name: str, value: object) -> None:
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        cast("list[object]", found[name]).append(value)
    else:
        found[name] = [found[name], value]


def _codes(code: Element | None) -> Iterator[str]:
    while code is not None:
        yield _code(_text(_child(code, "Value")))
        code = _child(code, "Subcode")


def _reason(reason: Element | None) -> str:
    if reason is None:
        return ""
    texts = [(text.get(_LANG, "").lower().split("-")[0], _text(text)) for text in reason.iterchildren("{*}Text")]
    chosen = (text for wanted in _PREFERRED for language, text in texts if language == wanted)
    return next(chosen, texts[0][1] if texts else _text(reason))


def _code(text: str) -> str:
    local = text.rpartition(":")[2]
    return _CODES_11.get(local, local)


def _child(parent: Element, name: str) -> Element | None:
    return parent.find("{*}" + name)


def _text(element: Element | None) -> str:
    return "".join(cast("Iterator[str]", element.itertext())).strip() if element is not None else ""
