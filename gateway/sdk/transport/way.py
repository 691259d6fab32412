"""What every way to a partner does; the plain one does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.sdk.request import Outgoing
from gateway.sdk.rules import Reply, Rule
from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element


@dataclass(frozen=True, slots=True)
class Transport:
    """A plain connection, and what other ways are made from."""

    rules: tuple[Rule, ...] = ()  #: what its own errors mean, after the rules of the system's file

    def carry(self, outgoing: Outgoing, endpoint: str, about: str) -> Outgoing:
        """Return the request as it travels this way.

        ``endpoint`` is what its address begins with, unless it goes elsewhere. ``about`` is the id of the delivery or
        query, empty for a login; what the request is known by on its way follows from it, the same on every try.
        """
        del endpoint, about
        return outgoing

    def envelop(self, message: SoapMessage, operation: str, about: str) -> Mapping[str, str]:
        """Add header blocks to an envelope; return what the message is known by."""
        del message, operation, about
        return {}

    def heard(self, reply: Reply) -> Reply:
        """Return a reply with the code of the way's own error, and with what it says of the message."""
        return reply

    def opened(self, reply: Reply, root: Element) -> Reply:
        """Return the reply of which this is the envelope, likewise."""
        del root
        return reply


DIRECT = Transport()


def shorter(outgoing: Outgoing, endpoint: str) -> str | None:
    """Return what follows the endpoint in a request's address; None where it goes elsewhere."""
    rest = outgoing.url.removeprefix(endpoint)
    return rest if len(rest) < len(outgoing.url) and rest[:1] in ("", "/", "?") else None
