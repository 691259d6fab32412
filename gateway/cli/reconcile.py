"""``reconcile``: compare our books with what a system says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from gateway.cli import screen
from gateway.cli.at_desk import at_desk, knowing, of_system
from gateway.cli.failures import Failed
from gateway.cli.lists import a_time, read_list
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption
from gateway.cli.screen import Lines
from gateway.ingress.reconciliation_bodies import (
    DivergenceBody,
    PartnerListBody,
    ReconcileBody,
    ReconciliationBody,
    ReconciliationsBody,
)

_LIMIT = 100
_COLOURS = {"missing": "red", "extra": "yellow", "different": "magenta"}

reconcile = typer.Typer(
    name="reconcile",
    help="Compare our books with what a system says: what it lacks, what it has beyond them, where its status differs. "
    "Nothing is repaired by itself: each finding names what a person can do.",
    no_args_is_help=True,
)


@reconcile.command("start")
def start(  # noqa: PLR0913 - each is an option of the command line
    system: Annotated[str, typer.Argument(help="The system to compare with.", metavar="SYSTEM")],
    *,
    reason: ReasonOption,
    dossier: Annotated[
        list[str] | None, typer.Option(help="Only this dossier, by any code; may be repeated.", metavar="CODE")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--list", help="CSV or XLSX: the dossiers that the system has.", metavar="FILE")
    ] = None,
    column: Annotated[str, typer.Option(help="Heading or number of the column with the codes.", metavar="COLUMN")] = "",
    as_of: Annotated[
        str, typer.Option(help="When the list was made (RFC 3339); else the file's own time.", metavar="TIME")
    ] = "",
    since: Annotated[
        str, typer.Option(help="The list holds what came at this time or later; else everything.", metavar="TIME")
    ] = "",
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Compare with a system: the gateway asks it about a sample, or these dossiers; or by the list that it handed over.

    A list is compared at once. Asking is done by the gateway that serves, within the system's hours and limits:
    see `reconcile show`.

    For example:

    ./run_gateway.py reconcile start driver_licence --reason "Đối chiếu tháng 11"

    ./run_gateway.py reconcile start driver_licence --list danh-sach.xlsx --since 2026-11-01T00:00:00+07:00 --reason "…"
    """
    if file is not None and dossier:
        raise Failed("--dossier and --list do not go together", status=2)
    asked = ReconcileBody(
        system=system,
        dossiers=tuple(dossier or ()),
        list=_listed(file, column, as_of, since) if file else None,
        reason=reason,
    )
    done = at_desk(config, data, lambda seat: knowing(seat, [system], seat.reconcile(asked)))
    screen.tell(done, _one(done), as_json=as_json)


@reconcile.command("list")
def list_all(
    *,
    system: Annotated[str, typer.Option("--system", help="Only with this system.", metavar="ID")] = "",
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """List comparisons, the newest first, with their counts.

    For example: ./run_gateway.py reconcile list --system driver_licence
    """
    found = at_desk(config, data, lambda seat: of_system(seat, system, seat.reconciliations(system, _LIMIT)))
    lines = screen.or_none((line for item in found for line in _one(item)), "chưa có lần đối chiếu nào")
    screen.tell(ReconciliationsBody(items=found), lines, as_json=as_json)


@reconcile.command("show")
def show(
    reconciliation: Annotated[str, typer.Argument(help="Its id (reconcile list).", metavar="RUN")],
    *,
    behind: Annotated[int, typer.Option(help="Go on behind this place.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="At most so many findings.", min=1, max=1000)] = _LIMIT,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Show a comparison, each finding, and what can be done about it.

    For example: ./run_gateway.py reconcile show 0195f0f2-…
    """
    found = at_desk(config, data, lambda seat: seat.reconciliation(reconciliation, behind, limit))
    lines = (*_one(found.reconciliation), *(line for item in found.items for line in _finding(item)))
    screen.tell(found, lines, as_json=as_json)


def _listed(file: Path, column: str, as_of: str, since: str) -> PartnerListBody:
    found = read_list(file, column)
    return PartnerListBody(
        codes=found.codes,
        as_of=a_time(as_of) if as_of else found.made_at,
        since=a_time(since) if since else None,
        file_sha256=found.sha256,
    )


def _one(item: ReconciliationBody) -> Lines:
    """Return a comparison: with whom, how it stands, and its sums."""
    yield Text.assemble((item.id, "bold"), "  ", (item.system, "cyan"), f"  {item.text}")
    found = [f"{screen.words('divergence', name)} ({number})" for name, number in item.counts.items() if number]
    if found or item.compared:
        yield Text("    " + ("; ".join(found) or "không có sai khác"), style="yellow" if found else "green")
    who = f"{item.asked_by}: «{item.reason}»" if item.asked_by else "theo lịch"
    yield Text(f"    {screen.moment(item.asked_at)} {who}; đã so {item.compared}, không rõ {item.unanswered}")
    if item.facts:
        yield Text(f"    {screen.facts(item.facts)}", style="dim")


def _finding(item: DivergenceBody) -> Lines:
    """Return a finding: which dossier, what differs, and what to do."""
    line = Text.assemble((f"{item.place:>6}  ", "dim"), (item.code or item.dossier_id, "bold"), "  ")
    line.append(item.text, style=_COLOURS.get(item.divergence, ""))
    theirs = f", hệ thống: {item.theirs}" if item.theirs else ""
    yield line.append(f" (cổng: {item.ours or 'không có'}{theirs})")
    yield Text(f"        → {item.repair_text}  {item.delivery_id}", style="dim")
