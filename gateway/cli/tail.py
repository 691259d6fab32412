"""``tail``: what the gateway does, line by line, while it does it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.text import Text

from gateway.app.layout import Layout
from gateway.cli.failures import no_gateway
from gateway.cli.follow import Follower, last_lines
from gateway.cli.places import DATA, DataOption, JsonOption
from gateway.cli.screen import console
from gateway.core.calendar import VIETNAM
from gateway.core.codes import forms
from gateway.observability.logs import FILE_NAME

_PAUSE = 0.2  #: seconds between two looks at the file
_SHOWN_FIRST = {"timestamp", "level", "event", "dossier", "source", "system", "kind", "outcome", "reason"}
_SHOWN_SO = {"method", "path", "status", "duration_ms"}
#: Numbers for machines: `--json` prints them.
_LEFT_OUT = {"trace_id", "message", "delivery", "key_id", "bytes_in", "bytes_out"}
_REFUSED = 400
_STYLES: Mapping[str, str] = {
    "delivered": "green",
    "retryable": "yellow",
    "ambiguous": "magenta",
    "rejected": "red",
    "warning": "yellow",
    "error": "bold red",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which lines are wanted."""

    dossier: str = ""
    system: str = ""

    def wants(self, line: Mapping[str, object]) -> bool:
        """Whether this line is about the dossier and the system."""
        about = (line.get("system"), line.get("destination"), line.get("source"), line.get("caller"))
        is_it = not self.dossier or line.get("dossier") in forms(self.dossier)
        return is_it and (not self.system or self.system in about)


def tail(
    *,
    data: DataOption = DATA,
    dossier: Annotated[str, typer.Option(help="Only lines about this dossier code.", metavar="CODE")] = "",
    system: Annotated[str, typer.Option(help="Only lines about this system.", metavar="ID")] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many past lines to begin with.", min=0)] = 20,
    follow: Annotated[bool, typer.Option(help="Wait for new lines; --no-follow prints the past ones and ends.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Show the gateway's log as it is written: one line per request and per attempt, never a citizen's data.

    For example:

    ./run_gateway.py tail --system driver_licence

    ./run_gateway.py tail --dossier H52.12-260301-0001 -n 200 --no-follow

    ./run_gateway.py tail --json | jq 'select(.outcome == "ambiguous")'
    """
    path = Layout(data).logs / FILE_NAME
    if not data.is_dir():
        raise no_gateway(data)
    past, position = last_lines(path)
    wanted = Filter(dossier=dossier, system=system)
    recent = [line for line in past if wanted.wants(_read(line))][-lines:] if lines else []
    if lines and not recent and (why := _why_none(path, wanted)):
        typer.echo(why, err=True)
    news = Follower(path, position).follow(_pause) if follow else iter(())
    try:
        for line in chain(recent, _chosen(news, wanted)):
            _show(line, as_json=as_json)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _why_none(path: Path, wanted: Filter) -> str:
    """Return what to look at instead where no past line is shown: silence would read as if nothing had happened."""
    if not path.exists():
        return (
            f"! there is no {path}: see logs.to in gateway.toml; gateways of --workers log in worker-1, … of the folder"
        )
    told = " and ".join(filter(None, (wanted.dossier, wanted.system)))
    others = f"older ones: grep in {path}*; what happened to a dossier: ./run_gateway.py show CODE"
    return f"! no line about {told} in the newest mebibyte of {path}; {others}" if told else ""


def _pause() -> bool:
    time.sleep(_PAUSE)
    return True


def _chosen(lines: Iterable[bytes], wanted: Filter) -> Iterator[bytes]:
    return (line for line in lines if wanted.wants(_read(line)))


def _read(line: bytes) -> Mapping[str, object]:
    """Return the line's object; what is none is shown as its text."""
    try:
        found: object = json.loads(line)
    except ValueError:
        found = None
    if isinstance(found, dict):
        return cast("Mapping[str, object]", found)
    return {"event": line.decode("utf-8", "replace").rstrip()}


def _show(line: bytes, *, as_json: bool) -> None:
    if as_json:
        typer.echo(line.decode("utf-8", "replace").rstrip("\n"))
        return
    console().print(readable(_read(line)))


def readable(line: Mapping[str, object]) -> Text:
    """Return one log line for people: time in Việt Nam, event, dossier, systems, outcome, then the rest by name."""
    text = Text(f"{_clock(line.get('timestamp')):12} ", style="dim")
    text.append(str(line.get("event", "")).ljust(8), style=_STYLES.get(str(line.get("level", "")), "bold"))
    text.append(_request(line)).append(_about(line))
    if isinstance(taken := line.get("duration_ms"), int | float):
        text.append(f" {taken:.0f} ms")
    for name, value in line.items():
        if name not in _SHOWN_FIRST | _SHOWN_SO | _LEFT_OUT and value is not None and value != "":
            text.append(f" {name}={_plain(value)}", style="dim")
    return text


def _about(line: Mapping[str, object]) -> Text:
    """Return which dossier, between whom, and what came of it."""
    text = Text("".join(f" {line[name]}" for name in ("dossier", "kind") if line.get(name)))
    source, system, outcome = line.get("source"), line.get("system"), str(line.get("outcome", ""))
    if source or system:
        text.append(f" {source or ''}{'→' if source and system else ''}{system or ''}", style="cyan")
    if outcome:
        text.append(f" {outcome}", style=_STYLES.get(outcome, "bold"))
    if line.get("reason"):
        text.append(f" ({line['reason']})")
    return text


def _clock(timestamp: object) -> str:
    """Return the time of day in Việt Nam, with the day where that is not today; as it is where it cannot be read."""
    try:
        at = datetime.fromisoformat(str(timestamp)).astimezone(VIETNAM)
    except ValueError:
        return str(timestamp or "")
    is_today = at.date() == datetime.now(VIETNAM).date()
    return at.strftime("%H:%M:%S.%f" if is_today else "%d/%m %H:%M:%S.%f")[:-3]


def _request(line: Mapping[str, object]) -> Text:
    """Return method, path and status of a request."""
    text, status = Text(), line.get("status")
    for name in ("method", "path"):
        if line.get(name):
            text.append(f" {line[name]}")
    if status is not None:
        is_refused = isinstance(status, int) and status >= _REFUSED
        text.append(f" {status}", style="yellow" if is_refused else "green")
    return text


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
