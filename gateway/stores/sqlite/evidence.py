"""Evidence in SQLite: one process writes, so each chain follows upon the one before, all in one sequence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.core.chain import Head
from gateway.core.ids import NodeId
from gateway.ports.evidence import Chain, Chained
from gateway.stores.evidence_tables import Link
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access, Many

# Append a record.
ADD = Many("INSERT INTO evidence (seq, place, number, link, record, salt)", 6)
# The last record of all, and whose chain it is in.
LAST = """
SELECT seq, place, number, link, node FROM evidence JOIN evidence_chain USING (place) ORDER BY seq DESC LIMIT 1
"""
# Begin a chain.
BEGIN = "INSERT INTO evidence_chain (place, node, begun_at, first_seq) VALUES (?, ?, ?, ?)"
# Chains in the order begun, each with its last record: the one before the next chain's first.
CHAINS = """
SELECT chain.place, chain.begun_at, chain.node, evidence.number, evidence.link
FROM evidence_chain AS chain JOIN evidence ON evidence.seq = coalesce(
    (SELECT next.first_seq - 1 FROM evidence_chain AS next WHERE next.place = chain.place + 1),
    (SELECT max(seq) FROM evidence)
)
WHERE chain.place > ? ORDER BY chain.place LIMIT ?
"""
# A chain's records between two numbers.
RECORDS = """
SELECT number, link, record, salt FROM evidence
WHERE seq > (SELECT first_seq - 1 + :after FROM evidence_chain WHERE place = :place)
AND seq <= (SELECT first_seq - 1 + :until FROM evidence_chain WHERE place = :place)
AND place = :place ORDER BY seq LIMIT :limit
"""


class SqliteEvidence:
    """``evidence_tables.EvidenceTable`` over one connection; up to ``before`` an earlier process has written.

    The end of the chain is known without asking, until anything is undone.
    """

    def __init__(self, access: Access, before: int) -> None:
        self._access = access
        self._before = before
        self._end: tuple[int, int, Head] | None = None  #: the last seq, its chain's place, and its head

    def forget(self) -> None:
        """Know nothing: something was undone."""
        self._end = None

    def keep(self) -> None:
        """Note nothing: nothing takes the place of the file while it is open."""

    def _last(self) -> tuple[int, int, Head] | None:
        if self._end is None:
            row = self._access.run(LAST).fetchone()
            if row is not None:
                seq, place, number, link, node = row
                self._end = seq, place, Head(node=node, number=number, link=link)
        return self._end

    def head(self) -> Head | None:
        end = self._last()
        return end[2] if end and end[0] > self._before else None

    def loose_ends(self) -> Sequence[Head]:
        end = self._last()
        return (end[2],) if end else ()

    def begin(self, node: NodeId, at: datetime) -> None:
        seq, place, _ = self._last() or (0, 0, None)
        self._access.run(BEGIN, (place + 1, node, c.micros(at), seq + 1))
        self._end = seq, place + 1, Head.before_first(node)

    def add(self, link: Link) -> None:
        seq, place, _ = self._end or (0, 0, None)
        head = link.head
        self._access.add(ADD, (seq + 1, place, head.number, head.link, link.record, link.salt))
        self._end = seq + 1, place, head

    def chains(self, after: int, limit: int) -> Sequence[Chain]:
        return [
            Chain(place=place, begun_at=c.moment(begun_at), head=Head(node=node, number=number, link=link))
            for place, begun_at, node, number, link in self._access.run(CHAINS, (after, limit)).fetchall()
        ]

    def records(self, chain: int, after: int, until: int, limit: int) -> Sequence[Chained]:
        values = {"place": chain, "after": after, "until": until, "limit": limit}
        return [
            Chained(number=number, link=link, record=record, salt=salt)
            for number, link, record, salt in self._access.run(RECORDS, values).fetchall()
        ]


def last_seq(access: Access) -> int:
    """Return the number of the last record of all."""
    return int(access.run("SELECT coalesce(max(seq), 0) FROM evidence").fetchone()[0])
