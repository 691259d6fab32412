"""Measure: ``name value goal unit spread``, one line each; ratios within this run, fsync, logs and keys on."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.commits import group_commit
from bench.intake import evidence, intake
from bench.lines import Line, broken_off
from bench.log_event import log
from bench.memory import burst, demo, uploads
from bench.millions.measure import millions, postgres_millions
from bench.path import whole_path
from bench.place import NotADisk, check_disk, median_ms, sync_times
from bench.postgres import postgres
from bench.queues.measure import queues
from bench.results import Results, keep, kept, pages, results
from bench.run import Run, fresh
from bench.soap.codecs import soap_codecs
from bench.soap.path import soap_path
from tools.gateway_process import ROOT, GatewayFailed

WAYS: Mapping[str, Callable[[Run], Sequence[Line]]] = {
    "intake": intake,
    "evidence": evidence,
    "group_commit": group_commit,
    "whole_path": whole_path,
    "postgres": postgres,
    "queues": queues,
    "millions": millions,
    "postgres_millions": postgres_millions,
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
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--only", choices=tuple(WAYS))
    what.add_argument("--write", action="store_true", help="keep the results, and make the tables of the docs of them")
    what.add_argument("--tables", action="store_true", help="make them of the results that are kept; measure nothing")
    asked = parser.parse_args()
    if asked.tables:
        return _write(kept())
    run = Run(folder=fresh(asked.folder.resolve()), requests=asked.requests, rounds=asked.rounds)
    try:
        disk = check_disk(run.folder)
    except NotADisk as problem:
        print(f"bench: {problem}")
        return 2
    times = sync_times(run.folder)
    disk = f"{disk}; 4 KB durable in {median_ms(times):.2f} ms (worst {max(times) * 1000:.1f} ms)"
    disk += f"; a load of {os.getloadavg()[0]:.1f} before"
    print(f"# {disk}", flush=True)
    ways = {name: way for name, way in WAYS.items() if asked.only in (None, name)}
    lines = [line for name, way in ways.items() for line in _measured(name, way, run)]
    if asked.write:
        keep(results(run, disk, lines))
        _write(kept())
    return 0 if all(line.holds for line in lines) else 1


def _measured(name: str, way: Callable[[Run], Sequence[Line]], run: Run) -> Sequence[Line]:
    """Return the lines of one part, told; where it breaks off, one that says so, and the others are measured still."""
    try:
        lines = way(run)
    except (RuntimeError, OSError, GatewayFailed, subprocess.SubprocessError) as error:
        lines = (broken_off(name, f"{type(error).__name__}: {error}"),)
    for line in lines:
        print(line, flush=True)
    return lines


def _write(found: Results) -> int:
    for path, text in pages(found).items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
