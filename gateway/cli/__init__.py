"""The command line, one file per group of commands. May import every package; nothing imports it."""

from __future__ import annotations

import gc
import inspect
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from io import TextIOWrapper

import typer

from gateway.cli.failures import Failed, in_time, tell, tell_problems
from gateway.core.errors import ConfigError

__all__ = ["command_line", "main"]

_HELP = """A store-and-forward gateway between a province's portal and the systems that process its dossiers.

Cổng tích hợp, chuyển hồ sơ giữa cổng dịch vụ công của tỉnh và hệ thống của các bộ, ngành.

Begin with `demo`, then `check`, `serve`, `keys new SYSTEM`, `submit FILE`. Every command has --help with examples;
those that print facts have --json. While a gateway serves, commands speak to it; else they open its files.
"""
_STATUSES = """Exit status: 0 done; 1 failed, not found, or not as it should be; 2 wrong use, wrong configuration, or a
database that is damaged, may not be written or is not the one it was.
"""


_EXAMPLE = "For example:"
_AS_IT_IS = "\b"  #: before a paragraph that click does not wrap
#: Each command, in the order of --help, and the module that has it under the same name.
_COMMANDS = {
    "serve": "serve",
    "check": "check",
    "submit": "submit",
    "ask": "ask",
    "find": "find",
    "show": "find",
    "tail": "tail",
    "attention": "attention",
    "deadlines": "deadlines",
    "judge": "judge",
    "edit": "edit",
    "approve": "approve",
    "demo": "demo",
    "bench": "bench",
    "systems": "systems",
    "config": "configuration",
    "mapping": "mapping",
    "held": "stopped",
    "dead": "stopped",
    "replay": "replay",
    "reconcile": "reconcile",
    "queries": "ask",
    "dossiers": "dossiers",
    "shadow": "shadow",
    "retention": "retention",
    "catalogue": "catalogue",
    "keys": "keys",
    "db": "database",
    "evidence": "evidence",
}


def command_line(only: str = "") -> typer.Typer:
    """Return the commands. Where one is named, only that: it need not wait for what the others are made of."""
    app = typer.Typer(
        help=_HELP,
        epilog=_STATUSES,
        callback=_together,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for name in (only,) if only in _COMMANDS else _COMMANDS:
        found = getattr(import_module(f"{__name__}.{_COMMANDS[name]}"), name)
        if isinstance(found, typer.Typer):
            for command in found.registered_commands:
                command.help = _help_of(command.callback)
                command.short_help = _first_sentence(command.help)
                command.epilog = _STATUSES
            app.add_typer(found, epilog=_STATUSES, short_help=_first_sentence(str(found.info.help)))
        else:
            said = _help_of(found)
            app.command(help=said, short_help=_first_sentence(said), epilog=_STATUSES)(found)
    return app


def _help_of(command: Callable[..., object] | None) -> str:
    """Return what a command says of itself, each example on one line: a line broken at 80 cannot be copied and run."""
    said = (inspect.getdoc(command) or "").replace(f"{_EXAMPLE} ", f"{_EXAMPLE}\n\n")
    before, example, lines = said.partition(f"{_EXAMPLE}\n\n")
    examples = (" ".join(one.split()) for one in lines.split("\n\n"))
    return before + example + "\n\n".join(f"{_AS_IT_IS}\n{one}" for one in examples if one)


def _first_sentence(said: str) -> str:
    """Return what stands of a command in the list of commands: whole, since click would cut it at one line."""
    return " ".join(said.partition("\n\n")[0].split()).partition(". ")[0].removesuffix(".")


def _together() -> None:
    """Make one command a command of the gateway, too, not the whole of it."""


def _refuse_unreadable(arguments: list[str]) -> None:
    """Refuse what is not UTF-8, as of a terminal set to another encoding: kept as a reason it says nothing."""
    for place, argument in enumerate(arguments, 1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise Failed(f"argument {place} is not UTF-8: set the terminal or the script to UTF-8", status=2) from None


def _speak_utf_8() -> None:
    """Write UTF-8 whatever the terminal is set to: what is printed is Vietnamese, and JSON is UTF-8 (RFC 8259)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=stream.errors)


def main() -> None:
    """Run the command line; exit status 2 for wrong use or wrong configuration, 1 for anything that failed."""
    gc.disable()  # what is loaded stays: looking for garbage in it takes an eighth of the start
    command = command_line(only=sys.argv[1] if len(sys.argv) > 1 else "")
    gc.enable()
    _speak_utf_8()
    try:
        _refuse_unreadable(sys.argv[1:])
        command()
    except Failed as failed:
        with in_time(failed.status) if sys.argv[1:2] == ["serve"] else nullcontext():
            tell(failed)
        sys.exit(failed.status)
    except ConfigError as error:
        tell_problems(error, as_json=False)
        sys.exit(2)
    except OSError as error:  # a full disk under standard output, for one
        tell(Failed(f"{error.filename or 'the answer could not be written'}: {error.strerror}"))
        _drop_answer()
        sys.exit(1)


def _drop_answer() -> None:
    """Let go of what could not be written: the interpreter would try once more, and end with a status of its own."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
