"""``docs/explanation/crash-evidence.md``, as a run writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from tests.crash.boundaries import CALLED, RANDOM, SEND_STAGES, STAGES, UNREACHED, methods, moment
from tests.crash.life import ROOT, Findings

PAGE = ROOT / "docs" / "explanation" / "crash-evidence.md"

_OPENING = """# Crash evidence

What `make crash` has found; the run itself writes this page, and only where everything held. It kills the gateway
with `kill -9` at every boundary of its store and of its sends, once at each at least, and at random moments; then it
starts the gateway again on the same file, without any manual step, and goes on. At the end the books of the partners
are counted.

**Real:** the processes, the SQLite file, the loopback connections, the death. The gateway is composed as `serve`
composes it, from the shipped configuration and two more ministries; only its store and its HTTP client are subclasses
that count the passings of one boundary and then end the process (`tests/crash/fuse.py`). At «bytes out» it is the
partner that kills, as soon as it has the whole request. What a power cut adds, a disk that forgets what it has not
synced, is shown by `make durability`.

**The load:** a portal hands over dossiers with attachments, uploaded or named by address; one ministry recognises
what it is sent again (RESEND), one can be asked (LOOKUP), one promises nothing and is polled (HOLD), one reads its
feed. They lose replies, call back, have dossiers supplemented, amended and withdrawn. Meanwhile two operators do all
that operators can.

**What is checked**, from what the partners saw, never from the gateway's own word:

* *lost*: a receipt was given, or a call-back answered, and the event never took effect where it had to;
* *doubled*: an event took effect twice at one partner;
* *reordered*: an event took effect after a later one of the same dossier and sender;
* *held*: after each restart exactly those sends are shown to a person that the file says were begun at the HOLD
  partner and never settled; the run then settles them by the partner's books;
* *recovery*: from the start of the program to the first settlement of a delivery that was in flight at the kill, at
  most 5 s in 95 of 100 cases; nothing stays open at the end.
"""

_STORE = """
## The store

Kills at each boundary; in brackets, how many of them met a delivery in flight. Of a method that only reads, «written»
is its open transaction after the reading, «committed» the transaction's end.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a run comes to."""

    line: str
    seconds: float
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
        yield "kills that met a delivery in flight", str(self.in_flight)
        yield "dossiers handed over", str(self.dossiers)
        yield "requests that partners got", str(self.requests)
        yield "events that took effect, each once", str(self.effects)
        yield "from the start to the first reply, median", f"{self.start:.2f} s"
        yield "recovery, median", f"{self.recovery:.2f} s"
        yield "processor time of a recovery, 95 %", f"{self.effort:.2f} s"
        yield "from the start to the first delivery of what was in flight, 95 %", f"{self.arrival:.2f} s"
        yield "the whole run", f"{self.seconds:.0f} s"


def page(kills: Mapping[str, int], in_flight: Mapping[str, int], figures: Figures, day: date) -> str:
    """Return the page of a run in which everything held."""
    parts = [
        _OPENING,
        f"\n## The run of {day.isoformat()}\n\n```text\n{figures.line}\n```\n\n",
        _table(("figure", "value"), figures.rows()),
        _STORE,
        _table(("method", *STAGES), _store(kills, in_flight)),
        "\n## Sends\n\n",
        _table(("system", "promises", *(name.replace("_", " ") for name in SEND_STAGES)), _sends(kills, in_flight)),
        f"\n## Random moments\n\n{_cell(kills, in_flight, RANDOM)}: the rest of the kills.\n",
        "\n## Not met\n\nNothing in a gateway that serves calls these methods of the store:\n\n",
        _table(("method", "why"), ((f"`{name}`", why) for name, why in UNREACHED.items())),
    ]
    return "".join(parts)


def _store(kills: Mapping[str, int], in_flight: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    for method in methods():
        if moment(method) is not None:
            yield f"`{method}`", *(_cell(kills, in_flight, f"{method}.{stage}") for stage in STAGES)


def _sends(kills: Mapping[str, int], in_flight: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    for system, promise in CALLED.items():
        cells = (_cell(kills, in_flight, f"send.{system}.{stage}") for stage in SEND_STAGES)
        yield f"`{system}`", promise, *cells


def _cell(kills: Mapping[str, int], in_flight: Mapping[str, int], boundary: str) -> str:
    return f"{kills.get(boundary, 0)} ({in_flight.get(boundary, 0)})"


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that so many are not above; 0 where there is none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0
