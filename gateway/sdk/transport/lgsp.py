"""A provincial LGSP, as WSO2 API Manager is one: its own errors, in JSON or XML, under the partner's address.

Up to version 3 they stand below ``fault``, in JSON as in XML; from 4.0 on they are JSON, and stand there by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import msgspec

from gateway.sdk.rules import Reply
from gateway.sdk.transport.way import Transport
from gateway.sdk.words import as_text
from gateway.wire.xml import XmlError, XmlLimits, parse

_NO_PATH, _NO_METHOD = "404", "405"  #: what it calls an address that none of its APIs has
#: What the bus says before the ministry had the call; the documented table of docs/reference/system-files.md.
RULES: tuple[dict[str, object], ...] = (
    {"transport": ["900900", "900901", "900902", "900903", "900904", "900905"], "then": "credentials"},
    {
        "transport": [
            *("9008*", "700700", "900906", "900907", "900908", "900909", "900910"),
            *(_NO_PATH, _NO_METHOD, "101503", "101508", "303000", "303001", "303002", "303100"),
        ],
        "then": "retry",
    },
)
_CODE = re.compile(r"(101[05]|303|7007|900[489])\d{2,3}", re.ASCII)
_REPORT = "Status report"  #: what it calls such an error, in which its code is that of HTTP
_OWN = frozenset({"code", "type", "message", "description", "nextAccessTime"})
_SMALL = XmlLimits(max_bytes=16 * 1024, max_elements=50, max_depth=8)
_FAILED = 400


@dataclass(frozen=True, slots=True)
class Lgsp(Transport):
    """Knows the bus's errors from the ministry's: ``{"fault": {"code": 900901, …}}``, the same bare, ``<am:fault>``."""

    def heard(self, reply: Reply) -> Reply:
        """Return the reply with the bus's code, where it is the bus that speaks."""
        if reply.status < _FAILED:
            return reply
        fault = _in_json(reply.document if reply.document is not None else _json(reply.body)) or _in_xml(reply.body)
        code = fault.get("code", "")
        if not (_CODE.fullmatch(code) or (code in {_NO_PATH, _NO_METHOD} and fault.get("type") == _REPORT)):
            return reply
        document = {"fault": {**fault, "reason": fault.get("description") or fault.get("message", "")}}
        return replace(reply, transport=code, document=document)


def _in_json(document: object) -> dict[str, str]:
    said = cast("Mapping[str, object]", document if isinstance(document, Mapping) else {})
    fault = said if said.keys() <= _OWN else said.get("fault")
    if not isinstance(fault, Mapping):
        return {}
    return {name: as_text(value) or "" for name, value in cast("Mapping[str, object]", fault).items()}


def _json(body: bytes) -> object:
    """Return the JSON that a bus may say to who asked for XML; None where it is none, or long."""
    try:
        return msgspec.json.decode(body) if len(body) <= _SMALL.max_bytes else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _in_xml(body: bytes) -> dict[str, str]:
    if b"fault" not in body[: _SMALL.max_bytes]:
        return {}
    try:
        root = parse(body, limits=_SMALL)
    except XmlError:
        return {}
    name = str(root.tag).rpartition("}")[2]
    return {str(child.tag).rpartition("}")[2]: child.text or "" for child in root} if name == "fault" else {}
