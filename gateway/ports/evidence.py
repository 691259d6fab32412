"""The evidence that a store keeps, to be read out; and what only the doors can tell it: who was shown contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.core.chain import Head
from gateway.core.message import Actor
from gateway.core.record import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One incarnation's chain as it stands."""

    place: int  #: from 1, in the order begun
    begun_at: datetime
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Chained:
    """One record of a chain."""

    number: int  #: from 1
    link: bytes
    record: bytes
    salt: bytes = field(repr=False)


class Evidence(Protocol):
    """The chains. What is in them never changes, so that they can be read page by page while they grow."""

    async def viewed(self, view: View, *, actor: Actor) -> None:
        """Record that somebody is about to be shown contents; show them only afterwards."""
        ...

    async def chains(self, *, after: int = 0, limit: int = 100) -> Sequence[Chain]:
        """Return chains in the order begun, those with a higher place than ``after``."""
        ...

    async def chained(self, chain: int, *, after: int, until: int, limit: int = 500) -> Sequence[Chained]:
        """Return the records of the chain at this place: those numbered after one and up to another."""
        ...
