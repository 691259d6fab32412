"""``keys``: who may come in."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli import key_screen, screen
from gateway.cli.at_desk import at_desk
from gateway.cli.failures import Failed
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.ingress.bodies import KeysBody
from gateway.security.keys import may_hold

keys = typer.Typer(
    name="keys",
    no_args_is_help=True,
    help="Give out, list and revoke API keys. Two keys per holder are live at most, so that one can replace the other.",
)


@keys.command("new")
def new(
    *,
    system: Annotated[str, typer.Argument(help="The system that the key is for.", metavar="SYSTEM")] = "",
    operator: Annotated[str, typer.Option(help="Make an operator's key for this person instead.", metavar="NAME")] = "",
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, this once: only its hash is kept.

    Works beside a serving gateway and without one. To rotate: make the second key, change the partner over, revoke
    the first.

    For example:

    ./run_gateway.py keys new portal

    ./run_gateway.py keys new --operator "Trần Thị Bình"
    """
    if bool(system) == bool(operator):
        raise Failed("name either a system or --operator NAME", status=2)
    name, role = (system, "system") if system else (operator, "operator")
    if not may_hold(name):
        raise Failed("a name has 1 to 100 characters that can be seen: the key's holder is known by it", status=2)
    made = at_desk(config, data, lambda seat: seat.new_key(name, role), make=True)
    if as_json:
        screen.print_json(made)
        return
    typer.echo(made.key)
    typer.echo(f"khoá {made.id} của {key_screen.ROLES[made.role]} {made.name}; chỉ hiện một lần này", err=True)


@keys.command("list")
def list_keys(*, config: ConfigOption = CONFIG, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """List all keys by id and holder, revoked ones too; never their text.

    For example: ./run_gateway.py keys list --json
    """
    found = at_desk(config, data, lambda seat: seat.keys())
    screen.tell(KeysBody(items=found), key_screen.keys(found), as_json=as_json)


@keys.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.", metavar="ID")],
    *,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """End a key at once. It stays in the list.

    For example: ./run_gateway.py keys revoke 4f1c09ab77d2
    """
    at_desk(config, data, lambda seat: seat.revoke(key))
    if as_json:
        screen.print_json({"revoked": key})
    else:
        typer.echo(f"đã thu hồi khoá {key}")
