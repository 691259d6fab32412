"""``held settle``: settle what is in doubt by the list of codes that the partner says it has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import proposal_screen, screen
from gateway.cli.at_desk import at_desk
from gateway.cli.failures import Failed
from gateway.cli.lists import a_time, read_list
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption
from gateway.ingress.ops_bodies import SettlementBody


def settle(  # noqa: PLR0913 - each is an option of the command line
    system: Annotated[str, typer.Argument(help="The system whose list it is.", metavar="SYSTEM")],
    *,
    file: Annotated[
        Path, typer.Option("--list", help="CSV or XLSX: the dossiers that the partner has.", metavar="FILE")
    ],
    column: Annotated[str, typer.Option(help="Heading or number of the column with the codes.", metavar="COLUMN")] = "",
    as_of: Annotated[
        str,
        typer.Option(
            help="When the partner made the list (RFC 3339); to look only, else the file's own time.", metavar="TIME"
        ),
    ] = "",
    propose: Annotated[bool, typer.Option("--propose", help="Ask a second person to approve exactly this.")] = False,
    reason: ReasonOption = "",
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Settle what is in doubt by the partner's own list: listed is delivered, not listed is sent again.

    Without --propose it only shows what would happen. A list made within the quiet time proves no absence, nor does one
    that lacks what the partner has spoken of since. A list of dossiers decides about submissions; of later messages it
    says nothing, unless it holds our ids. What arrives after the list was shown is not included.

    For example:

    ./run_gateway.py held settle driver_licence --list danh-sach.xlsx --as-of 2026-11-24T17:00:00+07:00

    ./run_gateway.py held settle driver_licence --list danh-sach.csv --as-of 2026-11-24T17:00:00+07:00 --propose
    --reason "Danh sách Cục gửi ngày 24/11"
    """
    if propose and not reason:
        raise Failed("say why with --reason", status=2)
    if propose and not as_of:
        raise Failed("say with --as-of when the partner made the list: a copied file is younger than it", status=2)
    asked = _asked(file, column, as_of, reason=reason if propose else "")
    found = at_desk(config, data, lambda seat: seat.settle(system, asked))
    screen.tell(found, proposal_screen.settlement(found), as_json=as_json)


def _asked(file: Path, column: str, as_of: str, *, reason: str) -> SettlementBody:
    found = read_list(file, column)
    return SettlementBody(
        codes=found.codes,
        as_of=a_time(as_of) if as_of else found.made_at,
        file_sha256=found.sha256,
        propose=bool(reason),
        reason=reason,
    )
