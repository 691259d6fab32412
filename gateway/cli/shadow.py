"""``shadow``: what the gateway would send against what the way before has sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from gateway.cli import screen
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed
from gateway.cli.find import at_desk
from gateway.cli.lists import content_of
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.core.shadowing import MOST
from gateway.ingress.shadow_bodies import CompareBody, ComparisonBody, LoggedBody
from gateway.model.texts import text
from gateway.wire.sheets import MOST_BYTES

shadow = typer.Typer(
    name="shadow",
    no_args_is_help=True,
    help="Before a cut-over: compare what the gateway would send with what the way before has really sent.",
)


class _Logged(msgspec.Struct, frozen=True):
    """One line of a log; what else stands there is not looked at."""

    time: datetime
    code: str
    body: msgspec.Raw


@shadow.callback()
def group() -> None:
    """Keep the name of the group's only command."""


@shadow.command("compare")
def compare(
    system: Annotated[str, typer.Argument(help="The system that both send to.", metavar="SYSTEM")],
    *,
    log: Annotated[Path, typer.Option("--log", help="JSON lines: time, code, body.", metavar="FILE")],
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Compare what was rehearsed with a recorded log, field by field; exit status 1 where anything differs.

    Each line is `{"time": "2026-11-24T17:00:00+07:00", "code": "H01-1", "body": {…}}`. The order of names, 1 and "1",
    and two ways to write one moment make no difference. Places are shown, never values. What the gateway had delivered
    before that line was sent is named, too: both send it.

    For example: ./run_gateway.py shadow compare civil_status --log dong-bo.jsonl
    """
    lines = tuple(_lines(log))
    done = asyncio.run(at_desk(config, data, lambda seat: _compare(seat, system, lines)))
    if as_json:
        screen.print_json(done)
    else:
        _print(done)
    if done.items:
        raise typer.Exit(1)


def _lines(log: Path) -> Iterator[LoggedBody]:
    content = content_of(log)
    if len(content) > MOST_BYTES:
        raise Failed(f"{log}: the log has more than {MOST_BYTES} bytes; split it", status=2)
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = msgspec.json.decode(line, type=_Logged)
            body: object = msgspec.json.decode(found.body)
        except msgspec.DecodeError:
            raise Failed(f"{log}: line {number} is no JSON with time, code and body", status=2) from None
        if found.time.tzinfo is None:
            raise Failed(f"{log}: line {number}: the time has no zone", status=2)
        said = body if isinstance(body, str) else bytes(found.body).decode()
        yield LoggedBody(line=number, time=found.time, code=found.code, body=said)


async def _compare(seat: Desk, system: str, lines: Sequence[LoggedBody]) -> ComparisonBody:
    """Compare part by part."""
    if not lines:
        raise Failed("the log has no lines", status=2)
    counts: Counter[str] = Counter()
    parts = [
        await seat.compare(system, CompareBody(lines=tuple(lines[start : start + MOST])))
        for start in range(0, len(lines), MOST)
    ]
    for part in parts:
        counts.update(part.counts)
    return ComparisonBody(counts=dict(counts), items=tuple(item for part in parts for item in part.items))


def _print(done: ComparisonBody) -> None:
    console = screen.console()
    for item in done.items:
        console.print(Text.assemble((f"{item.line:>6}  ", "dim"), (item.code, "bold"), f"  {item.text}"))
        for path in item.paths:
            console.print(Text(f"        {path}", style="yellow"))
    for likeness, number in done.counts.items():
        if number:
            console.print(f"{number:>7}  {text(f'likeness.{likeness}', 'vi')}")
