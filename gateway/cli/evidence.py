"""``evidence``: take the chains out as a file, and verify such a file from its bytes alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, cast

import msgspec
import typer
from rich.text import Text

from gateway.cli import screen
from gateway.cli.at_desk import at_desk
from gateway.cli.desk import Desk
from gateway.cli.drafts import draft_of
from gateway.cli.failures import Failed
from gateway.cli.lists import a_time
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.cli.screen import Lines
from gateway.evidence.verify import Bad, Report, verify
from gateway.model.texts import text

evidence = typer.Typer(
    name="evidence",
    help="What proves afterwards what happened: export the chains of records, and verify such a file offline.",
    no_args_is_help=True,
)


_RESTORED = "cơ sở dữ liệu được khôi phục về bản cũ, tệp này không có gì từ {since}; chỉ tệp xuất trước đó mới có"


@evidence.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write it.", metavar="FILE", dir_okay=False)],
    *,
    since: Annotated[
        str, typer.Option("--since", help="Leave out what was recorded before (RFC 3339 with zone).", metavar="TIME")
    ] = "",
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Write the chains of evidence into a file, and verify it. No personal data is in it: what is personal is sealed.

    Works beside a serving gateway and without one. Keep the file, or its last line, outside this machine: what was
    exported cannot be changed any more without being found.

    For example:

    ./run_gateway.py evidence export evidence.jsonl

    ./run_gateway.py evidence export november.jsonl --since 2026-11-01T00:00:00+07:00
    """
    begin = a_time(since) if since else None
    place = _place_of(file)
    try:
        at_desk(config, data, lambda seat: _write(seat, place, begin))
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from None
    _tell(file, _verified(file), as_json=as_json)


@evidence.command("verify")
def verify_file(
    file: Annotated[Path, typer.Argument(help="What `evidence export` wrote.", metavar="FILE", dir_okay=False)],
    *,
    as_json: JsonOption = False,
) -> None:
    """Verify a file of evidence: offline, without database, configuration or keys.

    Exit status 0: sound. 1: not what was exported, with the first bad record by line, chain and number. A chain that
    was written anew to its very end is found by comparing the links printed here with those of an earlier export.

    For example:

    ./run_gateway.py evidence verify evidence.jsonl

    ./run_gateway.py evidence verify evidence.jsonl --json | jq .bad
    """
    _tell(file, _verified(file), as_json=as_json)


def _place_of(file: Path) -> Path:
    """Return where the file is to lie: what a link names, and nothing that only looks like a file. Raises Failed."""
    place = file.resolve()
    if place.exists() and not place.is_file():
        raise Failed(f"{file} is no file that can be kept and verified: name one in a folder", status=2)
    return place


async def _write(seat: Desk, place: Path, since: datetime | None) -> None:
    """Put a whole file into its place."""
    with draft_of(place) as target:
        async for piece in seat.evidence(since):
            target.write(piece)


def _verified(file: Path) -> Report:
    try:
        with file.open("rb") as source:
            return verify(source)
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from None


def _tell(file: Path, report: Report, *, as_json: bool) -> None:
    """Print what was found; raises Failed where the file is not sound."""
    bad = report.bad
    words = text(f"evidence.{bad.flaw}", "vi") if bad else ""
    if as_json or bad is None:
        found = cast("dict[str, object]", msgspec.to_builtins(report))
        wrong = {**cast("dict[str, object]", found["bad"]), "text": words} if bad else None
        facts = {"file": str(file), "sound": bad is None, **found, "bad": wrong}
        screen.tell(facts, _sound(file, report), as_json=as_json)
    if bad is not None:
        raise Failed(f"{file} không nguyên vẹn: {_place(bad)}: {words} ({bad.flaw})")


def _sound(file: Path, report: Report) -> Lines:
    yield Text(f"✓ {file} nguyên vẹn: {report.records} bản ghi, {len(report.chains)} chuỗi", style="green")
    for kind, number in sorted(report.by_type.items()):
        yield Text(f"    {number:>8}  {kind}")
    if report.left_out:
        yield Text(f"    {report.left_out:>8}  chỉ có mã băm")
    for one in report.restored:
        yield Text(f"  ! {one.at}: {_RESTORED.format(since=one.since or '?')}", style="yellow")
    for chain in report.chains:
        yield Text(f"  {chain.node}  {chain.first}…{chain.last}  {chain.link}", style="dim")


def _place(bad: Bad) -> str:
    if bad.number is None:
        return f"dòng {bad.line}"
    return f"dòng {bad.line}, bản ghi {bad.number} của chuỗi {bad.node}"
