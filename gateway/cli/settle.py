"""``held settle``: settle what is in doubt by the list of codes that the partner says it has."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import proposal_screen, screen
from gateway.cli.failures import Failed
from gateway.cli.find import at_desk
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.ingress.ops_bodies import SettlementBody
from gateway.wire.partner_lists import read_codes
from gateway.wire.sheets import MOST_BYTES, BadSheet


def settle(  # noqa: PLR0913 - each is an option of the command line
    system: Annotated[str, typer.Argument(help="The system whose list it is.", metavar="SYSTEM")],
    *,
    file: Annotated[
        Path, typer.Option("--list", help="CSV or XLSX: the dossiers that the partner has.", metavar="FILE")
    ],
    column: Annotated[str, typer.Option(help="Heading or number of the column with the codes.", metavar="COLUMN")] = "",
    as_of: Annotated[
        str, typer.Option(help="When the partner made the list (RFC 3339); else the file's own time.", metavar="TIME")
    ] = "",
    propose: Annotated[bool, typer.Option("--propose", help="Ask a second person to approve exactly this.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why: kept with your name.", metavar="TEXT")] = "",
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Settle what is in doubt by the partner's own list: listed is delivered, not listed is sent again.

    Without --propose it only shows what would happen. A list made within the quiet time proves no absence. A list of
    dossiers decides about submissions; of later messages it says nothing, unless it holds our ids. What arrives after
    the list was shown is not included.

    For example:

    ./run_gateway.py held settle driver_licence --list danh-sach.xlsx --as-of 2026-11-24T17:00:00+07:00

    ./run_gateway.py held settle driver_licence --list danh-sach.csv --propose --reason "Danh sách Cục gửi ngày 24/11"
    """
    if propose and not reason:
        raise Failed("say why with --reason", status=2)
    asked = _asked(file, column, as_of, reason=reason if propose else "")
    found = asyncio.run(at_desk(config, data, lambda seat: seat.settle(system, asked)))
    if as_json:
        screen.print_json(found)
        return
    for line in proposal_screen.settlement(found):
        screen.console().print(line)


def _asked(file: Path, column: str, as_of: str, *, reason: str) -> SettlementBody:
    try:
        with file.open("rb") as source:
            content = source.read(MOST_BYTES + 1)
        made_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from None
    try:
        codes = read_codes(content, column)
    except BadSheet as error:
        raise Failed(f"{file}: {error}", status=2) from None
    return SettlementBody(
        codes=codes,
        as_of=_time(as_of) if as_of else made_at,
        file_sha256=hashlib.sha256(content).hexdigest(),
        propose=bool(reason),
        reason=reason,
    )


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Failed(f"--as-of {text!r} is no time: 2026-11-24T17:00:00+07:00", status=2) from None
    if found.tzinfo is None:
        raise Failed("--as-of needs a zone: 2026-11-24T17:00:00+07:00", status=2)
    return found
