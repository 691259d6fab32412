"""``replay``: send many stopped deliveries again, step by step, and watch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from gateway.cli import replay_screen, screen
from gateway.cli.at_desk import at_desk, refuse_unknown
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed
from gateway.cli.lists import a_time, read_list
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption, one_of, said
from gateway.core.delivery import STOPS
from gateway.core.reason import Why
from gateway.core.replay import OPEN_RUNS, Left, RunPlan, RunState
from gateway.ingress.replay_bodies import (
    BegunBody,
    ItemsBody,
    ReplayBody,
    ReplayPlanBody,
    RunBody,
    RunsBody,
    SelectionBody,
)
from gateway.model.kinds import KINDS

_PLAN = RunPlan()
_STEPS = "-".join(str(size) for size in _PLAN.steps)
_LOOK = 0.5  #: seconds between two looks at a run
_LIMIT = 100

replay = typer.Typer(
    name="replay",
    help="Send many again that were refused or held: see it first, then 1, 5, 20, 100 at a time; it stops by itself "
    "when too much fails. What is in doubt is never included: judge it.",
    no_args_is_help=True,
)

RunArgument: TypeAlias = Annotated[str, typer.Argument(help="The replay's id (replay list).", metavar="RUN")]
NamesArgument: TypeAlias = Annotated[
    list[str] | None, typer.Argument(help="Ids of deliveries, or codes of dossiers.", metavar="NAME")
]
SystemOption: TypeAlias = Annotated[
    str, typer.Option("--system", callback=said, help="Only to this system.", metavar="ID")
]
StateOption: TypeAlias = Annotated[
    str, typer.Option("--state", callback=one_of(STOPS), help="Only what is dead, or only what is held.")
]
ForOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--stopped-for",
        callback=one_of(Why),
        help="Only with this reason, as held and dead --json show it.",
        metavar="CODE",
    ),
]
KindOption: TypeAlias = Annotated[
    str, typer.Option("--kind", callback=one_of(KINDS, own="x."), help="Only events of this kind.", metavar="KIND")
]
ProcedureOption: TypeAlias = Annotated[
    str, typer.Option("--procedure", callback=said, help="Only this procedure.", metavar="CODE")
]
SinceOption: TypeAlias = Annotated[
    str,
    typer.Option("--since", callback=said, help="Only what stopped at this time (RFC 3339) or later.", metavar="TIME"),
]
UntilOption: TypeAlias = Annotated[
    str, typer.Option("--until", callback=said, help="Only what stopped before.", metavar="TIME")
]
ListOption: TypeAlias = Annotated[
    Path | None, typer.Option("--list", help="CSV or XLSX with ids or codes in one column.", metavar="FILE")
]
ColumnOption: TypeAlias = Annotated[
    str, typer.Option("--column", help="Heading or number of that column.", metavar="COLUMN")
]
AmendOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--amend", help="What --system has of the named dossiers, stated to it once more as amendments: new deliveries."
    ),
]
AllOption: TypeAlias = Annotated[bool, typer.Option("--all", help="Everything that is held or dead.")]


@replay.command("plan")
def plan(  # noqa: PLR0913 - each is an option of the command line
    names: NamesArgument = None,
    *,
    system: SystemOption = "",
    state: StateOption = "",
    stopped_for: ForOption = "",
    kind: KindOption = "",
    procedure: ProcedureOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    file: ListOption = None,
    column: ColumnOption = "",
    everything: AllOption = False,
    amend: AmendOption = False,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Show what a replay would send, in its order, and what it would leave out and why. Nothing is done.

    Exit status 1 where a name is of no delivery and of no dossier.

    For example:

    ./run_gateway.py replay plan --system driver_licence --stopped-for refused_by_partner

    ./run_gateway.py replay plan --list ho-so.csv

    ./run_gateway.py replay plan --amend --system driver_licence --list sai-bang-ma.csv
    """
    asked = _selection(
        SelectionBody(
            system=system,
            state=state,
            reason=stopped_for,
            kind=kind,
            procedure=procedure,
            since=a_time(since) if since else None,
            until=a_time(until) if until else None,
            names=_names(names, file, column),
            amend=amend,
        ),
        everything=everything,
    )
    found = at_desk(config, data, lambda seat: _planned(seat, asked))
    screen.tell(found, replay_screen.plan(found), as_json=as_json)
    if Left.UNKNOWN in found.left_out:
        raise typer.Exit(1)


