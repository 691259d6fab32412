"""Verifying an evidence file from its bytes alone: no database, no configuration, no trust in what is read.

One pass in bounded memory: a line may have a megabyte, a file any number of records and 100,000 chains.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, cast

import msgspec

from gateway.core.acts import Verb
from gateway.core.chain import FORMAT, Head, Value, canonical, commitment, digest, genesis
from gateway.core.ids import NodeId
from gateway.core.record import RecordType
from gateway.evidence.lines import ChainLine, EarlierHead, EndLine, Line, Opening

LINE_LIMIT = 1 << 20  #: bytes of one line
CHAIN_LIMIT = 100_000
_RESTORED_LIMIT = 100  #: restorations that are told
_LONGEST_TIME = 40  #: characters of a moment
_LONGEST_NUMBER = 16  #: digits: nothing below 2^53 has more


class Flaw(StrEnum):
    """What is wrong. Each has words in the catalogue under ``evidence``."""

    EMPTY = "empty"  #: not one line
    FORMAT = "format"  #: the first line is no header of this format
    TOO_LONG = "too_long"  #: a line beyond the limit
    UNREADABLE = "unreadable"  #: not JSON in its one form
    MISPLACED = "misplaced"  #: a line that may not stand here
    LINK = "link"  #: this record does not follow from those before it
    MISSING = "missing"  #: this record of the chain is not in the file
    MARK = "mark"  #: the chain's own line says something else about this record
    BEGIN = "begin"  #: the chain does not begin as a chain does
    EARLIER = "earlier"  #: it names the head of an earlier chain that the file does not have
    REPEATED = "repeated"  #: a chain that was in the file already
    SEALED = "sealed"  #: what is said to have been sealed was not
    TOO_MANY = "too_many"  #: more chains than are verified
    TOTAL = "total"  #: the file is not what was exported: counts or checksum differ
    CUT = "cut"  #: the file ends too early
    AFTER_END = "after_end"  #: something follows the last line


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """The first thing that is wrong, and where."""

    flaw: Flaw
    line: int  #: from 1
    node: str = ""  #: the chain, where it is known
    number: int | None = None  #: of the record in its chain


@dataclass(slots=True, kw_only=True)
class Checked:
    """One chain that was found sound, as far as the file shows it."""

    node: str
    first: int
    last: int
    link: str  #: of the last record, hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The database was put back: what was recorded from one moment to the other is not in this file."""

    node: str  #: the chain, and the record in it, that says so
    number: int
    since: str  #: the copy's last sign of life; empty where it had none
    at: str


@dataclass(slots=True, kw_only=True)
class Report:
    """What a verification found. ``bad`` is None where all is sound."""

    since: str | None = None
    chains: list[Checked] = field(default_factory=list[Checked])
    records: int = 0
    by_type: Counter[str] = field(default_factory=Counter[str])
    left_out: int = 0  #: records shown by their digest alone
    opened: int = 0  #: sealed fields that were opened, and fit
    restored: list[Restored] = field(default_factory=list[Restored])  #: at most 100
    beyond: int = 0  #: heads of earlier chains that lie before this file, and so were not compared
    bad: Bad | None = None


class Source(Protocol):
    """An open file."""

    def readline(self, limit: int = -1, /) -> bytes:
        """Return the next line, at most so many bytes of it."""
        ...


def verify(source: Source) -> Report:
    """Return what is in the file, and the first thing that is wrong with it."""
    walk = _Walk()
    try:
        for raw in _lines(walk, source):
            walk.take(raw)
        walk.finish()
    except _Found as found:
        walk.report.bad = found.bad
    return walk.report


class _Found(Exception):
    """The first flaw: nothing after it can be trusted."""

    def __init__(self, bad: Bad) -> None:
        super().__init__(bad.flaw)
        self.bad = bad


def _lines(walk: _Walk, source: Source) -> Iterator[bytes]:
    while raw := source.readline(LINE_LIMIT + 1):
        walk.line += 1
        if len(raw) > LINE_LIMIT:
            raise walk.misread(Flaw.TOO_LONG)
        yield raw


