"""What a SOAP partner answered, as rules see it; and what in it must be there, or must not, to be believed at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.sdk.rules import Reply
from gateway.sdk.soap_layers import Distrusted
from gateway.wire.http import HttpReply
from gateway.wire.soap import SoapVersion, not_understood
from gateway.wire.soap_addressing import UNDERSTOOD, AddressingError, read_addressing
from gateway.wire.xml import Element
from gateway.wire.zeep_codec import CodecError, SoapFault
from gateway.wire.zeep_operation import Operation

_REFUSALS, _UNAVAILABLE = frozenset({401, 403, 429}), 503
HEADER = "soap_header"  #: where a reply's declared headers are


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a believed envelope says."""

    content: Mapping[str, object] | SoapFault = field(repr=False)
    headers: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)


def found_in(root: Element, wsdl: Operation, *, ignored: frozenset[str]) -> Found:
    """Read an envelope that is believed; ``ignored`` are headers that need not be understood. Raises CodecError."""
    blocks = list(root.iterfind("{*}Header/*"))
    version = next((one for one in SoapVersion if root.tag == one.tag("Envelope")), wsdl.version)
    strange = not_understood(blocks, version, UNDERSTOOD | wsdl.reply_headers | ignored)
    if strange is not None:
        raise CodecError("Header", f"{strange} must be understood (ignore it by `ignored_headers`)")
    content = wsdl.read_root(root)
    return Found(content=content, headers={} if isinstance(content, SoapFault) else wsdl.read_headers(root))


def check_relation(root: Element, sent: str) -> None:
    """Raise Distrusted where the reply says that it answers something else than what was ``sent``."""
    try:
        said = read_addressing(root.iterfind("{*}Header/*"))
    except AddressingError as error:
        raise Distrusted(f"WS-Addressing: {error}") from error
    if said is not None and said.relates_to and sent not in said.relates_to:
        raise Distrusted("WS-Addressing: RelatesTo: the reply answers another message")


def reply_of(result: HttpReply, found: Found) -> Reply:
    """Return the values by name; a fault's are at ``fault.code``, ``fault.reason``, ``fault.detail`` and so on."""
    fault = found.content if isinstance(found.content, SoapFault) else None
    document = _shown(fault) if fault is not None else dict(_values(found.content))
    if found.headers:
        document[HEADER] = found.headers
    return Reply(
        status=result.status,
        headers=result.headers,
        body=result.body,
        document=document,
        fault=fault.code if fault else None,
        early=result.early,
    )


def is_refusal(result: HttpReply) -> bool:
    """Whether somebody refused the request before anybody read it, and needs no envelope to say so."""
    return result.status in _REFUSALS or (result.status == _UNAVAILABLE and result.header("Retry-After") is not None)


def unreadable(result: HttpReply, problem: str, *, distrusted: bool = False) -> Reply:
    """Return a reply that says nothing but its status and its text."""
    return Reply(
        status=result.status,
        headers=result.headers,
        body=result.body,
        readable=False,
        problem=problem,
        early=result.early,
        distrusted=distrusted,
    )


def _values(content: Mapping[str, object] | SoapFault) -> Mapping[str, object]:
    return {} if isinstance(content, SoapFault) else content


def _shown(fault: SoapFault) -> dict[str, object]:
    return {
        "fault": {
            "code": fault.code,
            "subcode": fault.subcodes[0] if fault.subcodes else "",
            "reason": fault.reason,
            "actor": fault.actor,
            "name": fault.name,
            "detail": fault.values(),
        }
    }
