"""``ask`` and ``queries``: put a question to a national register, and see who has asked."""

from __future__ import annotations

from itertools import chain
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from gateway.cli import screen
from gateway.cli.at_desk import at_desk, knowing, of_system
from gateway.cli.failures import Failed
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.cli.screen import Lines
from gateway.ingress.query_bodies import AnswerBody, OfficerBody, QueriesBody, QueryBody, QueryRecordBody

_LIMIT = 100
_COLOURS = {"answered": "green", "none": "cyan", "refused": "yellow", "failed": "red", "timed_out": "red"}


def ask(  # noqa: PLR0913 - each is an option of the command line
    system: Annotated[str, typer.Argument(help="The system to ask.", metavar="SYSTEM")],
    operation: Annotated[str, typer.Argument(help="What to ask: options.queries of its file.", metavar="OPERATION")],
    request: Annotated[list[str], typer.Argument(help="What about, by the names in its file.", metavar="KEY=VALUE")],
    *,
    purpose: Annotated[
        str, typer.Option("--purpose", help="Why, in your own words: kept with your name.", metavar="TEXT")
    ],
    officer: Annotated[str, typer.Option(help="Who asks; needless with a key of your own.", metavar="NAME")] = "",
    officer_code: Annotated[str, typer.Option(help="Their code at their agency.", metavar="CODE")] = "",
    unit: Annotated[str, typer.Option(help="Their unit.", metavar="NAME")] = "",
    position: Annotated[str, typer.Option(help="Their position.", metavar="NAME")] = "",
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Ask a register, once, and print its answer. Who asks and why is kept before the question is sent.

    Needs a gateway that serves. What is asked about and what is answered is kept nowhere. With your own key
    (GATEWAY_OPERATOR_KEY) you ask in your own name. Exit status 1 where there is no answer.

    For example:

    ./run_gateway.py ask enterprise_registry enterprise tax_code=9900000001 --officer "Nguyễn Thị Mẫu"
    --unit "Phòng Đăng ký" --purpose "Thẩm tra hồ sơ H52.12-260301-0001"
    """
    asked = QueryBody(
        request=_pairs(request),
        officer=OfficerBody(name=officer, officer_code=officer_code, unit=unit, position=position),
        purpose=purpose,
    )
    found = at_desk(config, data, lambda seat: knowing(seat, [system], seat.ask(system, operation, asked)))
    screen.tell(found, _answer(found), as_json=as_json)


queries = typer.Typer(
    name="queries",
    help="Who has asked a register: which officer, when and why, and how it ended; never about whom.",
    no_args_is_help=True,
)


@queries.callback()
def _group() -> None:
    """Keep `list` a command of its own."""


@queries.command("list")
def list_queries(
    *,
    system: Annotated[str, typer.Option("--system", help="Only those to this system.", metavar="ID")] = "",
    since: Annotated[str, typer.Option(help="Asked at this time or later (RFC 3339).", metavar="TIME")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=screen.MOST_LISTED)] = _LIMIT,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """List the queries, the newest first: who asked which system, for whom, why, and how it ended.

    For example:

    ./run_gateway.py queries list --system enterprise_registry --since 2026-11-01T00:00:00+07:00
    """
    found = at_desk(config, data, lambda seat: of_system(seat, system, seat.queries(system, since, limit)))
    lines = screen.or_none((line for item in found for line in _record(item)), "chưa có lượt tra cứu nào")
    screen.tell(QueriesBody(items=found), chain(lines, screen.perhaps_more(len(found), limit)), as_json=as_json)


def _pairs(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise Failed(f"{pair!r} is not KEY=VALUE", status=2)
        found[name.strip()] = value
    return found


def _answer(found: AnswerBody) -> Lines:
    test = " (dữ liệu thử)" if found.source.test else ""
    yield Text.assemble((found.source.name, "bold"), f"{test}, {screen.moment(found.answered_at)}")
    yield Text(msgspec.json.format(bytes(found.answer), indent=2).decode())
    yield Text(f"tra cứu {found.query_id}", style="dim")


def _record(item: QueryRecordBody) -> Lines:
    """Return a query: when, which system, how it ended; then who and why."""
    line = Text.assemble(screen.moment(item.asked_at), "  ", (f"{item.system}/{item.operation}", "cyan"), "  ")
    line.append(item.text, style=_COLOURS.get(item.state, ""))
    why = [screen.words("reason", item.reason)] if item.reason else []
    took = [] if item.duration_ms is None else [f"{item.duration_ms:.0f} ms"]
    yield line.append(f" ({', '.join(why + took)})" if why or took else "")
    officer = item.officer
    who = ", ".join(part for part in (officer.name, officer.position, officer.unit, officer.officer_code) if part)
    yield Text(f"    {who}: «{item.purpose}»  [{item.caller}] {item.id}", style="dim")
