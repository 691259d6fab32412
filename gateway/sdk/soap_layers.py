"""What stands between a SOAP message and its bytes, beside the way in which its files travel: security."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from gateway.wire.errors import WireError
from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element


class Distrusted(WireError):
    """A reply is not proved to be the partner's answer to our request: nothing in it counts."""


class CannotProve(WireError):
    """Nothing we have proves now who we are, or nothing could prove the partner's reply: nothing was sent."""


class Security(Protocol):
    """Proves our messages, and wants the partner's proved."""

    @property
    def covers(self) -> bool:
        """Whether our messages are covered as a whole: then nothing may travel beside the envelope."""
        ...

    @property
    def asks(self) -> bool:
        """Whether replies must prove something: then nothing counts that is no envelope."""
        ...

    async def protect(self, message: SoapMessage) -> None:
        """Add to the message, in place, what the partner asks for; raises CannotProve."""
        ...

    async def accept(self, root: Element, *, about: str) -> Element:
        """Return of a reply's Envelope what may be believed, decrypted; raises Distrusted.

        ``about`` is the id of the delivery or query that it should answer.
        """
        ...


class NoSecurity:
    """Proves nothing, and believes what came over the connection."""

    covers = False
    asks = False

    async def protect(self, message: SoapMessage) -> None:
        """Leave the message as it is."""

    async def accept(self, root: Element, *, about: str) -> Element:
        """Return the whole reply."""
        del about
        return root


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """The layers of one system."""

    security: Security = field(default_factory=NoSecurity)


NO_LAYERS = Layers()
