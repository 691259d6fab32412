"""``mapping try`` and ``mapping impact``: what another version would send, before it does."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias, cast

import msgspec
import typer

from gateway.cli import screen, trial_screen
from gateway.cli.at_desk import at_desk
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed
from gateway.cli.lists import content_of
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.config.nearest import suggestion
from gateway.core.codes import PROVINCE
from gateway.core.whatif import MOST, Verdict
from gateway.ingress.trial_bodies import VERSION, EditionBody, TrialBody, TrialsBody, TriedBody
from gateway.ops.whatif import MOST_SEEN
from gateway.ports.whatif import FILES
from gateway.sdk.mapping_compiler import table_of
from gateway.wire.csv_out import cell

_CURRENT = "current"
_PAGE = MOST  #: messages that are asked for at once: for each page all that the system has is gone through

RevealOption: TypeAlias = Annotated[bool, typer.Option("--reveal", help="Show values, not their shapes.")]
AsOption: TypeAlias = Annotated[
    str, typer.Option("--as", help="The table that a FILE stands for, where its place does not say.", metavar="NAME")
]


def try_mapping(  # noqa: PLR0913 - each is an option of the command line
    system: Annotated[str, typer.Argument(help="The system that is sent to.", metavar="SYSTEM")],
    *,
    table: Annotated[
        Path | None,
        typer.Option("--with", help="A table, TOML or XLSX; without it all that its directory holds.", metavar="FILE"),
    ] = None,
    name: AsOption = "",
    last: Annotated[int, typer.Option("--last", help="So many messages, the newest.", min=1, max=MOST)] = 20,
    reveal: RevealOption = False,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Show what a changed table would send for the last messages to a system, beside what holds now. Nothing is sent.

    Every message is written twice, and what differs is shown place by place: the shape of each value (Xxx, 999), unless
    you --reveal them; that you looked is kept. Files stand as their digests; what only proves who we are is left out.
    Exit status 1 where the new table cannot write a message that can be written now.

    For example:

    ./run_gateway.py mapping try land --with config/mappings/land/dossier.toml --last 50

    ./run_gateway.py mapping try driver_licence --with da-ky.xlsx --as driver_licence/dossier
    """
    new = _of_table(table, name, config) if table else EditionBody(version=FILES)
    asked = TrialBody(new=new, last=last, reveals=reveal)
    found = at_desk(config, data, lambda seat: seat.try_mapping(system, asked))
    _tell(found, as_json=as_json)


def impact(  # noqa: PLR0913 - each is an option of the command line
    old: Annotated[str, typer.Argument(help="A version, `current`, `files`, or a table.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="The same.", metavar="NEW")],
    *,
    system: Annotated[str, typer.Option("--system", help="The system that has them.", metavar="SYSTEM")],
    name: AsOption = "",
    report: Annotated[
        Path | None, typer.Option("--report", help="List those that would differ here, as CSV.", metavar="FILE.csv")
    ] = None,
    reveal: RevealOption = False,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """List the dossiers that a system has and would have been told otherwise, had NEW held in place of OLD.

    Of each dossier the newest whole statement that the system has taken is written by both. `current` is the version
    in force, `files` what the gateway's directory holds; earlier ones are named by `config history`. The list can be
    handed to `replay start --amend`: what was taken is final, and is amended by a new delivery. Exit status 1 where NEW
    cannot write a dossier that OLD could.

    For example:

    ./run_gateway.py mapping impact 3f2a90c1d4e5 current --system driver_licence --report sai-bang-ma.csv

    ./run_gateway.py replay start --amend --system driver_licence --list sai-bang-ma.csv --reason "Công văn 31/SGTVT"
    """
    asked = TrialBody(
        old=_edition(old, name, config), new=_edition(new, name, config), delivered=True, reveals=reveal, last=_PAGE
    )
    found = at_desk(config, data, lambda seat: _all(seat, system, asked))
    if report is not None:
        _write(report, [item for item in found.items if item.verdict in (Verdict.DIFFERS, Verdict.MENDS)])
    _tell(found, as_json=as_json)


async def _all(seat: Desk, system: str, asked: TrialBody) -> TrialsBody:
    """Ask page by page; what is delivered meanwhile moves others to a page on which they come again."""
    items: dict[str, TriedBody] = {}
    whole, skip = True, 0
    while skip <= MOST_SEEN:
        page = await seat.try_mapping(system, msgspec.structs.replace(asked, skip=skip))
        items |= {item.delivery_id: item for item in page.items}
        whole &= page.whole
        skip += _PAGE
        if not page.more:
            break
    return TrialsBody(items=tuple(items.values()), more=False, whole=whole)


def _edition(given: str, name: str, config: Path) -> EditionBody:
    if Path(given).suffix in (".toml", ".xlsx"):
        return _of_table(Path(given), name, config)
    version = "" if given == _CURRENT else given
    if not re.fullmatch(VERSION, version):
        raise Failed(f"{given!r} is no version ({_CURRENT}, {FILES}, one of config history) and no table", status=2)
    return EditionBody(version=version)


def _of_table(file: Path, name: str, config: Path) -> EditionBody:
    """Return what is in force with a table in place of its own. Raises Failed, ConfigError."""
    content = content_of(file)
    wanted = name or _name_of(file, config)
    if file.suffix == ".xlsx":
        return EditionBody(mappings={wanted: cast("dict[str, object]", table_of(content, wanted))})
    try:
        return EditionBody(mappings={wanted: tomllib.loads(content.decode("utf-8-sig"))})
    except ValueError as error:
        raise Failed(f"{file} is not TOML: {error}", status=2) from None


def _name_of(file: Path, config: Path) -> str:
    """Return the table that a file is by its place, or else the only one that is called like it."""
    folder = (config / "mappings").resolve()
    if file.resolve().is_relative_to(folder):
        return file.resolve().relative_to(folder).with_suffix("").as_posix()
    known = [found.relative_to(folder).with_suffix("").as_posix() for found in folder.rglob("*.*")]
    alike = [one for one in known if one.rpartition("/")[2] == file.stem]
    if len(alike) == 1:
        return alike[0]
    raise Failed(f"{file}: which table is it? Say it with --as: {suggestion(file.stem, known)}", status=2)


def _write(report: Path, items: Sequence[TriedBody]) -> None:
    """Write the list as spreadsheets and ``replay --list`` read it."""
    schemes = sorted({scheme for item in items for scheme in item.codes} - {PROVINCE})
    try:
        with report.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["Mã hồ sơ", *(f"Mã {scheme}" for scheme in schemes), "Kết quả", "Trường khác nhau"])
            rows.writerows(map(cell, row) for row in _rows(items, schemes))
    except OSError as error:
        raise Failed(f"{report}: {error.strerror}") from None


def _rows(items: Sequence[TriedBody], schemes: Sequence[str]) -> Iterator[list[str]]:
    for item in items:
        ours = item.codes.get(PROVINCE) or next(iter(item.codes.values()), item.dossier_id)
        places = "; ".join(one.path for one in item.differences)
        yield [ours, *(item.codes.get(scheme, "") for scheme in schemes), item.text, places]


def _tell(found: TrialsBody, *, as_json: bool) -> None:
    screen.tell(found, trial_screen.trials(found), as_json=as_json)
    if any(item.verdict == Verdict.BREAKS for item in found.items):
        raise typer.Exit(1)
