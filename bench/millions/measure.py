"""What is asked about a million dossiers, through the store's ports; claims beside those of a thousand."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from bench.config import write
from bench.lines import Line, line, median, ratio
from bench.millions.grow import grow
from bench.millions.seed import MARK, PARTNER, READER, REFUSED, partner_code, province_code, seed, slots
from bench.run import Run
from gateway.app.machine import Machine
from gateway.core.delivery import State
from gateway.core.ids import NodeId
from gateway.core.reason import Why
from gateway.core.replay import Selection
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.connection import Tuning

T = TypeVar("T")

_NODE = NodeId("bench")
_SEED = 1000  #: dossiers of the file with few
_COPIES = 1000
_ASKED = 400  #: questions of each kind
_CLAIMED = 10  #: deliveries of one claim
_CLAIMABLE = 900  #: deliveries of the file with few, a little less than there are
_PAGE = 100


def millions(run: Run) -> Sequence[Line]:
    """Fill two files, ask, and remove them."""
    folder = run.fresh("millions")
    config = write(run.folder, "http://127.0.0.1:9")
    few, many = folder / "few" / "gateway.db", folder / "many" / "gateway.db"
    many.parent.mkdir()
    started = time.monotonic()
    try:
        asyncio.run(seed(few, config, _SEED))
        grow(few, many, _COPIES)
        size, seconds = many.stat().st_size / 1e9, time.monotonic() - started
        print(f"# {_SEED * _COPIES} dossiers, {size:.1f} GB, in {seconds:.0f} s", flush=True)
        return asyncio.run(_ask(few, many, run.rounds))
    finally:
        run.fresh("millions")


async def _ask(few: Path, many: Path, rounds: int) -> Sequence[Line]:
    chance = random.Random(1)  # noqa: S311 - the same questions in every run
    async with _opened(few) as small, _opened(many) as large:
        each = _CLAIMABLE // _CLAIMED // (rounds + 1)
        claims = [await _claims(small, large, each) for _ in range(rounds + 1)][1:]
        codes = [_code(chance) for _ in range(_ASKED)]
        found = await _times(codes, large.dossiers)
        dossiers = [(await large.dossiers(code))[0].id for code in codes]
        timelines = await _times(dossiers, large.timeline)
        pages = await _times(await _cursors(large, chance), lambda after: large.read(READER, after, limit=_PAGE))
        selection = Selection(state=State.DEAD, system=PARTNER, reason=Why.REFUSED_BY_PARTNER)
        chosen = await _times([selection] * rounds, large.choose)
    return (
        ratio("claim_at_a_million", claims, " ms"),
        _p95("find_at_a_million", found),
        _p95("timeline_at_a_million", timelines),
        _p95("feed_page_at_a_million", pages),
        median("replay_choice_at_a_million", chosen),
    )


@asynccontextmanager
async def _opened(path: Path) -> AsyncGenerator[SqliteStore]:
    """Open a store that does not sync: that takes longer than a claim, and would hide what many pending ones cost."""
    machine = Machine()
    tuning = Tuning(synchronous="OFF")
    async with SqliteStore(path, clock=machine.clock, ids=machine.ids, tuning=tuning) as store:
        await store.join(_NODE, config="bench")
        yield store


async def _claims(few: SqliteStore, many: SqliteStore, count: int) -> tuple[float, float]:
    """Return the median times of so many claims where many are pending, and where few are, in milliseconds."""
    pairs = [[*await _claim(many), *await _claim(few)] for _ in range(count)]
    large, small = (statistics.median(times) for times in zip(*pairs, strict=True))
    return large, small


async def _claim(store: SqliteStore) -> list[float]:
    return await _times([_CLAIMED], lambda free: store.claim(slots(_NODE, free)))


async def _times(questions: Sequence[T], ask: Callable[[T], Awaitable[object]]) -> list[float]:
    """Return how long each answer took, in milliseconds."""
    times: list[float] = []
    for question in questions:
        started = time.perf_counter()
        answer = await ask(question)
        times.append((time.perf_counter() - started) * 1000)
        if not answer:
            raise RuntimeError(f"nothing was found for {question}")
    return times


def _code(chance: random.Random) -> str:
    """Return a code of any dossier: the province's, or the one that the partner gave."""
    mark = f"{chance.randrange(1, _COPIES):08x}"
    code = province_code(chance.randrange(1, REFUSED) + REFUSED * chance.randrange(_SEED // REFUSED))
    return chance.choice((code, partner_code(code))).replace(MARK, mark)


async def _cursors(store: SqliteStore, chance: random.Random) -> list[str]:
    """Return places all over the reader's feed."""
    first = (await store.read(READER, "", limit=1)).next
    epoch = first.partition(".")[0]
    last = 2 * _SEED * (_COPIES - 1)  # each dossier is there twice
    return [f"{epoch}.{chance.randrange(last)}" for _ in range(_ASKED)]


def _p95(name: str, times: Sequence[float]) -> Line:
    ordered = sorted(times)
    spread = f"median {statistics.median(ordered):.2f}, worst {ordered[-1]:.2f}"
    return line(name, ordered[len(ordered) * 95 // 100], spread)
