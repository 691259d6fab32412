"""``systems``: how each partner stands; stopping the calls to one, resuming them, and trying it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from gateway.cli import screen, system_screen
from gateway.cli.at_desk import at_desk
from gateway.cli.fetch_wsdl import fetch_wsdl
from gateway.cli.import_system import import_system
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption
from gateway.ingress.weather_bodies import SystemsBody, TendedBody

SystemArgument: TypeAlias = Annotated[
    str, typer.Argument(help="The system's id, as `systems` shows it.", metavar="SYSTEM")
]

systems = typer.Typer(
    name="systems",
    help="How each partner stands: list them, let nothing be sent to one, let it be called again, or try it now.",
    invoke_without_command=True,
)


@systems.callback()
@systems.command("list")
def list_systems(
    context: typer.Context, *, config: ConfigOption = CONFIG, data: DataOption = DATA, as_json: JsonOption = False
) -> None:
    """List the systems: mode (chế độ), weather (tình trạng), and the number of deliveries in each state.

    weather: bình thường (`clear`); tăng dần (`slow_start`): answers again, called more and more; không trả lời
    (`open`): left alone; đang thử (`half_open`): one delivery finds out; ngoài giờ (`closed`): outside its hours; tạm
    dừng (`paused`): by a person. chờ quyết định (`held`): a person must decide; không gửi được (`dead`): refused or
    expired; chưa rõ: sent, but nobody knows whether it arrived; chờ từ: since when the oldest open one waits.

    For example:

    ./run_gateway.py systems

    ./run_gateway.py systems --json | jq '.items[] | select(.weather.condition != "clear")'
    """
    if context.invoked_subcommand is not None:
        return
    found = at_desk(config, data, lambda seat: seat.systems())
    screen.tell(SystemsBody(items=found), system_screen.systems(found), as_json=as_json)


systems.command("fetch-wsdl")(fetch_wsdl)
systems.command("import")(import_system)


@systems.command()
def pause(
    system: SystemArgument,
    *,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Let nothing be sent to a system, look-ups and polls neither, until somebody resumes it, across restarts too.

    What is accepted for it waits in its order. What is being sent this moment ends first. Pausing again changes the
    text.

    For example: ./run_gateway.py systems pause driver_licence --reason "Bộ bảo trì đến 6 giờ thứ Hai, công văn 12"
    """
    _act("pause", (system, reason), (config, data), as_json=as_json)


@systems.command()
def resume(
    system: SystemArgument,
    *,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Let a paused system be called again; what waited goes in its order, within the system's limits.

    For example: ./run_gateway.py systems resume driver_licence --reason "Bộ báo đã xong"
    """
    _act("resume", (system, reason), (config, data), as_json=as_json)


@systems.command()
def probe(
    system: SystemArgument,
    *,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Try a system that did not answer now, and not when its time has come; needs a gateway that serves.

    It is asked by a call without effect ([probe] of its file). If it answers, or has no such call, one delivery is let
    through, and the rest follows if that one is answered. Exit status 1 if it does not answer.

    For example: ./run_gateway.py systems probe driver_licence --reason "Bộ báo đã khắc phục"
    """
    done = _act("probe", (system, reason), (config, data), as_json=as_json)
    if done.found == "silent":
        raise typer.Exit(1)


def _act(verb: str, what: tuple[str, str], places: tuple[Path, Path], *, as_json: bool) -> TendedBody:
    done = at_desk(*places, lambda seat: seat.tend(verb, *what))
    screen.tell(done, system_screen.tended(done), as_json=as_json)
    return done
