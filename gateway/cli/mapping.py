"""``mapping``: the tables between our names and a partner's: to be signed, to be checked, to be tried."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias, cast

import typer
from rich.text import Text

from gateway.app.adapters import loaded
from gateway.app.secrets import UnknownSecrets
from gateway.cli import mapping_trials, screen
from gateway.cli.failures import Failed, no_system
from gateway.cli.places import CONFIG, ConfigOption, JsonOption
from gateway.cli.screen import Lines
from gateway.config.loader import load
from gateway.config.nearest import suggestion
from gateway.config.settings import Configuration, SystemConfig
from gateway.sdk.mapping_check import Finding, Lack, UsesMappings
from gateway.sdk.mapping_check import check as findings
from gateway.sdk.mapping_compiler import table_of
from gateway.sdk.mapping_sheet import COLUMNS, to_grid
from gateway.wire.sheet_out import write_rows

mapping = typer.Typer(
    name="mapping",
    no_args_is_help=True,
    help="Mapping tables: a sheet that both sides sign, what none of them fills, and what a change would mean.",
)
mapping.command("try")(mapping_trials.try_mapping)
mapping.command("impact")(mapping_trials.impact)

_SIGNS = {
    Lack.UNMAPPED: ("✗ ", "red", "bắt buộc nhưng chưa ánh xạ"),
    Lack.UNKNOWN: ("✗ ", "red", "trường không có"),
    Lack.MAY_MISS: ("? ", "yellow", "bên nhận bắt buộc mà bên gửi có thể thiếu"),
}

NameArgument: TypeAlias = Annotated[str, typer.Argument(help="The table: land/dossier.", metavar="NAME")]


@mapping.command()
def export(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(help="The sheet to write.", metavar="FILE.xlsx")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a file that is there.")] = False,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Write a mapping table as a sheet: their field, our field, format, code table, required, one row to a line.

    Both sides agree on it, change it and sign it. What comes back takes the table's place: put it into config/mappings
    as NAME.xlsx and remove NAME.toml. Lines without a target are for people: notes, names, signatures.

    For example: ./run_gateway.py mapping export driver_licence/dossier anh-xa-ho-so.xlsx
    """
    configuration = load(config)
    if file.suffix != ".xlsx":
        raise Failed(f"{file}: a sheet is written as .xlsx", status=2)
    if file.exists() and not replace:
        raise Failed(f"{file}: the file is there already; --replace it, or name another", status=2)
    raw = cast("dict[str, object]", table_of(found(configuration, name), name))
    grid, heading = to_grid(raw, f"Bảng ánh xạ {name}")
    widths = [width for _, width in COLUMNS.values()]
    file.write_bytes(write_rows(grid, name=name, heading=heading, widths=widths))
    lines = len(grid) - heading - 1
    if as_json:
        screen.print_json({"file": str(file), "mapping": name, "lines": lines})
    else:
        typer.echo(f"{file}: {lines} dòng của {name}")


@mapping.command()
def check(
    systems: Annotated[list[str] | None, typer.Argument(help="Only these systems.", metavar="SYSTEM")] = None,
    *,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """List what a partner insists on and no row fills, by both sides' names; nothing is started, nothing is sent.

    What a partner insists on is in its WSDL, or in the JSON Schema or OpenAPI document that an operation's `schema`
    names; else the rows that say `required`. Also listed: rows that take a field from where our model has none, and
    required ones that are taken from what a dossier may be without: such a dossier would be refused. Exit status 1
    where something is unmapped or unknown.

    For example:

    ./run_gateway.py mapping check

    ./run_gateway.py mapping check business_registry
    """
    configuration = load(config)
    if unknown := [name for name in systems or () if name not in configuration.systems]:
        raise no_system(unknown[0], configuration.systems)
    wanted = [one for name, one in configuration.systems.items() if not systems or name in systems]
    checked = asyncio.run(_checked(configuration, wanted))
    data = [{"system": system, **_as_data(one)} for system, one in checked]
    screen.tell({"findings": data}, _lines(checked), as_json=as_json)
    if any(one.lack is not Lack.MAY_MISS for _, one in checked):
        raise typer.Exit(1)


async def _checked(configuration: Configuration, systems: Iterable[SystemConfig]) -> list[tuple[str, Finding]]:
    """Build each adapter and load its documents, as serving does; raises ConfigError."""
    found: list[tuple[str, Finding]] = []
    for system in systems:
        async with loaded(configuration, system, UnknownSecrets()) as adapter:
            uses = adapter.uses() if isinstance(adapter, UsesMappings) else ()
            found += [(system.id, one) for use in uses for one in findings(use)]
    return found


def _lines(checked: Sequence[tuple[str, Finding]]) -> Lines:
    place = ""
    for system, one in checked:
        if place != (place := f"{system}, {one.where}: {one.mapping}"):
            yield Text(place, style="bold")
        ours = " | ".join(one.ours)
        yield Text.assemble("  ", (_SIGNS[one.lack][0], _SIGNS[one.lack][1]), _line(one, ours))
    counts = Counter(one.lack for _, one in checked)
    said = "; ".join(f"{counts[lack]} {_SIGNS[lack][2]}" for lack in Lack)
    yield Text(said, style="dim")


def _line(one: Finding, ours: str) -> str:
    match one.lack:
        case Lack.UNMAPPED:
            theirs = one.theirs or "(sự kiện phía cổng tích hợp)"
            return f"{theirs} ← {ours or '?'}"
        case Lack.UNKNOWN:
            return f"{one.theirs} ← {ours}: không có trường này; hiện có {', '.join(one.known)}"
        case Lack.MAY_MISS:
            return f"{one.theirs} ← {ours}"


def _as_data(one: Finding) -> dict[str, object]:
    return {"lack": one.lack, "where": one.where, "mapping": one.mapping, "theirs": one.theirs, "ours": one.ours}


def found(configuration: Configuration, name: str) -> object:
    """Return a mapping table as it is written. Raises Failed."""
    if name not in configuration.mappings:
        raise Failed(f"there is no mapping {name!r}; {suggestion(name, list(configuration.mappings))}")
    return configuration.mappings[name]