@replay.command("start")
def start(  # noqa: PLR0913 - each is an option of the command line
    names: NamesArgument = None,
    *,
    reason: ReasonOption,
    system: SystemOption = "",
    state: StateOption = "",
    stopped_for: ForOption = "",
    kind: KindOption = "",
    procedure: ProcedureOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    file: ListOption = None,
    column: ColumnOption = "",
    everything: AllOption = False,
    amend: AmendOption = False,
    steps: Annotated[str, typer.Option(help="How many at a time; the last is repeated.", metavar="N-N-…")] = _STEPS,
    rate: Annotated[int, typer.Option(help="Released in a minute, at most.", metavar="N")] = _PLAN.rate,
    stop_at: Annotated[
        float, typer.Option(help="Stop by itself above this share of failures; 1 never does.", metavar="RATIO")
    ] = _PLAN.stop_at,
    no_watch: Annotated[bool, typer.Option("--no-watch", help="Begin it and come back; do not follow it.")] = False,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Begin a replay: what fits now is frozen, and nothing that stops later is included. More than 100 a day need two.

    The gateway goes on with it by itself: leave with Ctrl-C and come back with `replay watch`. It survives a restart.

    For example:

    ./run_gateway.py replay start --system driver_licence --reason "Bộ đã sửa bảng mã xã"

    ./run_gateway.py replay start --list ho-so.csv --steps 1-10-50 --rate 30 --reason "Công văn 15/STP"
    """
    selection = _selection(
        SelectionBody(
            system=system,
            state=state,
            reason=stopped_for,
            kind=kind,
            procedure=procedure,
            since=a_time(since) if since else None,
            until=a_time(until) if until else None,
            names=_names(names, file, column),
            amend=amend,
        ),
        everything=everything,
    )
    asked = ReplayBody(selection=selection, steps=_sizes(steps), rate=rate, stop_at=stop_at, reason=reason)
    found = at_desk(config, data, lambda seat: _begun(seat, asked))
    screen.tell(found, replay_screen.begun(found), as_json=as_json)
    if found.replay and not no_watch and not as_json:
        at_desk(config, data, lambda seat: _follow(seat, found.replay.id if found.replay else ""))


@replay.command("list")
def list_runs(*, config: ConfigOption = CONFIG, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """List replays, the newest first, with their counts.

    For example: ./run_gateway.py replay list
    """
    found = at_desk(config, data, lambda seat: seat.replays(_LIMIT))
    lines = screen.or_none((line for run in found for line in replay_screen.run(run)), "chưa có đợt gửi lại nào")
    screen.tell(RunsBody(items=found), lines, as_json=as_json)


@replay.command("show")
def show(  # noqa: PLR0913 - each is an option of the command line
    run: RunArgument,
    *,
    state: Annotated[
        str, typer.Option("--state", help="Only items that stand so: chosen, sent, done, failed, skipped.")
    ] = "",
    behind: Annotated[int, typer.Option(help="Go on behind this place.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="At most so many items.", min=1, max=1000)] = _LIMIT,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Show a replay and its deliveries one by one, with why one was skipped.

    For example: ./run_gateway.py replay show 0195f0e4-… --state failed
    """
    found = at_desk(config, data, lambda seat: seat.replay_items(run, state, behind, limit))
    if as_json:
        screen.print_json(ItemsBody(items=found))
        return
    whole = at_desk(config, data, lambda seat: seat.replay_run(run))
    screen.tell(whole, (*replay_screen.run(whole), *replay_screen.items(found)), as_json=False)


@replay.command("watch")
def watch(
    run: RunArgument, *, config: ConfigOption = CONFIG, data: DataOption = DATA, as_json: JsonOption = False
) -> None:
    """Follow a replay until it ends or rests; leave with Ctrl-C, it goes on. Exit status 1 where it has stopped itself.

    For example: ./run_gateway.py replay watch 0195f0e4-…
    """
    found = at_desk(config, data, lambda seat: _follow(seat, run, shows=not as_json))
    if as_json:
        screen.print_json(found)


@replay.command("pause")
def pause(
    run: RunArgument,
    *,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Release nothing more for now; what is on its way stays so.

    For example: ./run_gateway.py replay pause 0195f0e4-… --reason "Bộ báo quá tải"
    """
    _steer(config, data, lambda seat: seat.steer(run, "pause", reason), as_json=as_json)


@replay.command("resume")
def resume(
    run: RunArgument,
    *,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Let a replay go on that was paused or has stopped itself; what had failed by then does not stop it again.

    For example: ./run_gateway.py replay resume 0195f0e4-… --reason "Bộ đã sửa xong"
    """
    _steer(config, data, lambda seat: seat.steer(run, "resume", reason), as_json=as_json)


@replay.command("cancel")
def cancel(
    run: RunArgument,
    *,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """End a replay: what it has not sent yet stays as it is; what is on its way is still counted.

    For example: ./run_gateway.py replay cancel 0195f0e4-… --reason "Chọn nhầm hệ thống"
    """
    _steer(config, data, lambda seat: seat.steer(run, "cancel", reason), as_json=as_json)


def _steer(config: Path, data: Path, ask: Callable[[Desk], Awaitable[RunBody]], *, as_json: bool) -> None:
    done = at_desk(config, data, ask)
    screen.tell(done, replay_screen.run(done), as_json=as_json)


async def _planned(seat: Desk, selection: SelectionBody) -> ReplayPlanBody:
    found = await seat.replay_plan(selection)
    if not found.requested:
        await refuse_unknown(seat, selection.system)
    return found


async def _begun(seat: Desk, asked: ReplayBody) -> BegunBody:
    try:
        return await seat.replay(asked)
    except Failed:
        await refuse_unknown(seat, asked.selection.system)
        raise


def _names(names: list[str] | None, file: Path | None, column: str) -> tuple[str, ...]:
    return (*(names or ()), *(read_list(file, column).codes if file else ()))


def _selection(asked: SelectionBody, *, everything: bool) -> SelectionBody:
    """Return what is asked for; nobody sends everything by leaving the conditions out."""
    conditions = any((asked.state, asked.reason, asked.kind, asked.procedure, asked.since, asked.until, everything))
    if not (asked.names or asked.system or conditions):
        raise Failed("say what to send again: names, --list, a condition such as --system, or --all", status=2)
    if asked.amend and (not asked.names or not asked.system or conditions):
        raise Failed("--amend goes with --system, and names or --list; with nothing else", status=2)
    return asked


def _sizes(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in text.split("-"))
    except ValueError:
        raise Failed(f"--steps {text!r} is not like {_STEPS}", status=2) from None


async def _follow(seat: Desk, run: str, *, shows: bool = True) -> RunBody:
    """Show a replay's progress until it ends or rests. Raises Failed where it has stopped itself."""
    found = await seat.replay_run(run)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[counts]}"))
    console = Console(highlight=False, quiet=not shows)
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(found.text, total=found.requested, counts="")
        while True:
            counts = f"xong {found.done}, lỗi {found.failed}, bỏ qua {found.skipped}, đang gửi {found.sent}"
            ended = found.done + found.failed + found.skipped
            progress.update(task, description=found.text, completed=ended, counts=counts)
            if not seat.is_served or not _goes_on(found):
                break
            await asyncio.sleep(_LOOK)
            found = await seat.replay_run(run)
    if found.state == RunState.STOPPED:
        raise Failed(f"it has stopped: see replay show {run} --state failed, then replay resume, or cancel")
    if shows and not seat.is_served and found.state in OPEN_RUNS:
        console.print("chưa có cổng nào đang chạy: đợt gửi lại sẽ tiếp tục khi cổng chạy (serve)")
    return found


def _goes_on(run: RunBody) -> bool:
    """Whether something may still change by itself."""
    return run.state == RunState.RUNNING or bool(run.sent)
