"""What is asked about a million dossiers, through the store's ports; claims beside those of a thousand."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench.config import write
from bench.database import database, server, size
from bench.lines import Line, line, median, ratio
from bench.millions import grow_postgres, grow_sqlite
from bench.millions.seed import MARK, PARTNER, READER, REFUSED, MarkedIds, partner_code, province_code, seed, slots
from bench.run import Run
from gateway.app.clock import SystemClock
from gateway.app.machine import Machine
from gateway.core.delivery import State
from gateway.core.ids import NodeId
from gateway.core.reason import Why
from gateway.core.replay import Selection
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres import connection as postgres
from gateway.stores.sql.store import SqlStore
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite import connection as sqlite

T = TypeVar("T")
_Open = Callable[[], SqlStore]

_NODE = NodeId("bench")
_NOWHERE = "http://127.0.0.1:9"
_SEED = 1000  #: dossiers where there are few
_COPIES = 1000
_ASKED = 400  #: questions of each kind
_CLAIMED = 10  #: deliveries of one claim
_CLAIMABLE = 900  #: deliveries where there are few, a little less than there are
_PAGE = 100


def millions(run: Run) -> Sequence[Line]:
    """Fill two files, ask, and remove them."""
    folder = run.fresh("millions")
    few, many = folder / "few" / "gateway.db", folder / "many" / "gateway.db"
    many.parent.mkdir()
    started = time.monotonic()
    try:
        asyncio.run(_seed(lambda ids: SqliteStore(few, clock=SystemClock(), ids=ids), write(run.folder, _NOWHERE)))
        grow_sqlite.grow(few, many, _COPIES)
        _tell("SQLite", many.stat().st_size, started)
        return asyncio.run(_ask(partial(_file, few), partial(_file, many), run.rounds, ""))
    finally:
        run.fresh("millions")


def postgres_millions(run: Run) -> Sequence[Line]:
    """Fill two databases, ask, and remove them."""
    started = time.monotonic()
    config = write(run.folder / "millions-postgres", _NOWHERE, postgres=True)
    with server(run.folder / "postgres") as address, database(address) as few:
        asyncio.run(_seed(lambda ids: PostgresStore(few, clock=SystemClock(), ids=ids), config))
        with database(address, few) as many:
            asyncio.run(grow_postgres.grow(few, 1))
            asyncio.run(grow_postgres.grow(many, _COPIES))
            _tell("PostgreSQL", size(many), started)
            return asyncio.run(_ask(partial(_database, few), partial(_database, many), run.rounds, "postgres_"))


async def _seed(make: Callable[[MarkedIds], SqlStore], config: Path) -> None:
    ids = MarkedIds()
    async with make(ids) as store:
        await seed(store, ids, config, _SEED)


def _tell(where: str, of_bytes: int, started: float) -> None:
    seconds = time.monotonic() - started
    print(f"# {where}: {_SEED * _COPIES} dossiers, {of_bytes / 1e9:.1f} GB, in {seconds:.0f} s", flush=True)


# A claim is compared without a sync: that takes longer, and would hide what many pending ones cost.


def _file(path: Path) -> SqlStore:
    machine = Machine()
    return SqliteStore(path, clock=machine.clock, ids=machine.ids, tuning=sqlite.Tuning(synchronous="OFF"))


def _database(address: str) -> SqlStore:
    machine = Machine()
    return PostgresStore(address, clock=machine.clock, ids=machine.ids, tuning=postgres.Tuning(synchronous=False))


async def _ask(few: _Open, many: _Open, rounds: int, which: str) -> Sequence[Line]:
    chance = random.Random(1)  # noqa: S311 - the same questions in every run
    with _one_core():
        claims = await _rounds(few, many, rounds)
    async with many() as large:
        codes = [_code(chance) for _ in range(_ASKED)]
        found = await _times(codes, large.dossiers)
        dossiers = [(await large.dossiers(code))[0].id for code in codes]
        timelines = await _times(dossiers, large.timeline)
        pages = await _times(await _cursors(large, chance), lambda after: large.read(READER, after, limit=_PAGE))
        selection = Selection(state=State.DEAD, system=PARTNER, reason=Why.REFUSED_BY_PARTNER)
        chosen = await _times([selection] * rounds, large.choose)
    return (
        ratio(f"{which}claim_at_a_million", claims, " ms"),
        _p95(f"{which}find_at_a_million", found),
        _p95(f"{which}timeline_at_a_million", timelines),
        _p95(f"{which}feed_page_at_a_million", pages),
        median(f"{which}replay_choice_at_a_million", chosen),
    )


async def _rounds(few: _Open, many: _Open, rounds: int) -> Sequence[tuple[float, float]]:
    each = _CLAIMABLE // _CLAIMED // (rounds + 1)
    async with few() as small, many() as large:
        for store in (small, large):
            await store.join(_NODE, config="bench")
        return [await _claims(small, large, each) for _ in range(rounds + 1)][1:]


@contextmanager
def _one_core() -> Generator[None]:
    """Keep this thread, and those begun meanwhile, on one core.

    Each store has a thread of its own. On two cores, one of which is slower or sleeps, they would be compared instead.
    """
    free = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(free)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, free)


async def _claims(few: SqlStore, many: SqlStore, count: int) -> tuple[float, float]:
    """Return the median times of so many claims where many are pending, and where few are, in milliseconds."""
    pairs = [[*await _claim(many), *await _claim(few)] for _ in range(count)]
    large, small = (statistics.median(times) for times in zip(*pairs, strict=True))
    return large, small


async def _claim(store: SqlStore) -> list[float]:
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


async def _cursors(store: SqlStore, chance: random.Random) -> list[str]:
    """Return places all over the reader's feed."""
    first = (await store.read(READER, "", limit=1)).next
    epoch = first.partition(".")[0]
    last = 2 * _SEED * (_COPIES - 1)  # each dossier is there twice
    return [f"{epoch}.{chance.randrange(last)}" for _ in range(_ASKED)]


def _p95(name: str, times: Sequence[float]) -> Line:
    ordered = sorted(times)
    spread = f"median {statistics.median(ordered):.2f}, worst {ordered[-1]:.2f}"
    return line(name, ordered[len(ordered) * 95 // 100], spread)
