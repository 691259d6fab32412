"""Kill the gateway (kill -9) at every boundary of its store and of its sends, and at random moments; then count.

Run by ``make crash``; a short round of it is part of the tests. Several gateways run side by side, each with its own
data folder and partners. ``make crash STORE=postgres`` has two gateways over each database instead.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.crash.boundaries import RANDOM, everything
from tests.crash.cluster import MUST, Cluster
from tests.crash.cluster import chosen as chosen_for_several
from tests.crash.grounds import ROOT
from tests.crash.life import Findings, Life, Todo, is_of_the_start
from tests.crash.page import PAGE, Figures, Published, percentile

_RECOVERY_GOAL = 5.0  #: seconds


#: Makes what lives on one folder: data folder, seed, what is to be met, and where it is noted.
Living = Callable[[Path, int, Todo, Findings], Life | Cluster]


def run(
    boundaries: Sequence[str], *, data: Path, side_by_side: int, limit: float, seed: int, living: Living = Life
) -> Findings:
    """Meet each of these once, in ``limit`` seconds or not at all."""
    if data.exists():
        shutil.rmtree(data)
    return asyncio.run(_run(boundaries, data, side_by_side, limit, seed, living))


async def _run(
    boundaries: Sequence[str], data: Path, side_by_side: int, limit: float, seed: int, living: Living
) -> Findings:
    findings = Findings()
    starting = [name for name in boundaries if is_of_the_start(name)]
    running = [name for name in boundaries if not is_of_the_start(name)]
    todo = Todo(deque(running), deque(starting), time.monotonic() + limit)
    async with asyncio.TaskGroup() as group:
        for number in range(side_by_side):
            folder = data / f"life-{number + 1}"
            group.create_task(living(folder, seed + number, todo, findings).live())
    findings.missed += [*todo.running, *todo.starting]
    return findings


def chosen(kills: int, seed: int) -> list[str]:
    """Return every boundary once, in random order, and random moments until there are so many kills."""
    found = list(everything())
    found += [RANDOM] * max(kills - len(found), kills // 10)
    random.Random(seed).shuffle(found)  # noqa: S311 - an order needs a seed, not secrecy
    return found


def line(findings: Findings) -> str:
    """Return the last line of a run."""
    lost = sum(one.is_lost for one in findings.missing)
    doubled, reordered = (
        sum(report.total(name) for report in findings.reports) for name in ("duplicated", "reordered")
    )
    told = f"crash: kills={findings.kills.total()} lost={lost} doubled={doubled} reordered={reordered}"
    recovery = f" recovery_p95_s={percentile(findings.recoveries, 0.95):.2f}" * bool(findings.recoveries)
    return f"{told} held={findings.held}{recovery}"


def troubles(findings: Findings) -> list[str]:
    """Return everything that must not be, in words; nothing where the promise holds."""
    found = [*findings.faults, *map(str, findings.missing)]
    for report in findings.reports:
        counts = {name: report.total(name) for name in ("duplicated", "reordered")}
        counts |= {"refused": report.refused, "bad files": report.bad_files}
        found += [f"{name}: {count}" for name, count in counts.items() if count]
    return found


def main() -> int:
    """Print what was found; exit 0 only if the promise held at every boundary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--kills", type=int, default=150, help="at least so many; the rest at random moments")
    parser.add_argument("--only", nargs="*", help="these boundaries instead of all")
    parser.add_argument("--missing", action="store_true", help=f"those that {PAGE.name} shows as never met")
    parser.add_argument("--side-by-side", type=int, default=3)
    parser.add_argument("--limit", type=float, default=270, help="seconds of killing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", action="store_true", help=f"write {PAGE.name} where the promise has held")
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "crash")
    asked = parser.parse_args()
    published = Published.read(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else Published()
    return (_of_several if asked.store == "postgres" else _of_one)(asked, published)


def _of_one(asked: argparse.Namespace, published: Published) -> int:
    """Kill one gateway on the embedded database."""
    missing = [name for name in everything() if not published.kills[name]]
    some = missing if asked.missing else asked.only
    started = time.monotonic()
    findings = run(
        chosen(asked.kills, asked.seed) if some is None else some,
        data=asked.data,
        side_by_side=asked.side_by_side,
        limit=asked.limit,
        seed=asked.seed,
    )
    figures = Figures.of(findings, seconds=time.monotonic() - started, line=line(findings))
    if asked.page and not troubles(findings):
        add = published.whole if some is None else published.more
        PAGE.write_text(add(findings, figures, datetime.now(UTC).date()).page(), encoding="utf-8")
    found = troubles(findings) + [f"never met: {boundary}" for boundary in findings.missed]
    if percentile(findings.recoveries, 0.95) > _RECOVERY_GOAL:
        found.append(f"recovery takes more than {_RECOVERY_GOAL:g} s")
    return _conclude(found, figures.rows(), figures.line)


def _of_several(asked: argparse.Namespace, published: Published) -> int:
    """Let all befall two gateways over one PostgreSQL database that ``tests/crash/cluster.py`` knows."""
    started = time.monotonic()
    findings = run(
        asked.only or chosen_for_several(asked.seed),
        data=asked.data.with_name(f"{asked.data.name}-postgres"),
        side_by_side=asked.side_by_side - 1,  # each is two gateways and a server
        limit=asked.limit - 30,
        seed=asked.seed,
        living=Cluster,
    )
    figures = Figures.of(findings, seconds=time.monotonic() - started, line=line(findings))
    found = troubles(findings)
    if not asked.only:
        found += [f"never happened: {name}" for name in MUST if not findings.befell[name]]
    rows = [*((name, str(count)) for name, count in sorted(findings.befell.items())), *figures.of_several()]
    rows.append(("boundaries that the time was too short for", str(len(set(findings.missed) - {RANDOM}))))
    if asked.page and not found:
        PAGE.write_text(published.with_several(figures, rows, datetime.now(UTC).date()).page(), encoding="utf-8")
    return _conclude(found, rows, figures.line)


def _conclude(found: Sequence[str], rows: Iterable[tuple[str, str]], last: str) -> int:
    """Print everything; return the exit status."""
    for trouble in found:
        print(f"crash: {trouble}", file=sys.stderr)  # noqa: T201 - the result
    for name, value in rows:
        print(f"{name}: {value}")  # noqa: T201 - the result
    print(last)  # noqa: T201 - the result
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
