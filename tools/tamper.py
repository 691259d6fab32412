"""Tamper with an exported evidence file at random: every time it must be found, and the first bad record named.

``python -m tools.tamper [FILE] [--number 1000] [--seed N]``; without a file, one is made. Ends with a line of figures.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.core.ids import NodeId
from gateway.evidence.export import export
from gateway.evidence.verify import Bad, Report, verify
from gateway.stores.memory import MemoryStore
from gateway.testing.books import a_draft, a_planner, a_settlement
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract.world import slots

_RESTARTS, _DOSSIERS = 4, 12

Lines = list[bytes]


@dataclass(frozen=True, slots=True)
class Original:
    """An untouched file, and what stands on each of its lines."""

    lines: Lines
    places: Sequence[tuple[str, int] | None]  #: chain and number of the record on each line

    @classmethod
    def of(cls, file: bytes) -> Original:
        """Read a file that is sound."""
        lines, places = file.splitlines(keepends=True), list[tuple[str, int] | None]()
        node, number = "", 0
        for line in map(json.loads, lines):
            if "chain" in line:
                node, number = line["chain"]["node"], line["chain"]["after"]
            is_record = "link" in line
            number += is_record
            places.append((node, number) if is_record else None)
        return cls(lines, places)

    def records(self) -> list[int]:
        """Return the lines that hold records."""
        return [index for index, place in enumerate(self.places) if place is not None]


def flip(lines: Lines, chance: random.Random) -> Lines:
    """Change one byte anywhere."""
    file = bytearray(b"".join(lines))
    file[chance.randrange(len(file))] ^= chance.randrange(1, 256)
    return bytes(file).splitlines(keepends=True)


def delete(lines: Lines, chance: random.Random) -> Lines:
    """Take out a run of lines."""
    start = chance.randrange(len(lines))
    return lines[:start] + lines[start + chance.choice((1, 1, 1, 2, 5)) :]


def swap(lines: Lines, chance: random.Random) -> Lines:
    """Exchange two lines, often neighbours."""
    one = chance.randrange(len(lines) - 1)
    two = chance.choice((one + 1, chance.randrange(one + 1, len(lines))))
    changed = list(lines)
    changed[one], changed[two] = lines[two], lines[one]
    return changed


def insert(lines: Lines, chance: random.Random) -> Lines:
    """Repeat a line somewhere else: in another chain, too."""
    at = chance.randrange(len(lines) + 1)
    return [*lines[:at], chance.choice(lines), *lines[at:]]


def move(lines: Lines, chance: random.Random) -> Lines:
    """Take a line out and put it somewhere else."""
    changed = list(lines)
    line = changed.pop(chance.randrange(len(lines)))
    changed.insert(chance.randrange(len(lines)), line)
    return changed


def cut(lines: Lines, chance: random.Random) -> Lines:
    """End the file too early, anywhere."""
    file = b"".join(lines)
    return file[: chance.randrange(len(file))].splitlines(keepends=True)


def reword(lines: Lines, chance: random.Random) -> Lines:
    """Change what a line says, in its proper form."""
    changed = list(lines)
    at = chance.randrange(len(lines))
    old, new = chance.choice(((b"delivered", b"retryable"), (b"T0", b"T1"), (b"0", b"1"), (b"null", b"true")))
    changed[at] = lines[at].replace(old, new, 1)
    return changed


TAMPERINGS: Sequence[Callable[[Lines, random.Random], Lines]] = (flip, delete, swap, insert, move, cut, reword)


def is_named(original: Original, tampered: Lines, bad: Bad) -> bool:
    """Whether the flaw is where the files differ first, and names the record that stood there."""
    pairs = zip(original.lines, tampered, strict=False)
    shorter = min(len(original.lines), len(tampered))
    at = next((index for index, (one, two) in enumerate(pairs) if one != two), shorter)
    place = original.places[at] if at < len(original.places) else None
    if place is None:  # a header, a chain's own line, or the end: its fault may show in what it is about
        return bad.line >= at + 1
    return (bad.line, bad.node, bad.number) == (at + 1, *place)


async def a_file(seed: int = 1) -> bytes:
    """Return the evidence of a few incarnations that relay a few dossiers."""
    clock, ids = FakeClock(), FakeIds(seed)
    plan = a_planner(ids)
    async with MemoryStore(clock=clock, ids=ids) as store:
        for incarnation in range(_RESTARTS):
            await store.join(NodeId(ids.new()), config=f"config-{incarnation}")
            for number in range(_DOSSIERS):
                clock.advance(1)
                await store.accept([a_draft(f"H-{incarnation}-{number}")], plan=plan)
            for delivery in await store.claim(slots(free=_DOSSIERS)):
                await store.settle(a_settlement(delivery), plan=plan)
        return b"".join([piece async for piece in export(store, at=datetime(2026, 3, 2, tzinfo=UTC))])


def check(lines: Lines) -> Report:
    """Verify a file that is given as lines."""
    return verify(io.BytesIO(b"".join(lines)))


def tamper(file: bytes, number: int, seed: int) -> tuple[Counter[str], int, int]:
    """Tamper so often; return how often in which way, how often it was found, and how often it was named right."""
    original, chance = Original.of(file), random.Random(seed)  # noqa: S311 - repeatable on purpose
    ways: Counter[str] = Counter()
    found = named = 0
    while ways.total() < number:
        way = chance.choice(TAMPERINGS)
        tampered = way(original.lines, chance)
        if tampered == original.lines:
            continue
        ways[way.__name__] += 1
        bad = check(tampered).bad
        found += bad is not None
        named += bad is not None and is_named(original, tampered, bad)
    return ways, found, named


def main() -> int:
    """Tamper, and print what was found; 0 only if all was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--number", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    file = asked.file.read_bytes() if asked.file else asyncio.run(a_file(asked.seed))
    whole = verify(io.BytesIO(file))
    if whole.bad is not None:
        print(f"tamper: the untouched file is not sound: {whole.bad}")
        return 1
    ways, found, named = tamper(file, asked.number, asked.seed)
    told = " ".join(f"{way}={count}" for way, count in sorted(ways.items()))
    print(f"tamper: records={whole.records} tamperings={ways.total()} found={found} named={named} {told}")
    return 0 if found == named == ways.total() else 1


if __name__ == "__main__":
    sys.exit(main())
