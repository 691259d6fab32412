"""``shadow``: what the gateway would send against what the way before has sent, and who still sends twice."""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from gateway.cli import screen, shadow_screen
from gateway.cli.at_desk import at_desk
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed
from gateway.cli.lists import a_past_time, content_of
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.cli.shadow_screen import ShadowReport
from gateway.core.calendar import FIRST_YEAR, LAST_YEAR
from gateway.core.shadowing import MOST, Likeness
from gateway.ingress.shadow_bodies import LONGEST_CODE, MOST_MATCHED, CompareBody, LoggedBody, RehearsedBody
from gateway.wire.sheets import MOST_BYTES

shadow = typer.Typer(
    name="shadow",
    no_args_is_help=True,
    help="Around a cut-over: what the gateway would send beside what the way before has really sent, "
    "and who sends twice.",
)

#: Bytes of lines that are compared at once, beside at most ``MOST`` of them: far less than one request may have.
_PART = 768 * 1024


class _Logged(msgspec.Struct, frozen=True):
    """One line of a log; what else stands there is not looked at."""

    time: datetime
    code: str
    body: msgspec.Raw


class _Log(msgspec.Struct, frozen=True, kw_only=True):
    """A log as it was handed over."""

    name: str
    sha256: str
    lines: tuple[LoggedBody, ...]


@shadow.command("compare")
def compare(
    system: Annotated[str, typer.Argument(help="The system that both send to.", metavar="SYSTEM")],
    *,
    log: Annotated[Path, typer.Option("--log", help="JSON lines: time, code, body.", metavar="FILE")],
    report: Annotated[
        Path | None, typer.Option("--report", help="Keep the whole comparison here, as JSON.", metavar="FILE")
    ] = None,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Compare what was rehearsed with a recorded log, field by field; exit status 1 where anything differs.

    Each line is `{"time": "2026-11-24T17:00:00+07:00", "code": "H01-1", "body": {…}}`. The order of names, 1 and "1",
    and two ways to write one moment make no difference. Places are shown, never values. What the gateway had delivered
    before that line was sent is named, too: both send it. So is what was rehearsed between the first line and the last
    and no line is like: only the gateway would send it.

    For example: ./run_gateway.py shadow compare civil_status --log dong-bo.jsonl --report so-sanh.json
    """
    logged = _read(log)
    done = at_desk(config, data, lambda seat: _compare(seat, system, logged))
    if report is not None:
        _keep(report, done)
    screen.tell(done, shadow_screen.report(done), as_json=as_json)
    if done.items or done.only_ours:
        raise typer.Exit(1)


@shadow.command("twice")
def twice(
    system: Annotated[str, typer.Argument(help="The system that is sent to.", metavar="SYSTEM")],
    *,
    since: Annotated[str, typer.Option("--since", help="When the gateway took over (RFC 3339).", metavar="TIME")],
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Name what is still sent by another way, too, and count it by unit and procedure; exit status 1 where anything is.

    No log is needed: the system itself shows it. It has a dossier already when the gateway first tries, or has spoken
    of it before. `shadow compare` names what a log shows beside that.

    For example: ./run_gateway.py shadow twice civil_status --since 2026-11-24T17:00:00+07:00
    """
    began = a_past_time(since)
    found = at_desk(config, data, lambda seat: seat.doubles(system, began))
    screen.tell(found, shadow_screen.doubles(found), as_json=as_json)
    if found.items:
        raise typer.Exit(1)


def _read(log: Path) -> _Log:
    content = content_of(log)
    if len(content) > MOST_BYTES:
        raise Failed(f"{log}: the log has more than {MOST_BYTES} bytes; split it", status=2)
    lines = tuple(_lines(log, content))
    if not lines:
        raise Failed("the log has no lines", status=2)
    if len(lines) > MOST_MATCHED:
        raise Failed(f"{log}: the log has more than {MOST_MATCHED} lines; split it", status=2)
    return _Log(name=log.name, sha256=hashlib.sha256(content).hexdigest(), lines=lines)


def _lines(log: Path, content: bytes) -> Iterator[LoggedBody]:
    for number, line in enumerate(content.removeprefix(BOM_UTF8).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = msgspec.json.decode(line, type=_Logged)
            body: object = msgspec.json.decode(found.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Failed(f"{log}: line {number} is no JSON in UTF-8 with time, code and body", status=2) from None
        said = body if isinstance(body, str) else bytes(found.body).decode()
        read = LoggedBody(line=number, time=found.time, code=found.code.strip(), body=said)
        if wrong := _wrong(read):
            raise Failed(f"{log}: line {number}: {wrong}", status=2)
        yield read


def _wrong(line: LoggedBody) -> str:
    """Return why the gateway would not compare a line; empty where it would."""
    if line.time.tzinfo is None:
        return "the time has no zone"
    if not FIRST_YEAR <= line.time.year <= LAST_YEAR:
        return f"the time is of no year from {FIRST_YEAR} to {LAST_YEAR}"
    if not line.code:
        return "the code is empty"
    if len(line.code) > LONGEST_CODE:
        return f"the code is longer than {LONGEST_CODE} letters"
    return "U+0000 stands there, which no text holds" if "\0" in line.code + line.body else ""


def _parts(lines: Sequence[LoggedBody]) -> Iterator[Sequence[LoggedBody]]:
    """Yield the lines, so many at once as one request may have; those of one dossier together, where that holds them.

    Of two alike each is then compared with a rehearsal of its own: which is taken is known within one request only.
    """
    part: list[LoggedBody] = []
    left = _PART
    for group in _by_code(lines):
        sizes = [len(msgspec.json.encode(line)) for line in group]
        if part and (left < sum(sizes) or len(part) + len(group) > MOST):
            yield part
            part, left = [], _PART
        for line, size in zip(group, sizes, strict=True):
            if part and (left < size or len(part) == MOST):
                yield part
                part, left = [], _PART
            part.append(line)
            left -= size
    yield part


def _by_code(lines: Sequence[LoggedBody]) -> Collection[Sequence[LoggedBody]]:
    groups = defaultdict[str, list[LoggedBody]](list)
    for line in lines:
        groups[line.code].append(line)
    return groups.values()


async def _compare(seat: Desk, system: str, log: _Log) -> ShadowReport:
    """Compare part by part, then ask what no line was like."""
    parts = [await seat.compare(system, CompareBody(lines=tuple(part))) for part in _parts(log.lines)]
    times = [line.time for line in log.lines]
    matched = tuple(sorted({delivery for part in parts for delivery in part.matched}))
    rest = await seat.only_ours(system, RehearsedBody(since=min(times), until=max(times), matched=matched))
    counts = {str(likeness): sum(part.counts[likeness] for part in parts) for likeness in Likeness}
    return ShadowReport(
        made_at=datetime.now(UTC),
        system=system,
        log=log.name,
        log_sha256=log.sha256,
        lines=len(log.lines),
        since=min(times),
        until=max(times),
        counts=counts | {str(Likeness.ONLY_OURS): len(rest.items)},
        items=tuple(sorted((item for part in parts for item in part.items), key=lambda item: item.line)),
        only_ours=rest.items,
        whole=rest.whole,
    )


def _keep(report: Path, done: ShadowReport) -> None:
    try:
        report.write_bytes(msgspec.json.format(msgspec.json.encode(done)) + b"\n")
    except OSError as error:
        raise Failed(f"{report}: {error.strerror}") from None
