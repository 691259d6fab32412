"""Evidence in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.core.chain import Head
from gateway.core.ids import NodeId
from gateway.ports.evidence import Chain, Chained
from gateway.stores.evidence_tables import Link
from gateway.stores.memory.journal import Journal, Table


class MemoryEvidence:
    """``evidence_tables.EvidenceTable`` in dictionaries."""

    def __init__(self, journal: Journal) -> None:
        self._chains = Table[int, Chain](journal)
        self._links = Table[tuple[int, int], Link](journal)

    def head(self) -> Head | None:
        last = self._chains.get(len(self._chains))
        return last.head if last else None

    def loose_ends(self) -> Sequence[Head]:
        head = self.head()
        return (head,) if head else ()

    def begin(self, node: NodeId, at: datetime) -> None:
        place = len(self._chains) + 1
        self._chains.put(place, Chain(place=place, begun_at=at, head=Head.before_first(node)))

    def add(self, link: Link) -> None:
        place = len(self._chains)
        chain = self._chains.get(place)
        assert chain is not None  # noqa: S101 - a chain is begun before anything is added
        self._chains.put(place, Chain(place=place, begun_at=chain.begun_at, head=link.head))
        self._links.put((place, link.head.number), link)

    def chains(self, after: int, limit: int) -> Sequence[Chain]:
        return [chain for chain in self._chains.values() if chain.place > after][:limit]

    def records(self, chain: int, after: int, until: int, limit: int) -> Sequence[Chained]:
        numbers = range(after + 1, min(until, after + limit) + 1)
        links = (self._links.get((chain, number)) for number in numbers)
        return [
            Chained(number=link.head.number, link=link.head.link, record=link.record, salt=link.salt)
            for link in links
            if link is not None
        ]
