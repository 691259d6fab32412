"""What a dialect (REST, SOAP) does for an adapter by configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from gateway.sdk.plan import Operation
from gateway.sdk.request import Outgoing
from gateway.sdk.rules import Reply
from gateway.sdk.source import Source
from gateway.wire.http import HttpReply

Call = TypeVar("Call")


class Dialect(Protocol[Call]):
    """Writes requests and reads replies."""

    async def open(self) -> None:
        """Load what it needs; raises ConfigError."""
        ...

    async def write(self, operation: Operation[Call], source: Source) -> Outgoing:
        """Return the request; raises CannotRender, CannotProve."""
        ...

    def required(self, operation: Operation[Call]) -> Sequence[tuple[str, ...]]:
        """Return the fields of the mapped document that the partner's own description insists on, once it is open."""
        ...

    async def read(self, operation: Operation[Call], result: HttpReply, sent: Outgoing) -> Reply:
        """Return the reply to what was sent, with its document."""
        ...
