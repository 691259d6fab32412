"""``mapping``: the tables between our names and a partner's: to be signed, to be checked, to be tried."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias, cast

import typer

from gateway.cli.failures import Failed
from gateway.cli.places import CONFIG, ConfigOption
from gateway.config.loader import examine
from gateway.config.nearest import suggestion
from gateway.config.settings import Configuration
from gateway.core.errors import ConfigError

mapping = typer.Typer(
    name="mapping",
    no_args_is_help=True,
    help="Mapping tables: write one as a sheet that both sides sign, and see what none of them fills.",
)

NameArgument: TypeAlias = Annotated[str, typer.Argument(help="The table: land/dossier.", metavar="NAME")]


@mapping.command()
def export(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(help="The sheet to write.", metavar="FILE.xlsx")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a file that is there.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    """Write a mapping table as a sheet: their field, our field, format, code table, required, one row to a line.

    Both sides agree on it, change it and sign it. What comes back takes the table's place: put it into config/mappings
    as NAME.xlsx and remove NAME.toml. Lines without a target are for people: notes, names, signatures.

    For example: ./run_gateway.py mapping export driver_licence/dossier anh-xa-ho-so.xlsx
    """
    from gateway.sdk.mapping_compiler import table_of  # noqa: PLC0415 - lxml is slow to load
    from gateway.sdk.mapping_sheet import COLUMNS, to_grid  # noqa: PLC0415
    from gateway.wire.sheet_out import write_rows  # noqa: PLC0415

    configuration = read(config)
    if file.suffix != ".xlsx":
        raise Failed(f"{file}: a sheet is written as .xlsx", status=2)
    if file.exists() and not replace:
        raise Failed(f"{file}: the file is there already; --replace it, or name another", status=2)
    raw = cast("dict[str, object]", table_of(found(configuration, name), name))
    grid, heading = to_grid(raw, f"Bảng ánh xạ {name}")
    widths = [width for _, width in COLUMNS.values()]
    file.write_bytes(write_rows(grid, name=name, heading=heading, widths=widths))
    typer.echo(f"{file}: {len(grid) - heading - 1} lines of {name}")


def read(config: Path) -> Configuration:
    """Return the configuration; raises ConfigError where something else than a mapping is wrong with it."""
    configuration, problems = examine(config)
    if problems:
        raise ConfigError(*problems)
    return configuration


def found(configuration: Configuration, name: str) -> object:
    """Return a mapping table as it is written. Raises Failed."""
    if name not in configuration.mappings:
        raise Failed(f"there is no mapping {name!r}: {suggestion(name, list(configuration.mappings))}", status=2)
    return configuration.mappings[name]
