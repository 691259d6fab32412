"""``dossiers``: take over what was sent before the gateway, and give back what it has not sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from gateway.app.machine import Machine
from gateway.cli import screen
from gateway.cli.at_desk import at_desk, knowing
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed, no_system, tell_problems
from gateway.cli.lists import a_past_time, content_of
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption
from gateway.cli.screen import Lines
from gateway.config.adoption_rows import Grounds, read
from gateway.config.loader import load
from gateway.config.settings import Configuration
from gateway.core.adoption import PART, Adoption
from gateway.core.errors import ConfigError
from gateway.core.routing import Role
from gateway.ingress.adoption_bodies import (
    AdoptBody,
    AdoptedBody,
    AdoptionBody,
    AdoptionStatusBody,
    HandbackBody,
    HandedBackBody,
)
from gateway.ingress.views import code_bodies
from gateway.wire.sheets import BadSheet, read_rows

dossiers = typer.Typer(
    name="dossiers",
    no_args_is_help=True,
    help="Move over from a portal's own synchronisation: take over what it has sent, give back what was never sent.",
)


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

    ./run_gateway.py dossiers adopt ho-so.xlsx --system civil_status --reason "Chuyển sang cổng tích hợp"

    ./run_gateway.py dossiers adopt ho-so.xlsx --system civil_status --reason "Chuyển sang cổng tích hợp" --write
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
        items=tuple(map(_asked, items)),
        file_sha256=hashlib.sha256(content).hexdigest(),
        trial=True,
        reason=reason,
    )
    done = at_desk(config, data, lambda seat: _adopt(seat, asked, write=write), make=True)
    screen.tell(done, _adopted(done, write=write), as_json=as_json)
    if done.faults:
        raise typer.Exit(1)


@dossiers.command("handback")
def hand_back(  # noqa: PLR0913 - each is an option of the command line
    system: Annotated[str, typer.Argument(help="The system that another way sends to again.", metavar="SYSTEM")],
    *,
    since: Annotated[str, typer.Option(help="When the gateway took over (RFC 3339).", metavar="TIME")],
    reason: ReasonOption,
    procedure: Annotated[str, typer.Option(help="Only procedures of this pattern.", metavar="PATTERN")] = "*",
    agency: Annotated[str, typer.Option(help="Only receiving units of this pattern.", metavar="PATTERN")] = "*",
    write: Annotated[bool, typer.Option("--write", help="Hand them back; else only show what would be.")] = False,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Give back what was accepted for a system since the cut-over and never sent: the way before sends it.

    First set its routes, or the system, to `shadow`. Each dossier is named with what to do; what may have left stays
    with the gateway until somebody has judged it. Exit status 1 where a route still sends: nothing is handed back.

    For example:

    ./run_gateway.py dossiers handback civil_status --since 2026-11-24T17:00:00+07:00 --reason "Quay lại đồng bộ cũ"

    ./run_gateway.py dossiers handback civil_status --since 2026-11-24T17:00:00+07:00 --reason "…" --write --json
    """
    asked = HandbackBody(since=a_past_time(since), procedure=procedure, agency=agency, trial=not write, reason=reason)
    done = at_desk(config, data, lambda seat: seat.hand_back(system, asked))
    screen.tell(done, _handed(done, write=write), as_json=as_json)
    if done.counts["live"]:
        raise typer.Exit(1)


def _read(content: bytes, file: Path, system: str, configuration: Configuration) -> tuple[Adoption, ...]:
    if system and system not in configuration.systems:
        raise no_system(system, configuration.systems)
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


def _asked(item: Adoption) -> AdoptionBody:
    """Return a row as it is sent to the door."""
    said = item.status
    status = None if said is None else AdoptionStatusBody(status=said.status, code=said.code, text=said.text)
    return AdoptionBody(
        row=item.row,
        codes=code_bodies(item.codes),
        system=item.system,
        synced_at=item.synced_at,
        status=status,
        procedure=item.procedure,
        agency=item.agency,
        due_at=item.due_at,
    )


def _only_portal(configuration: Configuration) -> str:
    portals = [name for name, system in configuration.systems.items() if system.role is Role.PORTAL]
    if len(portals) != 1:
        among = ", ".join(sorted(portals)) or "there is no portal"
        raise Failed(f"name who submitted them with --source: {among}", status=2)
    return portals[0]


async def _adopt(seat: Desk, asked: AdoptBody, *, write: bool) -> AdoptedBody:
    """Try the whole list; adopt it part by part once nothing stands against it."""
    parts = [msgspec.structs.replace(asked, items=part) for part in _parts(asked.items)]
    systems = dict.fromkeys((asked.source, *(item.system for item in asked.items)))
    tried = _sum([await knowing(seat, systems, seat.adopt(part)) for part in parts])
    if tried.faults or not write:
        return tried
    return _sum([await seat.adopt(msgspec.structs.replace(part, trial=False)) for part in parts])


def _parts(items: Sequence[AdoptionBody]) -> Iterator[tuple[AdoptionBody, ...]]:
    """Yield what is written at once, the rows of a dossier one after the other."""
    ordered = sorted(items, key=lambda item: (item.codes[0].code, item.row))
    for start in range(0, len(ordered), PART):
        yield tuple(ordered[start : start + PART])


def _sum(parts: Sequence[AdoptedBody]) -> AdoptedBody:
    return AdoptedBody(
        adopted=all(part.adopted for part in parts),
        counts={verdict: sum(part.counts[verdict] for part in parts) for verdict in parts[0].counts},
        faults=tuple(sorted((fault for part in parts for fault in part.faults), key=lambda fault: fault.row)),
    )


def _adopted(done: AdoptedBody, *, write: bool) -> Lines:
    for fault in done.faults:
        fields = f" ({', '.join(fault.fields)})" if fault.fields else ""
        yield Text(f"✗ dòng {fault.row}: {fault.text}{fields}", style="red")
    yield from screen.counted(done.counts, "adoption")
    if done.faults:
        yield Text("Chưa ghi nhận hồ sơ nào: sửa các dòng trên rồi chạy lại.")
    else:
        yield Text("Đã ghi nhận." if write else "Chưa ghi gì: chạy lại với --write để ghi nhận.")


def _handed(done: HandedBackBody, *, write: bool) -> Lines:
    for item in done.items:
        code = item.codes[0].code if item.codes else item.dossier_id
        before = "" if write or not item.done else "  [đã trả lại từ trước]"
        yield Text.assemble((code, "bold"), f"  {item.text}  ({', '.join(item.kinds)}){before}")
    yield from screen.counted(done.counts, "handing")
    yield Text(_what_now(done))


def _what_now(done: HandedBackBody) -> str:
    """Say what was done, and what is to be done next."""
    if not done.whole:
        return "Chưa trả lại hồ sơ nào: quá nhiều lượt gửi từ lúc đó, chọn --since muộn hơn."
    ready = sum(item.done for item in done.items)
    if done.counts["live"]:
        return f"Chỉ có {ready}/{len(done.items)} hồ sơ đã trả lại." if ready else "Chưa trả lại hồ sơ nào."
    if not done.items:
        return "Không có hồ sơ nào chưa gửi."
    if done.done or ready == len(done.items):
        return "Đã trả lại."
    so_far = f"Đã trả lại {ready}/{len(done.items)} hồ sơ từ trước" if ready else "Chưa ghi gì"
    return f"{so_far}: chạy lại với --write để trả lại."
