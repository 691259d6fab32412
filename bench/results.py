"""The results that are kept, and the tables of README and docs that are made of them."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.lines import MEASURES, Line, brief
from bench.run import Run
from tools.gateway_process import ROOT

KEPT = ROOT / "docs" / "explanation" / "bench.json"
BEGIN, END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"
_SIGNS = {">=": "≥ ", "<=": "≤ "}


class Results(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run of everything."""

    on: str  #: the day, in UTC
    machine: str
    requests: int  #: dossiers of a round
    rounds: int
    lines: tuple[Line, ...]


def results(run: Run, disk: str, lines: Sequence[Line]) -> Results:
    """Return what a run gave; ``disk`` tells of its folder, and how busy the machine was."""
    python = f"Python {platform.python_version()}"
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {python}; {disk}"
    today = datetime.now(UTC).date().isoformat()
    return Results(on=today, machine=machine, requests=run.requests, rounds=run.rounds, lines=tuple(lines))


def keep(found: Results) -> None:
    """Write them where they are kept."""
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


def kept() -> Results:
    """Return those of the last run; raises OSError, msgspec.ValidationError."""
    return msgspec.json.decode(KEPT.read_bytes(), type=Results)


def pages(found: Results) -> Mapping[Path, str]:
    """Return the pages with their tables made of these results."""
    tables = {"README.md": short(found), "docs/explanation/performance.md": long(found)}
    return {ROOT / name: _with_table((ROOT / name).read_text("utf-8"), table) for name, table in tables.items()}


def short(found: Results) -> str:
    """Return a table of what has a goal."""
    rows = [(line, _beside(line)) for line in found.lines if line.goal != "-" or not line.is_measured]
    table = [f"| {line.name} | {beside} | {_value(line)} | {_goal(line)} |" for line, beside in rows]
    return "\n".join(
        (_method(found), "", "| measure | beside, or what it is | value | goal |", "|---|---|---|---|", *table)
    )


def long(found: Results) -> str:
    """Return a table of everything, with the spread and the rates."""
    table = [
        f"| `{line.name}` | {_beside(line)} | {_value(line)} | {line.spread.replace('..', ' to ')} | {_goal(line)} |"
        for line in found.lines
    ]
    head = ("| measure | beside, or what it is | value | spread | goal |", "|---|---|---|---|---|")
    return "\n".join((_method(found), "", *head, *table))


def _method(found: Results) -> str:
    return (
        f"Measured on {found.on}: {found.machine}; {found.requests} dossiers a round, median of {found.rounds} rounds"
        " after one that is not counted."
    )


def _beside(line: Line) -> str:
    return MEASURES[line.name].beside if line.name in MEASURES else ""


def _value(line: Line) -> str:
    unit = "" if line.unit == "ratio" else f" {line.unit.replace('us', 'µs')}"
    value = f"{brief(line.value)}{unit}" if line.is_measured else "-"
    return value if line.holds else f"**{value}**"


def _goal(line: Line) -> str:
    told = "" if line.goal == "-" else f"{_SIGNS[line.goal[:2]]}{line.goal[2:]}"
    if not line.is_measured:
        return f"{told} **not measured**".lstrip()
    return told if line.holds else f"{told}, **missed**"


def _with_table(page: str, table: str) -> str:
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n\n{END}{after}"
