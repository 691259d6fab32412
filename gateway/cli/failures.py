"""How the command line says that something went wrong: what, where, and what to do; on standard error."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from gateway.core.errors import ConfigError


class Failed(Exception):
    """A command could not do what was asked; the message says what to do. ``status`` is the exit status."""

    def __init__(self, text: str, *, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


def no_gateway(data: Path) -> Failed:
    """Return the failure that a data folder holds no gateway."""
    return Failed(
        f"there is no gateway in {data}: name its folder with --data, or start it with ./run_gateway.py serve"
    )


def tell_problems(error: ConfigError, *, as_json: bool) -> None:
    """Print every problem of the configuration."""
    if as_json:
        problems = [
            {"file": problem.file, "key": problem.key, "text": problem.text, "remedy": problem.remedy}
            for problem in error.problems
        ]
        typer.echo(json.dumps({"valid": False, "problems": problems}, ensure_ascii=False))
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for problem in error.problems:
        text = Text("✗ ", style="red").append(problem.file, style="bold")
        text.append(f": {problem.key}" if problem.key else "").append(f": {problem.text}", style="default")
        console.print(text)
        if problem.remedy:
            console.print(Text(f"    → {problem.remedy}", style="dim"))
    count = len(error.problems)
    console.print(f"{count} problem{'s' if count > 1 else ''} in the configuration; nothing was started")


def tell(failed: Failed) -> None:
    """Print one failure."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(f"✗ {failed}", style="red"))