class _Walk:
    """How far the file has been read, and what must come next."""

    def __init__(self) -> None:
        self.report = Report()
        self.line = 0
        self._sha256 = hashlib.sha256()
        self._head: Head | None = None  #: of the chain that is being read
        self._marks: list[tuple[int, str]] = []  #: of that chain, the next one last
        self._known: dict[str, tuple[int, dict[int, str]]] = {}  #: node: where the file begins, and its marks
        self._ended = False

    def found(self, flaw: Flaw) -> _Found:
        """Return a flaw at this line: about the record that should stand here, inside a chain."""
        if self._head is None:
            return _Found(Bad(flaw=flaw, line=self.line))
        return _Found(Bad(flaw=flaw, line=self.line, node=self._head.node, number=self._head.number + 1))

    def misread(self, flaw: Flaw) -> _Found:
        """Return that this line says nothing; a file whose first line does not is none of evidence."""
        return self.found(Flaw.FORMAT if self.line == 1 else flaw)

    def take(self, raw: bytes) -> None:
        """Read one line."""
        if self._ended:
            raise _Found(Bad(flaw=Flaw.AFTER_END, line=self.line))
        line, value = self._read(raw)
        if self.line == 1:
            self._header(line)
        elif line.chain is not None and line == Line(chain=line.chain):
            self._chain(line.chain)
        elif line.end is not None and line == Line(end=line.end):
            self._end(line.end)
        elif line.link is not None:
            self._record(line, value)
        else:
            raise self.found(Flaw.MISPLACED)
        self._sha256.update(raw)

    def finish(self) -> None:
        """Hear that the file is over."""
        self.line += 1
        if self.line == 1:
            raise self.found(Flaw.EMPTY)
        if not self._ended:
            raise self.found(Flaw.CUT)

    def _read(self, raw: bytes) -> tuple[Line, dict[str, Value]]:
        """Return a line that is in its one form."""
        try:
            value: object = json.loads(raw.decode(), parse_float=_refuse, parse_constant=_refuse, parse_int=_whole)
            if not isinstance(value, dict) or canonical(cast("dict[str, Value]", value)) + b"\n" != raw:
                raise self.misread(Flaw.UNREADABLE)
            return msgspec.convert(value, Line), cast("dict[str, Value]", value)
        except msgspec.ValidationError:
            raise self.misread(Flaw.MISPLACED) from None
        except (ValueError, RecursionError):
            raise self.misread(Flaw.UNREADABLE) from None

    def _header(self, line: Line) -> None:
        header = line.evidence
        if header is None or header.format != FORMAT or line != Line(evidence=header):
            raise self.found(Flaw.FORMAT)
        self.report.since = header.since

    def _chain(self, chain: ChainLine) -> None:
        self._complete()
        if len(self.report.chains) >= CHAIN_LIMIT:
            raise self.found(Flaw.TOO_MANY)
        if chain.node in self._known:
            raise self.found(Flaw.REPEATED)
        if not self._may_begin(chain):
            raise self.found(Flaw.MISPLACED)
        self._head = Head(node=NodeId(chain.node), number=chain.after, link=bytes.fromhex(chain.link))
        self._marks = chain.marks[::-1]
        self._known[chain.node] = chain.after, dict(chain.marks)
        self.report.chains.append(Checked(node=chain.node, first=chain.after + 1, last=chain.after, link=chain.link))

    def _may_begin(self, chain: ChainLine) -> bool:
        """Whether a chain may begin so: only in an export of what came later does one begin inside; marks rise."""
        numbers = [number for number, _ in chain.marks]
        rising = all(a < b for a, b in zip([chain.after, *numbers], numbers, strict=False))
        if chain.after:
            return rising and self.report.since is not None
        return rising and chain.link == genesis(NodeId(chain.node)).hex()

    def _record(self, line: Line, value: dict[str, Value]) -> None:
        head = self._head
        if (
            head is None
            or not self._marks
            or any(part is not None for part in (line.evidence, line.chain, line.end))
            or (line.record is None) is (line.digest is None)
        ):
            raise self.found(Flaw.MISPLACED)
        body = canonical(value["record"]) if line.record is not None else b""
        then = head.then(digest(body) if line.digest is None else bytes.fromhex(line.digest))
        if then.link.hex() != line.link:
            raise self.found(Flaw.LINK)
        if self._marks[-1][0] == then.number and self._marks.pop()[1] != line.link:
            raise self.found(Flaw.MARK)
        self._look_into(line, then)
        self._head = then
        self.report.records += 1
        self.report.chains[-1].last, self.report.chains[-1].link = then.number, then.link.hex()

    def _look_into(self, line: Line, then: Head) -> None:
        """Look at what a record says, where that can be compared with something."""
        record = line.record
        if record is None:
            if line.open:
                raise self.found(Flaw.MISPLACED)
            self.report.left_out += 1
            if then.number == 1:
                raise self.found(Flaw.BEGIN)
            return
        self.report.by_type[str(record.get("type"))[:100]] += 1
        if then.number == 1:
            self._begin(record)
        if record.get("type") == RecordType.ACTED and record.get("verb") == Verb.RESTORE:
            self._put_back(record, then)
        for name, opening in (line.open or {}).items():
            self._opened(record.get(name), opening)

    def _put_back(self, record: dict[str, object], then: Head) -> None:
        facts = record.get("facts")
        since = cast("dict[str, object]", facts).get("since", "") if isinstance(facts, dict) else ""
        if len(self.report.restored) < _RESTORED_LIMIT:
            since, at = (str(value)[:_LONGEST_TIME] for value in (since, record.get("at")))
            self.report.restored.append(Restored(node=then.node, number=then.number, since=since, at=at))

    def _begin(self, record: dict[str, object]) -> None:
        """Compare the heads that a chain's first record names with those in the file."""
        if record.get("type") != RecordType.NODE_BEGUN or record.get("node") != self.report.chains[-1].node:
            raise self.found(Flaw.BEGIN)
        try:
            earlier = msgspec.convert(record.get("earlier"), list[EarlierHead])
        except msgspec.ValidationError:
            raise self.found(Flaw.BEGIN) from None
        if not earlier and len(self.report.chains) > 1:
            raise self.found(Flaw.EARLIER)
        for head in earlier:
            self._compare(head)

    def _compare(self, named: EarlierHead) -> None:
        known = self._known.get(named.node)
        if self.report.since is not None and (known is None or named.number <= known[0]):
            self.report.beyond += 1
        elif known is None or known[1].get(named.number) != named.link or named.node == self.report.chains[-1].node:
            raise self.found(Flaw.EARLIER)

    def _opened(self, sealed: object, opening: Opening) -> None:
        if commitment(bytes.fromhex(opening.salt), opening.value) != sealed:
            raise self.found(Flaw.SEALED)
        self.report.opened += 1

    def _complete(self) -> None:
        """See that the chain that was read is whole."""
        if self._marks:
            raise self.found(Flaw.MISSING)
        self._head = None

    def _end(self, end: EndLine) -> None:
        self._complete()
        counts = end.chains == len(self.report.chains) and end.records == self.report.records
        if not counts or end.sha256 != self._sha256.hexdigest():
            raise self.found(Flaw.TOTAL)
        self._ended = True


def _refuse(_: str) -> object:
    raise ValueError("a number with a fraction")


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError("a number beyond 2^53")
    return int(digits)
