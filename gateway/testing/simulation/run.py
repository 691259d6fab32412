"""Many seeds on all cores, and what they came to."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from structlog.typing import EventDict, WrappedLogger

from gateway.testing.simulation.auditor import Broken, Cell, Violation
from gateway.testing.simulation.controls import Control, broken
from gateway.testing.simulation.stage import Script
from gateway.testing.simulation.stores import Opener, memory, sqlite
from gateway.testing.simulation.world import World

#: Every so many seeds run on SQLite.
SQLITE_SHARE = 20
#: Every so many seeds have two relays.
PAIR_SHARE = 3
_SILENCE = timedelta(seconds=30)  #: of a relay before the other holds it for dead
_ERROR = 40
#: Log events that say that the gateway has found a bug in itself.
_BUGS = frozenset({"worker_failed", "reclaim_failed", "fetch_failed", "lanes_repaired", "chore_failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One seed to run."""

    seed: int
    steps: int = 200
    sqlite: bool = False
    relays: int = 1
    control: Control | None = None


@dataclass(slots=True)
class Tally:
    """What one seed, or many, came to."""

    seeds: int = 0
    steps: int = 0
    fewest: int = 0  #: steps of the shortest seed
    held: int = 0
    expected: int = 0
    broken: Counter[Broken] = field(default_factory=Counter[Broken])
    met: Counter[Cell] = field(default_factory=Counter[Cell])
    failed: list[tuple[Job, Violation]] = field(default_factory=list[tuple[Job, Violation]])  #: the first of each

    def add(self, other: Tally) -> None:
        """Add what others came to."""
        self.fewest = min(self.fewest, other.fewest) if self.seeds else other.fewest
        self.seeds += other.seeds
        self.steps += other.steps
        self.held += other.held
        self.expected += other.expected
        self.broken += other.broken
        self.met += other.met
        self.failed += other.failed

    @property
    def is_sound(self) -> bool:
        """Whether no promise was broken."""
        return not self.broken and self.held == self.expected


def run(job: Job, trace: Callable[[str], None] | None = None) -> Tally:
    """Run one seed here. The same seed does the same wherever strings hash the same (PYTHONHASHSEED)."""
    bugs: list[str] = []
    listen(bugs, trace)
    with _stores(job) as opener:
        script = Script(
            seed=job.seed, steps=job.steps, opener=opener, control=job.control, trace=trace, relays=job.relays
        )
        auditor = World(script).run()
    if job.control is None:
        for bug in bugs:
            auditor.breaks(Broken.UNRULY, bug)
    return Tally(
        seeds=1,
        steps=auditor.steps,
        fewest=auditor.steps,
        held=auditor.held,
        expected=auditor.expected,
        broken=Counter(violation.broken for violation in auditor.violations),
        met=auditor.met,
        failed=[(job, violation) for violation in auditor.violations[:1]],
    )


def run_all(jobs: Iterable[Job], workers: int) -> Iterator[Tally]:
    """Run many seeds in so many processes, or here where it is one; yield what each came to, in any order."""
    if workers == 1:
        yield from map(run, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap_unordered(run, jobs, chunksize=8)


def _stores(job: Job) -> AbstractContextManager[Opener]:
    silence = _SILENCE if job.relays > 1 else None
    if job.control is not None:
        return broken(job.control, silence)
    return sqlite() if job.sqlite else memory(silence)


def listen(bugs: list[str], trace: Callable[[str], None] | None = None) -> None:
    """Hear what the gateway logs: bugs that it has found itself; all of it where somebody watches."""

    def hear(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        if event["event"] in _BUGS:
            bugs.append(str(event))
        if trace is not None:
            trace(f"           log      {event}")
        raise structlog.DropEvent

    structlog.configure(
        processors=[hear],
        wrapper_class=structlog.make_filtering_bound_logger(0 if trace else _ERROR),
        cache_logger_on_first_use=False,
    )
