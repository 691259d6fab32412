"""The command line, one file per group of commands. May import every package; nothing imports it."""

from __future__ import annotations

import sys

import typer

from gateway.cli.approve import approve
from gateway.cli.ask import ask, queries
from gateway.cli.attention import attention
from gateway.cli.bench import bench
from gateway.cli.catalogue import catalogue
from gateway.cli.check import check
from gateway.cli.deadlines import deadlines
from gateway.cli.demo import demo
from gateway.cli.dossiers import dossiers
from gateway.cli.edit import edit
from gateway.cli.evidence import evidence
from gateway.cli.failures import Failed, tell, tell_problems
from gateway.cli.find import find, show
from gateway.cli.judge import judge
from gateway.cli.keys import keys
from gateway.cli.reconcile import reconcile
from gateway.cli.replay import replay
from gateway.cli.serve import serve
from gateway.cli.shadow import shadow
from gateway.cli.stopped import dead, held
from gateway.cli.submit import submit
from gateway.cli.systems import systems
from gateway.cli.tail import tail
from gateway.core.errors import ConfigError

__all__ = ["command_line", "main"]

_HELP = """A store-and-forward gateway between a province's portal and the systems that process its dossiers.

Cổng trung chuyển hồ sơ giữa cổng dịch vụ công của tỉnh và hệ thống của các bộ, ngành.

Begin with `demo`, then `check`, `serve`, `keys new SYSTEM`, `submit FILE`. Every command has --help with examples;
those that print facts have --json. While a gateway serves, commands speak to it; else they open its files.
"""


def command_line() -> typer.Typer:
    """Return the commands."""
    app = typer.Typer(
        help=_HELP, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    watching = (find, show, tail, attention, deadlines)
    for command in (serve, check, submit, ask, *watching, judge, edit, approve, demo, bench):
        app.command()(command)
    books = (reconcile, queries, dossiers, shadow, catalogue)
    for group in (systems, held, dead, replay, *books, keys, evidence):
        app.add_typer(group)
    return app


def main() -> None:
    """Run the command line; exit status 2 for wrong use or wrong configuration, 1 for anything that failed."""
    try:
        command_line()()
    except Failed as failed:
        tell(failed)
        sys.exit(failed.status)
    except ConfigError as error:
        tell_problems(error, as_json=False)
        sys.exit(2)
