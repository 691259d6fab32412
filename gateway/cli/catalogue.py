"""``catalogue``: the province's procedures, counted and brought up to date from a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from gateway.app.layout import write_whole
from gateway.app.machine import Machine
from gateway.cli import screen
from gateway.cli.failures import Failed, tell_problems
from gateway.cli.lists import content_of
from gateway.cli.places import CONFIG, ConfigOption, JsonOption
from gateway.cli.screen import Lines
from gateway.config.catalogue import Changes, Count, compared, counts, in_force, unrouted, written
from gateway.config.catalogue_rows import read
from gateway.config.loader import load
from gateway.config.settings import ServiceConfig
from gateway.core.errors import ConfigError
from gateway.core.routing import day_in_vietnam
from gateway.wire.sheets import BadSheet, read_rows

catalogue = typer.Typer(
    name="catalogue",
    no_args_is_help=True,
    help="The province's catalogue of procedures (services.toml): count it, or bring it up to date from a list.",
)

_TIERS = {"province": "tỉnh", "district": "huyện", "commune": "xã"}
_PROVIDERS = {"province": "tỉnh", "ministry": "bộ, ngành"}

OnOption = Annotated[
    str, typer.Option("--on", help="As it stands on this day (2026-01-31); else today.", metavar="DAY")
]


@catalogue.command("report")
def report(*, on: OnOption = "", config: ConfigOption = CONFIG, as_json: JsonOption = False) -> None:
    """Count the services by the year they were first offered, provider, tier and level.

    Counted is every service of the catalogue; below it stands what is offered on the day asked for, and which of that
    no route brings to the system that the catalogue names.

    For example:

    ./run_gateway.py catalogue report

    ./run_gateway.py catalogue report --on 2017-06-30 --json
    """
    configuration, day = load(config), _day(on)
    counted = counts(configuration.services)
    offered = in_force(configuration.services, day)
    lost = unrouted(configuration, day)
    missing = [{"code": service.code, "systems": systems} for service, systems in lost]
    facts = {"on": day, "counts": counted, "offered": len(offered), "unrouted": missing}
    said = Text(f"Đang cung cấp ngày {day:%d/%m/%Y}: {len(offered)} dịch vụ")
    left = (Text(f"  {_named(one)}: chưa có tuyến tới {', '.join(systems)}", style="yellow") for one, systems in lost)
    screen.tell(facts, (_table(counted), said, *left), as_json=as_json)


@catalogue.command("import")
def import_list(
    *,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX; the first row names the columns.", metavar="FILE")],
    complete: Annotated[
        str, typer.Option(help="The list is complete: what it leaves out ends before this day.", metavar="DAY")
    ] = "",
    write: Annotated[bool, typer.Option("--write", help="Write services.toml; else only show the changes.")] = False,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Bring the catalogue up to date from a list: «Mã TTHC», «Tên TTHC», «Mức độ», «Cấp», and what else it has.

    Further columns: «Bên cung cấp», «Cơ quan», «Lĩnh vực», «Hệ thống», «Từ ngày», «Đến ngày». Without --write it only
    shows what would change. Comments in services.toml are not kept. What is written holds at the next start, or by
    `config apply` at once.

    For example:

    ./run_gateway.py catalogue import danh-muc-tthc.xlsx

    ./run_gateway.py catalogue import danh-muc-tthc.csv --complete 2027-01-01 --write
    """
    try:
        listed = read(read_rows(content_of(file)), file.name)
    except BadSheet as error:
        raise Failed(f"{file}: {error}", status=2) from None
    except ConfigError as error:
        tell_problems(error, as_json=as_json, where="in the list; nothing was changed")
        raise typer.Exit(2) from None
    if not listed:
        raise Failed(f"{file}: no row stands below the headings; export the list again", status=2)
    target = config / "services.toml"
    before = _content(target)
    changes = compared(load(config).services, listed, ends_on=_day(complete) if complete else None)
    writes = write and not changes.is_empty()
    if writes:
        if _content(target) != before:
            raise Failed(f"{target} was changed meanwhile; nothing was written: look at the changes again")
        try:
            _replace(config, target, before, changes)
        except OSError as error:
            raise Failed(f"{target}: {error.strerror}; nothing was changed") from None
    facts = {
        "added": changes.added,
        "changed": [new for _, new in changes.changed],
        "ended": changes.ended,
        "written": writes,
    }
    screen.tell(facts, _lines(changes, written_to=target if writes else None), as_json=as_json)


def _content(target: Path) -> bytes | None:
    return target.read_bytes() if target.exists() else None


def _replace(config: Path, target: Path, before: bytes | None, changes: Changes) -> None:
    """Put the new catalogue in the old one's place; where the configuration would be wrong then, the old one back."""
    place, good = target.resolve(), False
    write_whole(place, written(changes.services), mode=0o644 if before is None else place.stat().st_mode & 0o777)
    try:
        load(config)
        good = True
    finally:  # whatever ends it, Ctrl-C too
        if not good:
            target.unlink() if before is None else target.write_bytes(before)


def _day(given: str) -> date:
    if not given:
        return day_in_vietnam(Machine().clock.now())
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Failed(f"{given!r} is no day: write 2026-01-31", status=2) from None


def _table(counted: Sequence[Count]) -> Table:
    table = Table("năm", "bên cung cấp", "cấp", "mức độ", box=None, pad_edge=False, header_style="bold")
    table.add_column("dịch vụ", justify="right")
    for count in counted:
        year = str(count.since) if count.since else "-"
        table.add_row(year, _PROVIDERS[count.provided_by], _TIERS[count.tier], str(count.level), str(count.number))
    table.add_row("", "", "", "cộng", str(sum(count.number for count in counted)), style="bold")
    return table


def _lines(changes: Changes, *, written_to: Path | None) -> Lines:
    for sign, services in (("+", changes.added), ("-", changes.ended)):
        for service in services:
            yield Text(f"{sign} {_named(service)}", style="green" if sign == "+" else "yellow")
    for old, new in changes.changed:
        yield Text(f"~ {_named(new)}: {', '.join(_differences(old, new))}")
    total = f"{len(changes.added)} mới, {len(changes.changed)} đổi, {len(changes.ended)} kết thúc"
    done = f"đã ghi {written_to}" if written_to else "chưa ghi gì"
    yield Text(f"{total}; {done}")


def _named(service: ServiceConfig) -> str:
    return f"{service.code} {service.name}"


def _differences(old: ServiceConfig, new: ServiceConfig) -> list[str]:
    names = [name for name in ServiceConfig.__struct_fields__ if getattr(old, name) != getattr(new, name)]
    return [f"{name} {getattr(old, name) or '-'} → {getattr(new, name) or '-'}" for name in names]
