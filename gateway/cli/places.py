"""The options that are the same in every command: configuration and data, JSON, and why something is done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from gateway.cli.failures import Failed

ConfigOption: TypeAlias = Annotated[
    Path, typer.Option("--config", help="The configuration's directory.", metavar="DIR", envvar="GATEWAY_CONFIG")
]
DataOption: TypeAlias = Annotated[
    Path, typer.Option("--data", help="The data folder of the gateway.", metavar="DIR", envvar="GATEWAY_DATA")
]
SetOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", help="Another value for one key, for this run: store.synchronous=OFF.", metavar="KEY=VALUE"),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON instead of text for people.")]
ReasonOption: TypeAlias = Annotated[
    str, typer.Option("--reason", help="Why, in your own words: kept with your name.", metavar="TEXT")
]

CONFIG = Path("config")
DATA = Path("data")
OPERATOR_KEY = "GATEWAY_OPERATOR_KEY"  #: names an operator's own key, under whose name everything is done


def overrides(pairs: list[str] | None) -> dict[str, str]:
    """Return the ``--set`` pairs; the last one of a key wins. Raises typer.BadParameter."""
    found: dict[str, str] = {}
    for pair in pairs or ():
        key, sign, value = pair.partition("=")
        if not sign:
            raise typer.BadParameter(f"{pair!r} is not KEY=VALUE", param_hint="--set")
        found[key.strip()] = value
    return found


def said(context: typer.Context, option: typer.CallbackParam, value: str) -> str:
    """Return what a condition says; given and blank, a script's empty variable, it would be none. Raises Failed."""
    source = context.get_parameter_source(option.name or "")
    if source is not None and source.name == "COMMANDLINE" and not value.strip():
        raise Failed(f"{option.opts[0]} is empty: say what it should be, or leave it out", status=2)
    return value
