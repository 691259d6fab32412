"""``config``: what the files would change in a gateway that serves, letting them hold, and who changed what."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from gateway.cli import screen
from gateway.cli.at_desk import at_desk
from gateway.cli.desk import Desk
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption, said
from gateway.cli.screen import Lines
from gateway.ingress.bodies import ActBody
from gateway.ingress.configuration_bodies import ChangeOfConfigurationBody
from gateway.ingress.ops_bodies import ActsBody

config = typer.Typer(
    name="config",
    no_args_is_help=True,
    help="The configuration while the gateway serves: see what the files would change, let them hold, see who did.",
)

_EDITS = {"added": "thêm", "changed": "sửa", "removed": "bỏ"}
_FACTS = {"files": "tệp"} | {edit: f"hệ thống {words}" for edit, words in _EDITS.items()}
_NONE = "(chưa có)"
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@config.command()
def diff(*, config: ConfigOption = CONFIG, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """Show what the files would change, and whether they are right as a whole; nothing is done.

    The serving gateway reads its own directory and builds everything that the files describe, beside what it has. Every
    fault is named. Systems that are kept go on with their sessions and connections. Beside no gateway: how the files
    differ from what was last in force.

    For example: ./run_gateway.py config diff
    """
    found = at_desk(config, data, lambda seat: seat.review())
    screen.tell(found, (*_diff(found), *_changed(found)), as_json=as_json)


@config.command()
def apply(
    *,
    reason: ReasonOption,
    version: Annotated[
        str,
        typer.Option(
            "--version", callback=said, help="Only this version, as `config diff` showed it.", metavar="VERSION"
        ),
    ] = "",
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Let the files hold from now on, without a restart; needs a gateway that serves.

    They are read, checked and built as a whole, then swapped in one step. If anything is wrong, every fault is named
    and what was in force goes on. What is being sent ends as it began; what is in doubt is sent again as it was. Who,
    when and why is kept, and so are the files.

    For example:

    ./run_gateway.py config apply --reason "Thêm hệ thống đất đai, công văn 12/STTTT"

    ./run_gateway.py config apply --version 3f2a90c1d4e5 --reason "Như đã xem bằng config diff"
    """
    done = at_desk(config, data, lambda seat: _apply(seat, version, reason))
    screen.tell(done, _changed(done), as_json=as_json)


@config.command()
def history(
    *,
    limit: Annotated[int, typer.Option(help="So many, the newest first.", min=1, max=1000)] = 20,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Show who changed the configuration, when, why, and what; a change by a restart is shown as the gateway's own.

    The files of each version lie in the data folder, config/VERSION.

    For example: ./run_gateway.py config history --limit 5
    """
    found = at_desk(config, data, lambda seat: seat.configured(limit))
    screen.tell(ActsBody(items=found), (line for act in found for line in _act(act)), as_json=as_json)


async def _apply(seat: Desk, version: str, reason: str) -> ChangeOfConfigurationBody:
    return await seat.apply(version or (await seat.review()).after, reason)


def _diff(found: ChangeOfConfigurationBody) -> Lines:
    return (Text(line, style=_COLOURS.get(line[:1], "default")) for line in found.diff.splitlines())


def _changed(found: ChangeOfConfigurationBody) -> Lines:
    """Return which files and systems change, and what holds."""
    yield from (Text(f"  {_EDITS[edit.edit]:<4} {edit.name}") for edit in found.files)
    for what, names in (("added", found.added), ("changed", found.changed), ("removed", found.removed)):
        if names:
            yield Text(f"  hệ thống {_EDITS[what]}: {', '.join(names)}", style="bold")
    if found.kept:
        yield Text(f"  hệ thống giữ nguyên: {', '.join(found.kept)}", style="dim")
    if found.before == found.after:
        yield Text(f"không có gì thay đổi: phiên bản {found.after} đang có hiệu lực", style="green")
        return
    sign = "đã có hiệu lực" if found.act else "nếu áp dụng"
    yield Text(f"{found.before or _NONE} → {found.after} {sign}", style="green" if found.act else "yellow")


def _act(act: ActBody) -> Lines:
    facts = act.facts
    version = f"{facts.get('before', _NONE)} → {facts.get('after', '')}"
    yield Text.assemble((f"{screen.moment(act.at)}  ", "dim"), (act.actor, "bold"), f"  {version}")
    yield Text(f"    {act.reason}")
    for name, words in _FACTS.items():
        if facts.get(name):
            yield Text(f"    {words}: {facts[name]}", style="dim")
