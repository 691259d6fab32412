"""What a driver offers for evidence; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from gateway.core.chain import Head
from gateway.core.ids import NodeId
from gateway.ports.evidence import Chain, Chained


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A record at its place in its chain, with the salt that opens what is sealed in it."""

    head: Head  #: after this record
    record: bytes
    salt: bytes


class EvidenceTable(Protocol):
    """Chains of records. Nothing is ever changed or taken away."""

    def head(self) -> Head | None:
        """Return the head of the chain that is appended to; None where this incarnation has none yet."""
        ...

    def loose_ends(self) -> Sequence[Head]:
        """Return the heads of earlier chains that no later chain has named."""
        ...

    def begin(self, node: NodeId, at: datetime) -> None:
        """Append to a new chain from now on."""
        ...

    def add(self, link: Link) -> None:
        """Append a record."""
        ...

    def chains(self, after: int, limit: int) -> Sequence[Chain]:
        """Return chains in the order begun, those with a higher place than ``after``."""
        ...

    def records(self, chain: int, after: int, until: int, limit: int) -> Sequence[Chained]:
        """Return a chain's records by number, after one and up to another."""
        ...
