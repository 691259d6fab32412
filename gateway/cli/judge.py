"""``judge``: say what the partner has of a delivery that stopped or is in doubt."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from gateway.cli import dossier_screen, screen
from gateway.cli.at_desk import at_desk
from gateway.cli.failures import Failed
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption
from gateway.ingress.ops_bodies import DecidedBody

DeliveryArgument: TypeAlias = Annotated[
    str, typer.Argument(help="The delivery's id, as `held`, `dead` and `attention` show it.", metavar="DELIVERY")
]


def judge(  # noqa: PLR0913 - each is an option of the command line
    delivery: DeliveryArgument,
    *,
    delivered: Annotated[bool, typer.Option("--delivered", help="The partner has it.")] = False,
    absent: Annotated[
        bool, typer.Option("--absent", help="The partner surely does not have it: it is sent again.")
    ] = False,
    cancelled: Annotated[bool, typer.Option("--cancelled", help="It ends here, whatever the partner has.")] = False,
    code: Annotated[
        list[str] | None,
        typer.Option(help="The partner's code of the dossier; may be repeated.", metavar="SCHEME=VALUE"),
    ] = None,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Say what the partner has, after asking it; what waits behind in the dossier's lane then goes on by itself.

    Bytes left and no answer came: only the partner knows. Ask it by telephone or look into its own screens first.

    For example:

    ./run_gateway.py judge 0195f0c2-… --delivered --code national=G01 --reason "Bộ xác nhận qua điện thoại"

    ./run_gateway.py judge 0195f0c2-… --absent --reason "Công văn 12/STP: chưa nhận"
    """
    chosen = [name for name, given in (("delivered", delivered), ("absent", absent), ("cancelled", cancelled)) if given]
    if len(chosen) != 1:
        raise Failed("say exactly one of --delivered, --absent, --cancelled", status=2)
    codes = _codes(code or [])
    if codes and not delivered:
        raise Failed("--code goes with --delivered only", status=2)
    found = at_desk(config, data, lambda seat: seat.judge(delivery, chosen[0], codes, reason))
    tell_decided((found,), as_json=as_json)


def _codes(pairs: list[str]) -> dict[str, str]:
    split = [pair.partition("=") for pair in pairs]
    if wrong := next((pair for pair, (_, sign, value) in zip(pairs, split, strict=True) if not (sign and value)), ""):
        raise Failed(f"--code {wrong!r} is not SCHEME=VALUE", status=2)
    return {scheme.strip(): value for scheme, _, value in split}


def tell_decided(found: tuple[DecidedBody, ...], *, as_json: bool) -> None:
    """Print what was done to deliveries, and how they stand now."""
    screen.tell({"items": found}, (line for item in found for line in dossier_screen.decided(item)), as_json=as_json)
