"""``docs/explanation/crash-evidence.md``, as a run writes it."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

from tests.crash.boundaries import CALLED, RANDOM, SEND_STAGES, STAGES, UNREACHED, everything, methods, moment
from tests.crash.grounds import ROOT
from tests.crash.life import Findings

PAGE = ROOT / "docs" / "explanation" / "crash-evidence.md"

_OPENING = """# Crash evidence

What `make crash` has found; the run itself writes this page, and only where everything held. (Two gateways over one
PostgreSQL server: [below](#several-gateways-over-postgresql).) It kills the gateway
with `kill -9` at every boundary of its store and of its sends, once at each at least, and at random moments; then it
starts the gateway again on the same file, without any manual step, and goes on. At the end the books of the partners
are counted.

**Real:** the processes, the SQLite file, the loopback connections, the death. The gateway is composed as `serve`
composes it, from the shipped configuration and two more ministries; only its store and its HTTP client are subclasses
that count the passings of one boundary and then end the process (`tests/crash/fuse.py`). At «bytes out» it is the
partner that kills, as soon as it has the whole request. Every fourth gateway that goes on after a kill is started as a
program, and recovery is measured from those; the others are forked from a program that has loaded its code and done
nothing else, so that more kills fit into the time. What a power cut adds, a disk that forgets what it has not synced,
is shown by `make durability`.

**The load:** a portal hands over dossiers with attachments, uploaded or named by address; one ministry recognises
what it is sent again (RESEND), one can be asked (LOOKUP), one promises nothing and is polled (HOLD), one reads its
feed. They lose replies, call back, have dossiers supplemented, amended and withdrawn. Meanwhile two operators do all
that operators can.

**What is checked**, from what the partners saw, never from the gateway's own word:

* *lost*: a receipt was given, or a call-back answered, and the event never took effect where it had to, though the
  gateway neither sends it any more nor shows it to a person; where it still does, or where its sender was never
  answered, the run fails as well, and says so;
* *doubled*: an event took effect twice at one partner;
* *reordered*: an event took effect after one of the same dossier that its sender began to state later, when it had been
  answered about the first;
* *held*: after each restart exactly those sends are shown to a person that the file says were begun at the HOLD
  partner and never settled; the run then settles them by the partner's books;
* *recovery*: from the start of the program to the first settlement of a delivery that was in flight at the kill, at
  most 5 s in 95 of 100 cases; nothing stays open at the end.

A method of the store that came since the last whole run is met by
`.venv/bin/python -m tests.crash.matrix --missing --page`, which adds its row.
"""

_RUNS = "\n## Runs\n\n"
_SEVERAL = "\n## Several gateways over PostgreSQL\n"
_ABOUT_SEVERAL = """
What `make crash STORE=postgres` has found. Two gateways over one PostgreSQL server, which syncs, with one folder of
attachments, in the same town and under the same load; whoever calls is led to either in turn. What befalls them, one
after the other: either is killed while the database is in the middle of something, at its sends, and at random
moments; the server is killed with all its processes and started again; either stands still (SIGSTOP) until the other
has taken over all that it had, just before it would send, within its transaction, or anywhere, and then goes on;
either is cut off from the server for less or more than its lease of 4 s, with its connections ended or silent; the
answer to a COMMIT that the server has done is lost. Two of three starts have a clock that is 5 minutes ahead or
behind. Dossiers are amended several times at one moment, through both.

The run fails where one of these never happened, where anything is lost, doubled or reordered, where something begun
at the partner that promises nothing, by a gateway that was killed or stopped, is shown to nobody, where anything
stays open at the end, or where a chain of evidence is not whole. What is not shown: a gateway that stops in the
microseconds between its last look at the clock and its first byte, for longer than its lease; no gateway can tell
that from a slow line, and only the partner's recognising what it was sent again helps.

"""
_FIGURE = ("figure", "value")
_CELL = re.compile(r"(\d+) \((\d+)\)")
_STORE = "\n## The store\n"
_ABOUT = """
Kills at each boundary; in brackets, how many of them met a delivery in flight. Of a method that only reads, «written»
is its open transaction after the reading, «committed» the transaction's end. 0: not reached in the time that
the run had.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a run comes to."""

    line: str
    seconds: float
    crowding: float
    in_flight: int
    dossiers: int
    effects: int
    requests: int
    start: float
    recovery: float
    effort: float
    arrival: float

    @classmethod
    def of(cls, findings: Findings, *, seconds: float, line: str) -> Self:
        """Sum up."""
        reports = findings.reports
        return cls(
            line=line,
            seconds=seconds,
            crowding=os.getloadavg()[1] / (os.cpu_count() or 1),
            in_flight=findings.in_flight.total(),
            dossiers=sum(report.dossiers for report in reports),
            effects=sum(report.total("effects") for report in reports),
            requests=sum(report.total("requests") for report in reports),
            start=percentile(findings.starts, 0.5),
            recovery=percentile(findings.recoveries, 0.5),
            effort=percentile(findings.efforts, 0.95),
            arrival=percentile(findings.deliveries, 0.95),
        )

    def rows(self) -> Iterator[tuple[str, str]]:
        """Return each figure beside its name."""
        yield from self._load()
        yield "from the start to the first reply, median", f"{self.start:.2f} s"
        yield "recovery, median", f"{self.recovery:.2f} s"
        yield "processor time of a recovery, 95 %", f"{self.effort:.2f} s"
        yield "from the start to the first delivery of what was in flight, 95 %", f"{self.arrival:.2f} s"
        yield from self._machine()

    def of_several(self) -> Iterator[tuple[str, str]]:
        """Return those that a run of several gateways has, too."""
        yield from self._load()
        yield from self._machine()

    def _load(self) -> Iterator[tuple[str, str]]:
        yield "kills that met a delivery in flight", str(self.in_flight)
        yield "dossiers handed over", str(self.dossiers)
        yield "requests that partners got", str(self.requests)
        yield "events that took effect, each once", str(self.effects)

    def _machine(self) -> Iterator[tuple[str, str]]:
        yield "processes that wanted each processor, this run's and others', mean of 5 minutes", f"{self.crowding:.1f}"
        yield "the whole run", f"{self.seconds:.0f} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What the page says: the runs, and what they have met."""

    account: str = ""  #: of the last whole run, and of those that have only met what came since
    kills: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    several: str = ""  #: the account of the last whole run of several gateways

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what a page says."""
        text, _, ending = text.partition(_SEVERAL)
        _, _, several = ending.partition(_ABOUT_SEVERAL)
        _, _, rest = text.partition(_RUNS)
        account, _, tables = rest.partition(_STORE)
        found = dict(_counts(tables))
        kills = Counter({boundary: counts[0] for boundary, counts in found.items()})
        in_flight = Counter({boundary: counts[1] for boundary, counts in found.items()})
        return cls(account=account, kills=kills, in_flight=in_flight, several=several)

    def whole(self, findings: Findings, figures: Figures, day: date) -> Self:
        """Return the page anew: this run was for every boundary."""
        met = f"{len(findings.kills.keys() - {RANDOM})} of {len(everything())} boundaries"
        account = f"### {day.isoformat()}, {met}\n\n{_quoted(figures)}\n" + _table(_FIGURE, figures.rows())
        return replace(self, account=account, kills=findings.kills, in_flight=findings.in_flight)

    def more(self, findings: Findings, figures: Figures, day: date) -> Self:
        """Return it with what this run has met besides."""
        met = f"{len(findings.kills.keys() - {RANDOM})} boundaries that had not been met"
        account = f"{self.account}\n### {day.isoformat()}, {met}\n\n{_quoted(figures)}"
        kills, in_flight = Counter({**self.kills, **findings.kills}), Counter({**self.in_flight, **findings.in_flight})
        return replace(self, account=account, kills=kills, in_flight=in_flight)

    def with_several(self, figures: Figures, rows: Iterable[Sequence[str]], day: date) -> Self:
        """Return it with a run of several gateways."""
        return replace(self, several=f"### {day.isoformat()}\n\n{_quoted(figures)}\n" + _table(_FIGURE, rows))

    def page(self) -> str:
        """Return the text of the page."""
        sends = ("system", "promises", *(name.replace("_", " ") for name in SEND_STAGES))
        unmet = ((f"`{name}`", why) for name, why in UNREACHED.items())
        parts = [
            _OPENING,
            _RUNS,
            self.account,
            _STORE,
            _ABOUT,
            _table(("method", *STAGES), self._store()),
            "\n## Sends\n\n",
            _table(sends, self._sends()),
            "\n## Random moments\n\n",
            _table(("moment", "kills"), [(f"`{RANDOM}`", self._cell(RANDOM))]),
            "\n## Not met\n\nNothing in a gateway that serves calls these methods of the store:\n\n",
            _table(("method", "why"), unmet),
            _SEVERAL,
            _ABOUT_SEVERAL,
            self.several,
        ]
        return "".join(parts)

    def _store(self) -> Iterator[tuple[str, ...]]:
        for method in methods():
            if moment(method) is not None:
                yield f"`{method}`", *(self._cell(f"{method}.{stage}") for stage in STAGES)

    def _sends(self) -> Iterator[tuple[str, ...]]:
        for system, promise in CALLED.items():
            yield f"`{system}`", promise, *(self._cell(f"send.{system}.{stage}") for stage in SEND_STAGES)

    def _cell(self, boundary: str) -> str:
        return f"{self.kills[boundary]} ({self.in_flight[boundary]})"


def _counts(tables: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each boundary that tables name, with its two counts."""
    for row in tables.splitlines():
        name, *cells = [cell.strip() for cell in row.strip("|").split("|")]
        counts = [(int(found[1]), int(found[2])) for cell in cells if (found := _CELL.fullmatch(cell))]
        yield from zip(_boundaries(name.strip("`")), counts, strict=False)


def _boundaries(name: str) -> tuple[str, ...]:
    if name == RANDOM:
        return (RANDOM,)
    return tuple(f"send.{name}.{s}" for s in SEND_STAGES) if name in CALLED else tuple(f"{name}.{s}" for s in STAGES)


def _quoted(figures: Figures) -> str:
    return f"```text\n{figures.line}\n```\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that so many are not above; 0 where there is none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0
