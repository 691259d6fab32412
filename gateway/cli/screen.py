"""What people read in the terminal: Vietnamese words for states and events, plain text when it is no terminal."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap
from typing import TypeAlias

import msgspec
import typer
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.measure import measure_renderables
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from gateway.cli.facts import DECISIONS, FACTS
from gateway.core.calendar import VIETNAM
from gateway.ingress.bodies import ActBody
from gateway.model.texts import text

Lines: TypeAlias = Iterable[Text]

MOST_LISTED = 1000  #: what a door gives at a time
_LANGUAGE = "vi"
#: All but the end of a line, and the marks of direction, by which a terminal turns round what is behind them.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CODE = "code."  #: what a fact begins with that is a code given by a person; its scheme follows
_WIDE = 400  #: columns, more than any table has
_USUAL = 100  #: columns, where no terminal says how many it has
_HIGH = 25  #: lines; where both are given, rich takes no terminal that it does not know (``TERM=dumb``) for one of 80


def console() -> Console:
    """Return standard output: colours in a terminal only; a line too long is wrapped by the terminal, never cut.

    What others said writes nowhere else on the terminal, and no line in our name.
    """
    screen = Console(highlight=False, soft_wrap=True, width=_WIDE, height=_HIGH)
    screen.push_render_hook(_Harmless())
    return screen


def columns(*, or_else: int = _USUAL) -> int:
    """Return how many columns the terminal has; a file or a pipe has none, unless COLUMNS says how many."""
    return shutil.get_terminal_size((or_else, _HIGH)).columns


def over_lines(line: str) -> list[str]:
    """Return a text over as many lines as it needs, each begun as the first; what people copy stays whole."""
    indent = " " * (len(line) - len(line.lstrip()))
    width = min(columns(), _USUAL) - 1
    return wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


class _Harmless(RenderHook):
    """Shows blanks for control characters, which rich passes on: they could clear the screen or paint over it."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Return the same, without them."""
        return [_Blanked(one) for one in renderables]


@dataclass(frozen=True, slots=True)
class _Blanked:
    """Something to be shown, without control characters."""

    inner: ConsoleRenderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield its pieces."""
        for piece in console.render(self.inner, options):
            yield piece if piece.control else Segment(_CONTROL.sub(" ", piece.text), piece.style)


def or_none(lines: Lines, nothing: str) -> Lines:
    """Return the lines; where there are none, say so: an empty screen could be anything."""
    shown = iter(lines)
    yield next(shown, Text(nothing, style="dim"))
    yield from shown


def perhaps_more(shown: int, limit: int) -> Lines:
    """Return that a list which is as long as was asked for may not be all there is."""
    if shown >= limit:
        yield Text(f"Mới liệt kê {shown}, có thể còn nữa: --limit N (nhiều nhất {MOST_LISTED}).", style="dim")


def print_json(value: object) -> None:
    """Print a reply as indented JSON."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def tell(value: object, lines: Iterable[RenderableType], *, as_json: bool) -> None:
    """Print a reply: as JSON for programs, in lines for people."""
    if as_json:
        print_json(value)
        return
    screen = console()
    for line in lines:
        screen.print(line)


def act(item: ActBody) -> Text:
    """Return what a person did, with who and why."""
    line = Text.assemble((f"{moment(item.at)} ", "dim"), (item.actor, "bold"), f" {item.text}: «{item.reason}»")
    return line.append(f" ({facts(item.facts)})" if item.facts else "", style="dim")


def facts(kept: Mapping[str, str]) -> str:
    """Return what is kept with something that was done or asked for."""
    return ", ".join(_fact(name, value) for name, value in kept.items())


def _fact(name: str, value: str) -> str:
    """Return one of them; one that only a later version knows under its own name."""
    match name:
        case "state" | "was":
            value = words("state", value)
        case "kind" | "reason":
            value = words(name, value)
        case "verb":
            value = words("act", value)
        case "decision":
            value = DECISIONS.get(value, value)
        case "since" | "until" | "as_of":
            value = moment(datetime.fromisoformat(value))
        case "stop_at":
            value = f"{float(value):.0%}"
        case _:
            pass
    if name.startswith(_CODE):
        return f"mã {name.removeprefix(_CODE)} {value}"
    return FACTS[name].format(value) if name in FACTS else f"{name} {value}"


def words(area: str, code: str) -> str:
    """Return the catalogue's words, the code itself where it has none."""
    return text(f"{area}.{code}", _LANGUAGE).removeprefix(f"{area}.")


def counted(counts: Mapping[str, int], area: str) -> Lines:
    """Return how many there are of each, in the catalogue's words; nothing of what there is none of."""
    return (Text(f"{number:>7}  {words(area, name)}") for name, number in counts.items() if number)


def moment(at: datetime | None, shape: str = "%d/%m/%Y %H:%M:%S") -> str:
    """Return a time in Việt Nam as people read it."""
    return at.astimezone(VIETNAM).strftime(shape) if at else "-"


def table_or(table: Table, lines: Iterable[RenderableType]) -> Iterable[RenderableType]:
    """Return a table; where a terminal is too narrow for it, the lines that say the same."""
    screen = console()
    wide = measure_renderables(screen, screen.options, (table,)).maximum
    return (table,) if wide <= columns(or_else=screen.width) else lines


def plain_table(*columns: str, right: frozenset[str] = frozenset()) -> Table:
    """Return a table without rows or lines."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", vertical="bottom", no_wrap=True)
    return table
