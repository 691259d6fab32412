"""``bench``: how fast and how small, measured on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.failures import Failed
from gateway.cli.places import JsonOption

_ROOT = Path(__file__).resolve().parents[2]
_FIELDS = ("name", "value", "goal", "unit", "spread")
_BELOW = "BELOW GOAL"


def bench(
    *,
    only: Annotated[
        str, typer.Option(help="Measure only this: intake, whole_path, postgres, millions …; a wrong name lists all.")
    ] = "",
    requests: Annotated[int | None, typer.Option(help="Dossiers in each round.", min=1)] = None,
    rounds: Annotated[int | None, typer.Option(help="Rounds of each measurement.", min=1)] = None,
    folder: Annotated[Path | None, typer.Option(help="Where data goes: on a disk, not in memory. Emptied.")] = None,
    project: Annotated[Path, typer.Option(help="The checkout of the project that holds bench/.")] = _ROOT,
    as_json: JsonOption = False,
) -> None:
    """Measure throughput and memory against peers in the same run, so that machines can be compared.

    Each line is `name value goal unit spread`; a goal of `-` is told and not judged. Ratios: durable intake against
    the same doors without a store, the whole path against a proxy with keys, validation and logs that keeps nothing
    (and against one that looks at nothing); keys, logs and fsync are on. Takes some minutes; nothing else should be
    running. Exit status 0 only if every goal is reached.

    For example:

    ./run_gateway.py bench

    ./run_gateway.py bench --only intake --requests 500 --rounds 2

    ./run_gateway.py bench --json | jq '.measures[] | select(.holds | not)'
    """
    if not (project / "bench" / "__main__.py").is_file():
        text = f"{project} has no bench folder: clone the project, and run `./run_gateway.py bench` there"
        raise Failed(text, status=2)
    given = {"--only": only, "--requests": requests, "--rounds": rounds, "--folder": folder and folder.resolve()}
    arguments = [word for name, value in given.items() if value for word in (name, str(value))]
    lines: list[str] = []
    status = _run(project, arguments, lines.append if as_json else typer.echo)
    if as_json:
        typer.echo(json.dumps(_facts(lines), ensure_ascii=False))
    raise typer.Exit(status)


def _run(project: Path, arguments: Sequence[str], each: Callable[[str], None]) -> int:
    """Give out what the measurements print, line by line; return their exit status."""
    command = [sys.executable, "-m", "bench", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=project) as process:  # noqa: S603 - our own
        for line in process.stdout or ():
            each(line.rstrip("\n"))
        return process.wait()


def _facts(lines: Sequence[str]) -> dict[str, object]:
    """Return the lines as an object; those that begin with # or name no measure are notes."""
    measures = [found for line in lines if (found := _measure(line))]
    notes = [line.lstrip("# ") for line in lines if not _measure(line)]
    return {"measures": measures, "notes": notes}


def _measure(line: str) -> dict[str, object] | None:
    fields = line.removesuffix(_BELOW).strip().split(maxsplit=len(_FIELDS) - 1)
    if line.startswith("#") or len(fields) < len(_FIELDS):
        return None
    try:
        value = float(fields[1])
    except ValueError:
        return None
    return {**dict(zip(_FIELDS, fields, strict=True)), "value": value, "holds": not line.endswith(_BELOW)}
