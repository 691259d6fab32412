"""Writing the chains out, page by page: a file that can be verified without the gateway."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from datetime import datetime

import msgspec

from gateway.core.chain import FORMAT, Value, canonical, genesis
from gateway.core.ids import NodeId
from gateway.ports.evidence import Chain, Chained, Evidence

_PAGE = 500  #: records read at once
_CHAINS = 100  #: chains read at once


class _Named(msgspec.Struct, frozen=True):
    """A head of an earlier chain."""

    node: NodeId
    number: int
    link: str


class _Begun(msgspec.Struct, frozen=True):
    """What a chain's first record says of those before it."""

    earlier: tuple[_Named, ...] = ()


class _Tally:
    """What has been written."""

    def __init__(self) -> None:
        self.chains = 0
        self.records = 0
        self._sha256 = hashlib.sha256()

    def line(self, value: Value) -> bytes:
        """Return a line, and count its bytes."""
        return self.took(canonical(value) + b"\n")

    def took(self, lines: bytes) -> bytes:
        """Count these bytes."""
        self._sha256.update(lines)
        return lines

    def end(self) -> bytes:
        """Return the last line."""
        end: dict[str, Value] = {"chains": self.chains, "records": self.records, "sha256": self._sha256.hexdigest()}
        return canonical({"end": end}) + b"\n"


def _line(one: Chained) -> bytes:
    return b'{"link":"%s","record":%s}\n' % (one.link.hex().encode(), one.record)


async def export(source: Evidence, *, at: datetime, since: datetime | None = None) -> AsyncGenerator[bytes]:
    """Yield the file in pieces of whole lines, each of bounded size.

    ``since`` leaves out of each chain what was recorded before it, by the gateway's clock: several may grow at a time.
    A chain that grows meanwhile is written as far as it had come when its turn came; one that begins meanwhile is left
    out, since it names ends of the others that may lie beyond that.
    """
    tally = _Tally()
    since_text = None if since is None else since.isoformat()
    yield tally.line({"evidence": {"format": FORMAT, "exported_at": at.isoformat(), "since": since_text}})
    named = await _named(source)
    async for chain in _chains(source):
        after = 0 if since is None else await _before(source, chain, since)
        if chain.head.node in named and after < chain.head.number:
            yield tally.line({"chain": await _chain_line(source, chain, after, named[chain.head.node])})
            tally.chains += 1
            async for page in _records(source, chain, after):
                tally.records += len(page)
                yield tally.took(b"".join(_line(one) for one in page))
    yield tally.end()


async def _chains(source: Evidence) -> AsyncIterator[Chain]:
    after = 0
    while page := await source.chains(after=after, limit=_CHAINS):
        for chain in page:
            yield chain
        after = page[-1].place


async def _records(source: Evidence, chain: Chain, after: int) -> AsyncIterator[list[Chained]]:
    until = chain.head.number
    while page := await source.chained(chain.place, after=after, until=until, limit=_PAGE):
        yield list(page)
        after = page[-1].number


async def _named(source: Evidence) -> dict[NodeId, dict[int, str]]:
    """Return each chain, and the links that later ones name of it, by number: while it grows, more than its last."""
    named: dict[NodeId, dict[int, str]] = {}
    async for chain in _chains(source):
        named.setdefault(chain.head.node, {})
        for first in await source.chained(chain.place, after=0, until=1):
            for head in msgspec.json.decode(first.record, type=_Begun).earlier:
                named.setdefault(head.node, {})[head.number] = head.link
    return named


async def _chain_line(source: Evidence, chain: Chain, after: int, named: Mapping[int, str]) -> Value:
    head = chain.head
    marks = {number: link for number, link in named.items() if after < number < head.number}
    marks[head.number] = head.link.hex()
    link = genesis(head.node)
    if after:
        (before,) = await source.chained(chain.place, after=after - 1, until=after)
        link = before.link
    return {"node": head.node, "after": after, "link": link.hex(), "marks": sorted(map(list, marks.items()))}


async def _before(source: Evidence, chain: Chain, since: datetime) -> int:
    """Return how many records of a chain are older, by halving: its clock is taken to run forward."""
    low, high = 0, chain.head.number
    middle = high - 1  # most chains have ended long ago
    while low < high:
        (one,) = await source.chained(chain.place, after=middle, until=middle + 1)
        if recorded_at(one.record) < since:
            low = middle + 1
        else:
            high = middle
        middle = (low + high) // 2
    return low


def recorded_at(record: bytes) -> datetime:
    """Return when a record was made."""
    return datetime.fromisoformat(json.loads(record)["at"])
