"""How the command line says that something went wrong: what, where, and what to do; on standard error."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import typer
from rich.console import Console
from rich.text import Text

from gateway.config.nearest import suggestion
from gateway.core.errors import ConfigError, Problem

_TOLD_WITHIN = 3.0  #: seconds


class Failed(Exception):
    """A command could not do what was asked; the message says what to do. ``status`` is the exit status.

    ``code`` is the problem's, where a door of the gateway has refused it.
    """

    def __init__(self, text: str, *, status: int = 1, code: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.code = code


def no_gateway(data: Path) -> Failed:
    """Return the failure that a data folder holds no gateway."""
    return Failed(
        f"there is no gateway in {data}: name its folder with --data, or start it with ./run_gateway.py serve"
    )


def no_system(name: str, known: Iterable[str]) -> Failed:
    """Return the failure that no system has this name, with the nearest one."""
    return Failed(f"there is no system {name!r}; {suggestion(name, known)}")


@contextmanager
def in_time(status: int) -> Generator[None]:
    """Tell why the gateway does not start, or end with this status where nobody reads it: a full pipe takes nothing.

    A service manager, or a person, is to learn that it has ended. A reader of what other commands say may take a rest.
    """
    ending = Timer(_TOLD_WITHIN, os._exit, (status,))
    ending.daemon = True
    ending.start()
    try:
        yield
    finally:
        ending.cancel()


def tell_problems(
    error: ConfigError, *, as_json: bool, where: str = "in the configuration; nothing was started"
) -> None:
    """Print every problem of the configuration, or of a file that was to become part of it."""
    if as_json:
        typer.echo(json.dumps({"valid": False, "problems": as_data(error.problems)}, ensure_ascii=False))
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for problem in error.problems:
        _tell(console, problem, Text("✗ ", style="red"))
    count = len(error.problems)
    console.print(f"{count} problem{'s' if count > 1 else ''} {where}")


def tell_warnings(warnings: Sequence[Problem]) -> None:
    """Print what is right for now and will not stay so."""
    for warning in warnings:
        _tell(Console(stderr=True, highlight=False, soft_wrap=True), warning, Text("! ", style="yellow"))


def as_data(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Return problems or warnings for ``--json``."""
    return [
        {"file": problem.file, "key": problem.key, "text": problem.text, "remedy": problem.remedy}
        for problem in problems
    ]


def _tell(console: Console, problem: Problem, text: Text) -> None:
    text.append(problem.file, style="bold")
    text.append(f": {problem.key}" if problem.key else "").append(f": {problem.text}", style="default")
    console.print(text)
    if problem.remedy:
        console.print(Text(f"    → {problem.remedy}", style="dim"))


def tell(failed: Failed) -> None:
    """Print one failure."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(f"✗ {failed}", style="red"))
