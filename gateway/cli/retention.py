"""``retention``: what erasing by age would do, before somebody turns it on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from gateway.cli.at_desk import at_desk
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.cli.screen import moment, tell
from gateway.config.loader import load
from gateway.core.retention import LONGEST_TERM
from gateway.ingress.retention_bodies import KeptBody, RetentionBody

_MEGABYTE = 1_000_000


def retention(
    *,
    days: Annotated[
        int | None,
        typer.Option("--days", help="After so many days; else as retention.dossiers says.", min=1, max=LONGEST_TERM),
    ] = None,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Show which dossiers have reached their age: how many would be erased, how many stay, and why. Erases nothing.

    The days count from the last that was said or done. What nobody has ended is not counted: it stays in any case.
    What waits for a code that nobody has bound (parked) goes by the same age, and is counted by itself.

    For example:

    ./run_gateway.py retention --days 1825

    ./run_gateway.py retention --days 1825 --json | jq .kept
    """
    term = days or _configured(config)
    found = at_desk(config, data, lambda seat: _collect(seat, term))
    tell(found, _lines(found), as_json=as_json)


def _configured(config: Path) -> int:
    rule = load(config).settings.retention.rule()
    if rule is None:
        raise Failed("retention.dossiers says that all is kept for ever: say with --days what you think of", status=2)
    return rule.term.days


async def _collect(seat: Desk, days: int) -> RetentionBody:
    """Return all pages as one."""
    pages = [await seat.retention(days, "")]
    while pages[-1].next:
        pages.append(await seat.retention(days, pages[-1].next))
    return _total(pages)


def _total(pages: Sequence[RetentionBody]) -> RetentionBody:
    """Return pages as one; there is at least one."""
    kept: Counter[tuple[str, str]] = Counter()
    for page in pages:
        kept.update({(item.reason, item.text): item.dossiers for item in page.kept})
    first = [page.ended_first for page in pages if page.ended_first is not None]
    last = [page.ended_last for page in pages if page.ended_last is not None]
    return RetentionBody(
        days=pages[0].days,
        cases=sum(page.cases for page in pages),
        dossiers=sum(page.dossiers for page in pages),
        messages=sum(page.messages for page in pages),
        files=sum(page.files for page in pages),
        bytes=sum(page.bytes for page in pages),
        ended_first=min(first, default=None),
        ended_last=max(last, default=None),
        parked=sum(page.parked for page in pages),
        parked_first=min((page.parked_first for page in pages if page.parked_first is not None), default=None),
        kept=tuple(
            KeptBody(reason=reason, text=words, dossiers=number) for (reason, words), number in sorted(kept.items())
        ),
    )


def _lines(found: RetentionBody) -> Iterable[Text]:
    going = list(_going(found))
    if going:
        size = f"{found.messages} bản tin, {found.files} tệp, {found.bytes / _MEGABYTE:.1f} MB"
        yield Text(f"Sau {found.days} ngày sẽ xoá {' và '.join(going)}: tổng cộng {size}.")
    else:
        yield Text(f"Không có gì đã kết thúc và quá {found.days} ngày để xoá.")
    for item in found.kept:
        yield Text(f"{item.dossiers:>7}  giữ lại: {item.text}")


def _going(found: RetentionBody) -> Iterable[str]:
    """Say what would go."""
    if found.dossiers:
        first, last = (moment(at, "%d/%m/%Y") for at in (found.ended_first, found.ended_last))
        yield f"{found.dossiers} hồ sơ kết thúc từ {first} đến {last}"
    if found.parked:
        yield f"{found.parked} bản tin chờ khớp mã, cũ nhất từ {moment(found.parked_first, '%d/%m/%Y')}"
