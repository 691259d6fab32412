"""What is measured, beside what, and how one line of it reads."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something that is measured, and its goal: at least, or at most, so much."""

    name: str
    beside: str  #: what it is compared with, or what it is
    unit: str = "ratio"
    least: float | None = None
    most: float | None = None

    @property
    def goal(self) -> str:
        """The goal as printed; ``-`` for what is told and not judged."""
        if self.least is not None:
            return f">={self.least:g}"
        return "-" if self.most is None else f"<={self.most:g}"

    def holds(self, value: float) -> bool:
        """Whether the value reaches the goal."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


MEASURES = {
    measure.name: measure
    for measure in (
        Measure(name="durable_intake", beside="the same doors over an inbox that keeps nothing", least=0.80),
        Measure(name="evidence_cost", beside="durable intake without the chain of evidence", most=0.1),
        Measure(name="group_commit", beside="the same drafts in the same store, a commit for each", least=2.5),
        Measure(name="whole_path", beside="a careful proxy that keeps nothing", least=0.80),
        Measure(name="whole_path_bare", beside="a proxy that looks at nothing and logs nothing"),
        Measure(name="postgres_intake", beside="the same doors over an inbox that keeps nothing", least=0.50),
        Measure(name="postgres_path", beside="a careful proxy that keeps nothing", least=0.50),
        Measure(name="two_nodes_rate", beside="one node over the same PostgreSQL", least=1.5),
        Measure(name="two_nodes_processor", beside="processor time per dossier of one node and its database", most=1.1),
        Measure(name="idle_beside_one_node", beside="processors that nobody used while one node relayed", unit="cores"),
        Measure(name="turn_wait_one_node", beside="waits for other nodes' writing, per dossier", unit="ms"),
        Measure(name="commit_wait_one_node", beside="waits for commits, per dossier", unit="ms"),
        Measure(name="turn_wait_two_nodes", beside="the same with two nodes", unit="ms"),
        Measure(name="commit_wait_two_nodes", beside="the same with two nodes", unit="ms"),
        Measure(name="claim_at_a_million", beside="a claim with a thousand pending instead of a million", most=1.25),
        Measure(name="find_at_a_million", beside="p95 of finding a dossier by any code", unit="ms", most=50),
        Measure(name="timeline_at_a_million", beside="p95 of reading a dossier's timeline", unit="ms", most=20),
        Measure(name="feed_page_at_a_million", beside="p95 of a page of 100 of a feed", unit="ms"),
        Measure(name="replay_choice_at_a_million", beside="choosing 10,000 stopped deliveries for a replay", unit="ms"),
        Measure(
            name="postgres_claim_at_a_million", beside="a claim with a thousand pending instead of a million", most=1.25
        ),
        Measure(name="postgres_find_at_a_million", beside="p95 of finding a dossier by any code", unit="ms", most=50),
        Measure(
            name="postgres_timeline_at_a_million", beside="p95 of reading a dossier's timeline", unit="ms", most=20
        ),
        Measure(name="postgres_feed_page_at_a_million", beside="p95 of a page of 100 of a feed", unit="ms"),
        Measure(
            name="postgres_replay_choice_at_a_million",
            beside="choosing 10,000 stopped deliveries for a replay",
            unit="ms",
        ),
        Measure(name="beside_celery", beside="aiohttp, Celery and Redis from end to end", least=8),
        Measure(name="beside_procrastinate", beside="aiohttp, procrastinate and PostgreSQL from end to end", least=10),
        Measure(name="beside_bullmq", beside="express, BullMQ and Redis from end to end", least=2),
        Measure(name="soap_write", beside="zeep, from values to an envelope's bytes", most=0.08),
        Measure(name="soap_read", beside="zeep, from an envelope's tree to values", most=0.20),
        Measure(name="soap_write_whole", beside="zeep with all that stands round it: preparing, validating, bytes"),
        Measure(name="soap_read_whole", beside="zeep with all that stands round it: parsing, validating, plain values"),
        Measure(name="soap_path", beside="the whole path to a partner by REST", least=0.60),
        Measure(name="upload_growth", beside="memory while files of 100 MB come in", unit="MB", most=16),
        Measure(
            name="burst_memory",
            beside="memory while 500 files, then 500 dossiers, come at once",
            unit="MB",
            most=300,
        ),
        Measure(name="log_event", beside="processor time of one line of the log", unit="us", most=10),
        Measure(name="demo_memory", beside="memory of the gateway in the demo", unit="MB", most=150),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measured value beside its goal."""

    name: str
    value: float
    goal: str
    unit: str
    spread: str
    holds: bool
    is_measured: bool = True  #: False: ``spread`` says why it could not be

    def __str__(self) -> str:
        """Return the line as printed."""
        mark = "" if self.holds else "   BELOW GOAL"
        return f"{self.name} {brief(self.value)} {self.goal} {self.unit} {self.spread}{mark}"


def brief(value: float) -> str:
    """Return a number with three digits that count, or all of its whole ones."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"  # noqa: PLR2004 - where powers of ten would begin


def line(name: str, value: float, spread: str) -> Line:
    """Return the line of one of ``MEASURES``."""
    measure = MEASURES[name]
    return Line(name=name, value=value, goal=measure.goal, unit=measure.unit, spread=spread, holds=measure.holds(value))


def median(name: str, values: Sequence[float], note: str = "") -> Line:
    """Return the line of the median of the rounds, with the smallest and the largest."""
    spread = f"{brief(min(values))}..{brief(max(values))}"
    return line(name, statistics.median(values), f"{spread} {note}".rstrip())


def ratio(name: str, pairs: Sequence[tuple[float, float]], unit: str = "/s") -> Line:
    """Return the line of the median of the rounds' ratios of ours to the other's."""
    ours, others = (statistics.median(side) for side in zip(*pairs, strict=True))
    return median(name, [one / other for one, other in pairs], f"({ours:.4g}{unit} of {others:.4g}{unit})")


def unmeasured(name: str, why: str) -> Line:
    """Return the line of what could not be measured: that is a failure, and it is said."""
    return replace(line(name, 0.0, _not_measured(why)), holds=False, is_measured=False)


def broken_off(part: str, why: str) -> Line:
    """Return the line of a whole part that broke off."""
    spread = _not_measured(why)
    return Line(name=part, value=0.0, goal="-", unit="-", spread=spread, holds=False, is_measured=False)


def _not_measured(why: str) -> str:
    return f"not measured: {' '.join(why.replace('|', '/').split())[:300]}"
