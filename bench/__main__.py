"""Measure: ``name value goal unit spread``, one line each; ratios within this run, fsync, logs and keys on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.commits import group_commit
from bench.intake import evidence, intake
from bench.lines import Line
from bench.log_event import log
from bench.memory import burst, demo, uploads
from bench.millions.measure import millions
from bench.path import whole_path
from bench.place import NotADisk, check_disk, median_ms, sync_times
from bench.postgres import postgres
from bench.queues.measure import queues
from bench.run import Run, fresh
from bench.soap.codecs import soap_codecs
from bench.soap.path import soap_path
from tools.gateway_process import ROOT

WAYS: Mapping[str, Callable[[Run], Sequence[Line]]] = {
    "intake": intake,
    "evidence": evidence,
    "group_commit": group_commit,
    "whole_path": whole_path,
    "postgres": postgres,
    "queues": queues,
    "millions": millions,
    "soap_codecs": soap_codecs,
    "soap_path": soap_path,
    "uploads": uploads,
    "burst": burst,
    "log": log,
    "demo": demo,
}


def main() -> int:
    """Measure everything; 0 only if every goal is reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench", help="on a disk; emptied first")
    parser.add_argument("--requests", type=int, default=3000, help="dossiers in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=tuple(WAYS))
    asked = parser.parse_args()
    run = Run(folder=fresh(asked.folder.resolve()), requests=asked.requests, rounds=asked.rounds)
    try:
        kind = check_disk(run.folder)
    except NotADisk as problem:
        print(f"bench: {problem}")
        return 2
    times = sync_times(run.folder)
    print(f"# {kind}; 4 KB durable in {median_ms(times):.2f} ms (worst {max(times) * 1000:.1f} ms)", flush=True)
    lines = [_told(line) for name, way in WAYS.items() if asked.only in (None, name) for line in way(run)]
    return 0 if all(line.holds for line in lines) else 1


def _told(line: Line) -> Line:
    print(line, flush=True)
    return line


if __name__ == "__main__":
    sys.exit(main())
