"""Durable intake: what keeping costs, and what the chain of evidence takes of it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.config import write
from bench.gateway import KEPT, gateway
from bench.lines import Line, median, ratio
from bench.run import Run


def intake(run: Run) -> Sequence[Line]:
    """Durable intake against the same doors over an inbox that keeps nothing."""
    with run.peer("sink") as sink:
        config = write(run.folder, f"http://127.0.0.1:{sink}")
        with gateway(run, "intake", config, sink) as ours, doors(run, "storeless", config) as (storeless, key):
            pairs = [(ours.take(run), run.press(storeless, key, KEPT)) for _ in range(run.rounds + 1)]
    return (ratio("durable_intake", pairs[1:]),)


def evidence(run: Run) -> Sequence[Line]:
    """What the chain of evidence takes of durable intake: the same doors and store with it and without."""
    config = write(run.folder, "http://127.0.0.1:9")
    with doors(run, "proved", config) as (proved, key), doors(run, "unproved", config) as (unproved, other_key):
        pairs = [(run.press(proved, key, KEPT), run.press(unproved, other_key, KEPT)) for _ in range(run.rounds + 1)]
    return (median("evidence_cost", [1 - with_it / without for with_it, without in pairs[1:]]),)


@contextmanager
def doors(run: Run, name: str, config: Path) -> Generator[tuple[int, str]]:
    """Run a peer that is the gateway's own doors; yields its port and the portal's key."""
    data = run.fresh(name)
    with run.peer(name, "--config", config, "--data", data) as port:
        yield port, (data / "key").read_text(encoding="utf-8")
