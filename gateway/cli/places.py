"""The options that are the same in every command: configuration and data, JSON, and why something is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from gateway.cli.failures import Failed
from gateway.config.nearest import suggestion
from gateway.core.acts import BadReason, By
from gateway.core.message import Actor, ActorKind

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


def _why(context: typer.Context, option: typer.CallbackParam, value: str) -> str:
    """Return a reason that may be kept, or that none was given. Raises Failed."""
    if _is_given(context, option):
        try:
            By(actor=Actor(kind=ActorKind.OPERATOR, name=""), reason=value)
        except BadReason as error:
            raise Failed(f"{option.opts[0]}: {error}", status=2) from None
    return value


ReasonOption: TypeAlias = Annotated[
    str,
    typer.Option("--reason", help="Why, in your own words: kept with your name.", metavar="TEXT", callback=_why),
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
    if _is_given(context, option) and not value.strip():
        raise Failed(f"{option.opts[0]} is empty: say what it should be, or leave it out", status=2)
    return value


def one_of(known: Iterable[str], *, own: str = "") -> Callable[[typer.Context, typer.CallbackParam, str], str]:
    """Return what takes a condition only as one of the known codes: by any other nothing would ever be chosen.

    ``own`` begins the codes that partners make themselves.
    """

    def taken(context: typer.Context, option: typer.CallbackParam, value: str) -> str:
        codes = [str(code) for code in known]
        if said(context, option, value) and value not in codes and not (own and value.startswith(own)):
            raise Failed(f"{option.opts[0]}: there is no {value!r}; {suggestion(value, codes)}", status=2)
        return value

    return taken


def _is_given(context: typer.Context, option: typer.CallbackParam) -> bool:
    source = context.get_parameter_source(option.name or "")
    return source is not None and source.name == "COMMANDLINE"


#: What a gateway refuses a key with.
WRONG_KEY = frozenset({"key.missing", "key.invalid", "key.forbidden"})


def wrong_key(code: str) -> Failed:
    """Return the failure that a person's own key does not open the operators' doors."""
    of_whom = "the key of a system" if code == "key.forbidden" else "no live key of this gateway"
    return Failed(
        f"{OPERATOR_KEY} holds {of_whom}: put an operator's own there, or unset it; without it"
        " ./run_gateway.py keys new --operator NAME makes one"
    )
