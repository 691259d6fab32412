"""``check``: whether the configuration is right."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from gateway.app.adapters import UnknownSecrets, build_adapters, opened
from gateway.app.machine import Machine
from gateway.app.secrets import LocalSecrets
from gateway.cli.failures import tell_problems
from gateway.cli.places import CONFIG, ConfigOption, JsonOption, SetOption, overrides
from gateway.config.loader import load
from gateway.config.settings import Configuration
from gateway.core.errors import ConfigError
from gateway.ports.secrets import Secrets
from gateway.stores.blobs import LocalBlobs


def check(
    *,
    config: ConfigOption = CONFIG,
    sets: SetOption = None,
    with_secrets: Annotated[bool, typer.Option(help="Look every secret up, as serve does, or none of them.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Read the whole configuration and name everything that is wrong with it: file, key, and what to do.

    Nothing is started and nothing is sent. Exit status 0: all is well; 2: something is wrong.

    For example:

    ./run_gateway.py check --config config

    ./run_gateway.py check --no-with-secrets

    ./run_gateway.py check --set systems.driver_licence.mode=live
    """
    try:
        configuration = load(config, overrides=overrides(sets))
        asyncio.run(_build(configuration, LocalSecrets(config) if with_secrets else UnknownSecrets()))
    except ConfigError as error:
        tell_problems(error, as_json=as_json)
        raise typer.Exit(2) from None
    facts = _facts(configuration)
    if as_json:
        typer.echo(json.dumps({"valid": True, **facts}))
        return
    Console(highlight=False).print(f"[green]✓[/] {config}: version {configuration.version}")
    typer.echo(
        f"  {facts['systems']} systems ({facts['modes']}), {facts['routes']} routes, {facts['services']} services,"
        f" {facts['mappings']} mappings, {facts['holidays']} holidays"
    )


async def _build(configuration: Configuration, secrets: Secrets) -> None:
    """Build every adapter and load its WSDL, as serve does; nothing is sent."""
    with TemporaryDirectory() as folder:
        machine = Machine()
        blobs = LocalBlobs(Path(folder), clock=machine.clock, ids=machine.ids)
        async with opened(build_adapters(configuration, machine, secrets, blobs)):
            return


def _facts(configuration: Configuration) -> dict[str, object]:
    modes = Counter(system.mode.value for system in configuration.systems.values())
    return {
        "version": configuration.version,
        "systems": len(configuration.systems),
        "modes": ", ".join(f"{count} {mode}" for mode, count in sorted(modes.items())),
        "routes": len(configuration.routes),
        "services": len(configuration.services),
        "mappings": len(configuration.mappings),
        "holidays": len(configuration.holidays),
    }
