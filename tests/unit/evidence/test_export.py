"""Exports of a gateway of several nodes: their chains grow side by side, also while they are written out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gateway.core.chain import Head, canonical, digest
from gateway.core.ids import NodeId
from gateway.core.message import Actor
from gateway.core.record import View
from gateway.evidence.export import export
from gateway.evidence.verify import Report, verify
from gateway.ports.evidence import Chain, Chained

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class _Nodes:
    """``ports.evidence.Evidence`` of nodes that all still write, each page of chains read as it stands then."""

    def __init__(self) -> None:
        self._heads: list[Head] = []
        self._records: list[list[Chained]] = []

    def begin(self, name: str, at: datetime) -> None:
        earlier = [{"link": head.link.hex(), "node": head.node, "number": head.number} for head in self._heads]
        self._heads.append(Head.before_first(NodeId(name)))
        self._records.append([])
        self._add(len(self._heads), {"at": at.isoformat(), "earlier": earlier, "node": name, "type": "node.begun"})

    def write(self, place: int, at: datetime) -> None:
        self._add(place, {"at": at.isoformat(), "type": "delivery.moved"})

    def _add(self, place: int, record: dict[str, object]) -> None:
        body = canonical(record)  # type: ignore[arg-type]  # values of JSON
        head = self._heads[place - 1] = self._heads[place - 1].then(digest(body))
        self._records[place - 1].append(Chained(number=head.number, link=head.link, record=body, salt=b""))

    async def viewed(self, view: View, *, actor: Actor) -> None:
        raise NotImplementedError

    async def chains(self, *, after: int = 0, limit: int = 100) -> Sequence[Chain]:
        every = [Chain(place=place, begun_at=_NOON, head=head) for place, head in enumerate(self._heads, 1)]
        return every[after : after + limit]

    async def chained(self, chain: int, *, after: int, until: int, limit: int = 500) -> Sequence[Chained]:
        return self._records[chain - 1][after : min(until, after + limit)]


def _two() -> _Nodes:
    """Return two nodes: each has begun at noon and writes once an hour."""
    nodes = _Nodes()
    for name in ("one", "two"):
        nodes.begin(name, _NOON)
    for hour in (1, 2, 3):
        for place in (1, 2):
            nodes.write(place, _NOON + timedelta(hours=hour))
    return nodes


async def _report(nodes: _Nodes, since: datetime | None = None) -> Report:
    file = b"".join([piece async for piece in export(nodes, at=_NOON, since=since)])
    return verify(io.BytesIO(file))


async def test_what_came_later_is_taken_out_of_every_chain() -> None:
    """G10: of a gateway with several workers only the chain that was begun last was there, and all was said to be."""
    report = await _report(_two(), since=_NOON + timedelta(hours=2))
    assert report.bad is None
    assert [(chain.node, chain.first, chain.last) for chain in report.chains] == [("one", 3, 4), ("two", 3, 4)]


async def test_a_chain_that_ended_before_is_left_out() -> None:
    nodes = _two()
    nodes.begin("three", _NOON + timedelta(hours=5))
    report = await _report(nodes, since=_NOON + timedelta(hours=4))
    assert report.bad is None
    assert [(chain.node, chain.first, chain.last) for chain in report.chains] == [("three", 1, 1)]


async def test_a_worker_that_begins_while_chains_are_written_out_spoils_nothing() -> None:
    """G10: an export that was honest was said to be tampered with: the new chain names ends that lie beyond it."""
    nodes = _two()
    pieces = []
    async for piece in export(nodes, at=_NOON):
        pieces.append(piece)
        if piece.startswith(b'{"chain"') and b'"node":"two"' in piece:
            nodes.write(1, _NOON + timedelta(hours=4))
            nodes.begin("three", _NOON + timedelta(hours=4))
    report = verify(io.BytesIO(b"".join(pieces)))
    assert report.bad is None
    assert [chain.node for chain in report.chains] == ["one", "two"]
