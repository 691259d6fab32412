"""``dossiers``: take over what was sent before the gateway."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from gateway.app.machine import Machine
from gateway.cli import screen
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed, tell_problems
from gateway.cli.find import at_desk
from gateway.cli.judge import ReasonOption
from gateway.cli.lists import content_of
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.config.adoption_rows import Grounds, read
from gateway.config.loader import load
from gateway.config.settings import Configuration
from gateway.core.adoption import MOST, Adoption
from gateway.core.errors import ConfigError
from gateway.core.routing import Role
from gateway.ingress.adopting import adoption_body
from gateway.ingress.adoption_bodies import AdoptBody, AdoptedBody, AdoptionBody
from gateway.model.texts import text
from gateway.wire.sheets import BadSheet, read_rows

dossiers = typer.Typer(
    name="dossiers",
    no_args_is_help=True,
    help="Move over from a portal's own synchronisation: make known what was sent before the gateway.",
)


@dossiers.callback()
def group() -> None:
    """Keep the name of the group's only command."""


@dossiers.command("adopt")
def adopt(  # noqa: PLR0913 - each is an option of the command line
    file: Annotated[Path, typer.Argument(help="CSV or XLSX; the first row names the columns.", metavar="FILE")],
    *,
    reason: ReasonOption,
    system: Annotated[
        str, typer.Option("--system", help="That of the rows without a «Hệ thống».", metavar="SYSTEM")
    ] = "",
    source: Annotated[str, typer.Option(help="Who submitted them; else the only portal.", metavar="SYSTEM")] = "",
    write: Annotated[bool, typer.Option("--write", help="Adopt them; else only show what would be.")] = False,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Make dossiers known that systems have from before the gateway. Nothing is sent, and nobody is told.

    A row is a dossier at a system: «Mã hồ sơ», «Mã TTHC», «Đồng bộ lúc»; further columns: «Mã hồ sơ QG», «Mã hồ sơ
    đơn vị», «Số biên nhận», «Đơn vị tiếp nhận», «Hệ thống», «Trạng thái», «Ngày hẹn trả». Every faulty row is named at
    once, and then nothing is adopted. The same file again changes nothing. Exit status 1 where a row contradicts what
    the gateway knows.

    For example:

    ./run_gateway.py dossiers adopt ho-so.xlsx --system civil_status --reason "Chuyển sang cổng trung chuyển"

    ./run_gateway.py dossiers adopt ho-so.xlsx --system civil_status --reason "Chuyển sang cổng trung chuyển" --write
    """
    configuration = load(config)
    content = content_of(file)
    try:
        items = _read(content, file, system, configuration)
    except ConfigError as error:
        tell_problems(error, as_json=as_json, where="in the list; nothing was adopted")
        raise typer.Exit(2) from None
    asked = AdoptBody(
        source=source or _only_portal(configuration),
        items=tuple(map(adoption_body, items)),
        file_sha256=hashlib.sha256(content).hexdigest(),
        trial=True,
        reason=reason,
    )
    done = asyncio.run(at_desk(config, data, lambda seat: _adopt(seat, asked, write=write), make=True))
    _tell(done, write=write, as_json=as_json)
    if done.faults:
        raise typer.Exit(1)


def _read(content: bytes, file: Path, system: str, configuration: Configuration) -> tuple[Adoption, ...]:
    grounds = Grounds(
        file=file.name,
        systems=frozenset(configuration.systems),
        system=system,
        now=Machine().clock.now(),
    )
    try:
        rows = read_rows(content)
    except BadSheet as error:
        raise Failed(f"{file}: {error}", status=2) from None
    found = read(rows, grounds)
    if not found:
        raise Failed(f"{file}: the list has no rows below its headings", status=2)
    return found


def _only_portal(configuration: Configuration) -> str:
    portals = [name for name, system in configuration.systems.items() if system.role is Role.PORTAL]
    if len(portals) != 1:
        raise Failed(f"name who submitted them with --source: {', '.join(sorted(portals)) or 'there is no portal'}")
    return portals[0]


async def _adopt(seat: Desk, asked: AdoptBody, *, write: bool) -> AdoptedBody:
    """Try the whole list; adopt it part by part once nothing stands against it."""
    parts = [msgspec.structs.replace(asked, items=part) for part in _parts(asked.items)]
    tried = _sum([await seat.adopt(part) for part in parts])
    if tried.faults or not write:
        return tried
    return _sum([await seat.adopt(msgspec.structs.replace(part, trial=False)) for part in parts])


def _parts(items: Sequence[AdoptionBody]) -> Iterator[tuple[AdoptionBody, ...]]:
    """Yield parts as large as the door takes, the rows of a dossier one after the other."""
    ordered = sorted(items, key=lambda item: (item.codes[0].code, item.row))
    for start in range(0, len(ordered), MOST):
        yield tuple(ordered[start : start + MOST])


def _sum(parts: Sequence[AdoptedBody]) -> AdoptedBody:
    return AdoptedBody(
        adopted=all(part.adopted for part in parts),
        counts={verdict: sum(part.counts[verdict] for part in parts) for verdict in parts[0].counts},
        faults=tuple(sorted((fault for part in parts for fault in part.faults), key=lambda fault: fault.row)),
    )


def _tell(done: AdoptedBody, *, write: bool, as_json: bool) -> None:
    if as_json:
        screen.print_json(done)
        return
    console = screen.console()
    for fault in done.faults:
        fields = f" ({', '.join(fault.fields)})" if fault.fields else ""
        console.print(Text(f"✗ dòng {fault.row}: {fault.text}{fields}", style="red"))
    for verdict, number in done.counts.items():
        if number:
            console.print(f"{number:>7}  {text(f'adoption.{verdict}', 'vi')}")
    if done.faults:
        console.print("Chưa ghi nhận hồ sơ nào: sửa các dòng trên rồi chạy lại.")
    elif not write:
        console.print("Chưa ghi gì: chạy lại với --write để ghi nhận.")
