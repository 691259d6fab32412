"""What callers prove in their envelopes, beside the key in the HTTP header."""

from __future__ import annotations

from aiohttp import web

from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element

UNDERSTOOD: frozenset[str] = frozenset()  #: header blocks, as lxml writes their names


async def accept(_request: web.Request, root: Element) -> Element:
    """Return of a request's Envelope what may be believed; raises SoapProblem."""
    return root


def protect(_request: web.Request, _message: SoapMessage) -> None:
    """Add to a reply or a Fault, in place, what the caller expects."""
