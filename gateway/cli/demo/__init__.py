"""``demo``: the main job, end to end, with simulated partners on loopback."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from gateway.cli.demo.cast import PROVINCE
from gateway.cli.demo.national import NATIONAL
from gateway.cli.demo.processes import DemoError, Stage
from gateway.cli.demo.run import Finished, Kills, play, playing
from gateway.cli.demo.tally import Report

_LIMIT = 180.0  #: seconds a run may take
_PER_DOSSIER = 0.6  #: seconds more for each dossier: a timer that syncs one by one may share a busy machine
_ROOT = Path(__file__).resolve().parents[3]


def demo(  # noqa: PLR0913 - each is an option of the command line
    *,
    national: Annotated[
        bool, typer.Option("--national", help="Play the plug-in door and the national systems.")
    ] = False,
    count: Annotated[int | None, typer.Option(help="How many dossiers the portal hands over.", min=1)] = None,
    data: Annotated[Path, typer.Option(help="Where the run keeps its files; an earlier run's go.")] = _ROOT
    / "var"
    / "demo",
    seed: Annotated[int, typer.Option(help="Chooses the samples and the faults.")] = 1,
    per_second: Annotated[float, typer.Option(help="How fast the portal hands over.", min=0.1)] = 40.0,
    kills: Annotated[int, typer.Option(help="Kill the gateway (kill -9) so often while it relays.", min=0)] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running at the end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Run the main job on this machine: a portal, a REST ministry, a SOAP ministry, and the gateway between them.

    240 invented dossiers of the province's 24 services go out, status and results come back, while the partners fail:
    one is down at first, drops replies it has committed and lets sessions expire, the other throttles. The last line
    is counted from what the partners saw. Exit status 0 only if nothing was lost, doubled or reordered.

    With --national a portal as portals work today syncs 500 dossiers by its own timer through the plug-in door. The
    national portal takes them, civil status those of its procedures, and a joint birth is followed by residence and a
    health insurance card; all are down at first, end sessions, answer 503 and pages, and drop replies.

    For example: ./run_gateway.py demo --national --count 1000
    """
    cast, usual = (NATIONAL, 500) if national else (PROVINCE, 240)
    stage = Stage(root=_ROOT, data=data.resolve(), count=count or usual, per_second=per_second, seed=seed, cast=cast)
    try:
        if not as_json:
            typer.echo(f"starting the gateway and {len(cast.players)} simulated partners on loopback …")
        with playing(stage):
            finished = _watch(stage, kills, quiet=as_json)
            _show(finished, as_json=as_json)
            if keep:
                _stay(stage)
    except DemoError as problem:
        typer.echo(f"demo: {problem}", err=True)
        raise typer.Exit(1) from problem
    raise typer.Exit(0 if finished.report.holds else 1)


def _watch(stage: Stage, kills: int, *, quiet: bool) -> Finished:
    limit = _LIMIT + stage.count * _PER_DOSSIER
    console = Console()
    if quiet or not console.file.isatty():  # there may be no standard output at all
        return play(stage, kills=kills, limit=limit, watch=lambda _report, _kills: None)
    began = time.monotonic()
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        return play(
            stage,
            kills=kills,
            limit=limit,
            watch=lambda report, axe: live.update(_table(report, axe, seconds=time.monotonic() - began)),
        )


def _table(report: Report, kills: Kills, *, seconds: float | None = None) -> Table:
    """Return the counts as a table that fits into 80 columns with whole names; ``seconds`` so far, while it runs."""
    running = "" if seconds is None else f" · {seconds:.0f} s"
    table = Table(
        title=f"dossiers {report.dossiers} · results {report.results_got}/{report.results}{running}",
        title_justify="left",
        box=None,
        padding=(0, 2, 0, 0),
        pad_edge=False,
        header_style="bold",
    )
    for column in ("system", "requests", "expected", "effects", "lost", "duplicated", "reordered"):
        table.add_column(column, justify="left" if column == "system" else "right", no_wrap=True)
    for row in report.rows:
        missing = _fault(row.lost) if report.is_complete else "-"
        seen = map(str, (row.requests, row.expected, row.effects))
        table.add_row(row.system, *seen, missing, _fault(row.duplicated), _fault(row.reordered))
    if kills.wanted:
        table.caption = f"killed {kills.done} of {kills.wanted}, {kills.in_flight} with a delivery in flight"
    return table


def _fault(count: int) -> str:
    return f"[bold red]{count}[/]" if count else "0"


def _show(finished: Finished, *, as_json: bool) -> None:
    report, kills = finished.report, finished.kills
    if as_json:
        facts = {"seconds": round(finished.seconds, 1), "memory": finished.memory, "kills": asdict(kills)}
        typer.echo(json.dumps({**asdict(report), **facts, "holds": report.holds}))
        return
    Console().print(_table(report, kills))
    speed = f"{report.dossiers} dossiers, {report.calls} calls to partners in {finished.seconds:.1f} s"
    typer.echo(f"{speed}, gateway's highest memory {finished.memory / 1e6:.0f} MB")
    if kills.wanted:
        typer.echo(f"kills={kills.done} in_flight={kills.in_flight}")
    for complaint in report.complaints():
        typer.echo(complaint)
    typer.echo(report.line())


def _stay(stage: Stage) -> None:
    """Leave all processes running until Ctrl-C; print where they are, each command ready to be pasted."""
    places = " ".join(stage.places())
    said = ["", f"gateway  {stage.url}", f"docs     {stage.url}/docs", f"WSDL     {stage.url}/soap/v1/events?wsdl", ""]
    said += ["throw-away keys"]
    said += [f"  {system:<20} {key}" for system, key in stage.keys.items()]
    said += ["", "the command line, in another terminal", f"  ./run_gateway.py systems {places}"]
    said += [f"  ./run_gateway.py tail --data {stage.data / 'gateway'}", "", "Ctrl-C ends it."]
    typer.echo("\n".join(said))
    try:
        while True:
            stage.check_alive()
            time.sleep(1)
    except KeyboardInterrupt:
        typer.echo("ended")
