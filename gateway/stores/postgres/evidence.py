"""Evidence in PostgreSQL: the chains of several nodes grow at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.chain import Head
from gateway.core.ids import NodeId
from gateway.ports.evidence import Chain, Chained
from gateway.stores.evidence_tables import Link
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access, Many

# Append a record.
ADD = Many("INSERT INTO evidence (place, number, link, record, salt)", 5)
# Begin a chain.
BEGIN = "INSERT INTO evidence_chain (place, node, begun_at) VALUES (?, ?, ?)"
# The highest place, and the epoch.
LAST_PLACE = "SELECT coalesce(max(place), 0), (SELECT value FROM meta WHERE name = 'epoch') FROM evidence_chain"
# A chain's last record.
HEAD = """
SELECT chain.node, evidence.number, evidence.link FROM evidence_chain AS chain JOIN evidence USING (place)
WHERE chain.place = ? ORDER BY evidence.number DESC LIMIT 1
"""
# The chains of which no later one has named the end.
LOOSE = "SELECT place FROM evidence_chain WHERE named = 0 ORDER BY place"
# Those among them that nobody appends to any more are named for good.
NAME = """
UPDATE evidence_chain SET named = 1
WHERE named = 0 AND node NOT IN (SELECT id FROM node WHERE ended_at IS NULL)
"""
# Chains in the order begun.
CHAINS = "SELECT place, begun_at FROM evidence_chain WHERE place > ? ORDER BY place LIMIT ?"
# A chain's records between two numbers.
RECORDS = """
SELECT number, link, record, salt FROM evidence
WHERE place = :place AND number > :after AND number <= :until ORDER BY number LIMIT :limit
"""


@dataclass(slots=True)
class Own:
    """Which chain is this process's, over whatever connection: the one begun last, if its beginning was kept."""

    place: int = 0
    node: NodeId | None = None
    epoch: str = ""  #: of the database that it was begun in
    kept: tuple[int, Head] | None = None  #: the place and the end of it as last committed


class PostgresEvidence:
    """``evidence_tables.EvidenceTable`` over one connection."""

    def __init__(self, access: Access, own: Own) -> None:
        self._access = access
        self._own = own
        self._head: Head | None = None  #: the end of our own, while it is known

    def forget(self) -> None:
        """Know no end: something was undone."""
        self._head = None

    def keep(self) -> None:
        """Note how far our own goes: what was appended is committed."""
        if self._head is not None:
            self._own.kept = self._own.place, self._head

    def lacks(self) -> bool:
        """Whether the database does not know what was committed to our own, over whatever connection."""
        if self._own.kept is None:
            return False
        place, head = self._own.kept
        found = self.records(place, head.number - 1, head.number, 1)
        return [record.link for record in found] != [head.link]

    def head(self) -> Head | None:
        if self._head is None and self._own.node is not None:
            end = self._end(self._own.place)
            if end is not None and end.node == self._own.node:  # where ours was undone, another node may have the place
                self._head = end
        return self._head

    def _end(self, place: int) -> Head | None:
        row = self._access.run(HEAD, (place,)).fetchone()
        return None if row is None else Head(node=NodeId(row[0]), number=row[1], link=row[2])

    def loose_ends(self) -> Sequence[Head]:
        ends = [self._end(row[0]) for row in self._access.run(LOOSE).fetchall()]
        return [end for end in ends if end is not None]

    def begin(self, node: NodeId, at: datetime) -> None:
        self._access.run(NAME)
        last, self._own.epoch = self._access.run(LAST_PLACE).fetchone()
        self._own.place, self._own.node = int(last) + 1, node
        self._access.run(BEGIN, (self._own.place, node, c.micros(at)))
        self._head = Head.before_first(node)

    def add(self, link: Link) -> None:
        head = link.head
        self._access.add(ADD, (self._own.place, head.number, head.link, link.record, link.salt))
        self._head = head

    def chains(self, after: int, limit: int) -> Sequence[Chain]:
        rows = self._access.run(CHAINS, (after, limit)).fetchall()
        found = [(row[0], c.moment(row[1]), self._end(row[0])) for row in rows]
        return [Chain(place=place, begun_at=begun_at, head=head) for place, begun_at, head in found if head is not None]

    def records(self, chain: int, after: int, until: int, limit: int) -> Sequence[Chained]:
        values = {"place": chain, "after": after, "until": until, "limit": limit}
        rows = self._access.run(RECORDS, values).fetchall()
        return [Chained(number=number, link=link, record=record, salt=salt) for number, link, record, salt in rows]
