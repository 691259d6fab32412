"""``check``: whether the configuration is right."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.app.adapters import faults
from gateway.app.certificates import dated
from gateway.app.machine import Machine
from gateway.app.secrets import LocalSecrets, UnknownSecrets
from gateway.cli.failures import as_data, tell_problems, tell_warnings
from gateway.cli.places import CONFIG, ConfigOption, JsonOption, SetOption, overrides
from gateway.config import calendar as calendars
from gateway.config.loader import beyond, examine
from gateway.config.settings import Configuration
from gateway.core.errors import ConfigError, Problem
from gateway.core.routing import day_in_vietnam
from gateway.ports.secrets import Secrets


def check(
    *,
    config: ConfigOption = CONFIG,
    sets: SetOption = None,
    with_secrets: Annotated[bool, typer.Option(help="Look every secret up, as serve does, or none of them.")] = True,
    propose: Annotated[
        int | None, typer.Option(help="Print this year's proposed holidays for calendar.toml, and no more.", min=2000)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read the whole configuration and name everything that is wrong with it: file, key, and what to do.

    Nothing is started and nothing is sent. Exit status 0: all is well, perhaps with warnings; 2: something is wrong.
    From November on it warns where calendar.toml lacks the next year; `--propose YEAR` prints what to begin with. It
    warns of certificates that end within 30 days; one of `[tls]` that has ended is wrong.

    For example:

    ./run_gateway.py check --config config

    ./run_gateway.py check --no-with-secrets

    ./run_gateway.py check --set systems.driver_licence.mode=live

    ./run_gateway.py check --propose 2028 >> config/calendar.toml
    """
    if propose is not None:
        _propose(propose, as_json=as_json)
        return
    try:
        secrets = LocalSecrets(config) if with_secrets else UnknownSecrets()
        configuration, certificates = _judged(config, overrides(sets), secrets)
    except ConfigError as error:
        tell_problems(error, as_json=as_json)
        raise typer.Exit(2) from None
    facts = _facts(configuration)
    warnings = (*calendars.warnings(configuration.calendar, day_in_vietnam(Machine().clock.now())), *certificates)
    if as_json:
        typer.echo(json.dumps({"valid": True, **facts, "warnings": as_data(warnings)}))
        return
    Console(highlight=False, soft_wrap=True).print(f"[green]✓[/] {config}: phiên bản {configuration.version}")
    typer.echo(
        f"  {facts['systems']} hệ thống ({facts['modes']}), {facts['routes']} tuyến, {facts['services']} dịch vụ,"
        f" {facts['mappings']} bảng ánh xạ, {facts['holidays']} ngày nghỉ"
    )
    tell_warnings(warnings)


def _judged(directory: Path, chosen: Mapping[str, str], secrets: Secrets) -> tuple[Configuration, tuple[Problem, ...]]:
    """Return the configuration, and which of its certificates end soon; raises ConfigError with all that is wrong.

    To that belongs a certificate that is over and cannot be done without; what serves goes on without that one system.
    """
    configuration, problems = _examined(directory, chosen, secrets)
    found = tuple(dated(configuration, secrets, Machine().clock.now()))
    _refuse((*problems, *(one.problem for one in found if one.is_over)))
    return configuration, tuple(one.problem for one in found)


def _propose(year: int, *, as_json: bool) -> None:
    from gateway.config.proposal import propose  # noqa: PLC0415 - it takes 40 ms to load; every command would pay

    typer.echo(json.dumps({"calendar": propose(year)}) if as_json else propose(year), nl=as_json)


def checked(directory: Path, chosen: Mapping[str, str], secrets: Secrets) -> Configuration:
    """Return the configuration; raises ConfigError with all problems: of the files, the adapters and their WSDLs."""
    configuration, problems = _examined(directory, chosen, secrets)
    _refuse(problems)
    return configuration


def _refuse(problems: tuple[Problem, ...]) -> None:
    if problems:
        raise ConfigError(*dict.fromkeys(problems))


def _examined(
    directory: Path, chosen: Mapping[str, str], secrets: Secrets
) -> tuple[Configuration, tuple[Problem, ...]]:
    configuration, problems = examine(directory, overrides=chosen)
    return configuration, (*problems, *beyond(problems, asyncio.run(faults(configuration, secrets))))


def _facts(configuration: Configuration) -> dict[str, object]:
    modes = Counter(system.mode.value for system in configuration.systems.values())
    return {
        "version": configuration.version,
        "systems": len(configuration.systems),
        "modes": ", ".join(f"{count} {mode}" for mode, count in sorted(modes.items())),
        "routes": len(configuration.routes),
        "services": len(configuration.services),
        "mappings": len(configuration.mappings),
        "holidays": len(configuration.calendar.holidays),
    }
