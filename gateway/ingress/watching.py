"""The attention list and the due dates as callers read them: the same over HTTP and on the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from gateway.core.calendar import ZONE
from gateway.core.ids import DossierId, SystemId
from gateway.ingress.attention_bodies import DueBody, DueListBody
from gateway.ingress.bodies import CodeBody
from gateway.ingress.problems import Problem
from gateway.ingress.views import Eyes
from gateway.ops.lookout import Due, Lookout, Which

COLUMNS = (
    "codes",
    "dossier_id",
    "procedure",
    "agency",
    "source",
    "open_with",
    "due_at",
    "outlook",
    "days_left",
    "days_over",
    "paused_at",
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"(-?\d{1,18})\.([0-9A-Za-z-]{1,64})")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def due(lookout: Lookout, eyes: Eyes, which: str, system: str, cursor: str, limit: int) -> DueListBody:
    """Return a page of due dates. Raises Problem."""
    if which not in set(Which):
        raise Problem("parameter.invalid", name="which", expected=", ".join(Which))
    found = await lookout.due(
        Which(which), system=SystemId(system) if system else None, after=_read(cursor) if cursor else None, limit=limit
    )
    return DueListBody(
        items=tuple(_due(item, eyes) for item in found.items),
        next=_written(*found.next) if found.next else "",
    )


def as_csv(items: Iterable[DueBody], *, header: bool = True) -> str:
    """Return due dates as CSV (RFC 4180); what a spreadsheet would take for a formula begins with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if header:
        writer.writerow(COLUMNS)
    for item in items:
        writer.writerow([_cell(value) for value in _row(item)])
    return text.getvalue()


def _row(item: DueBody) -> tuple[str, ...]:
    deadline = item.deadline
    return (
        " ".join(code.code for code in item.codes),
        item.id,
        item.procedure,
        item.agency,
        item.source,
        " ".join(item.open_with),
        _local(deadline.due_at),
        deadline.outlook,
        str(deadline.days_left),
        str(deadline.days_over),
        _local(deadline.paused_at) if deadline.paused_at else "",
    )


def _local(moment: datetime) -> str:
    return moment.astimezone(ZONE).isoformat(timespec="seconds")


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _due(item: Due, eyes: Eyes) -> DueBody:
    dossier = item.dossier
    deadline = eyes.deadline(dossier.term)
    if deadline is None:
        raise LookupError("only dossiers with a due date are listed")
    return DueBody(
        id=dossier.id,
        codes=tuple(CodeBody(scheme=code.scheme, code=code.value) for code in dossier.codes),
        source=dossier.source,
        procedure=dossier.procedure,
        agency=dossier.agency,
        open_with=dossier.open_with,
        deadline=deadline,
    )


def _written(moment: datetime, dossier: DossierId) -> str:
    return f"{(moment - _EPOCH) // _MICROSECOND}.{dossier}"


def _read(cursor: str) -> tuple[datetime, DossierId]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise Problem("cursor.invalid")
    try:
        return _EPOCH + int(found[1]) * _MICROSECOND, DossierId(found[2])
    except OverflowError:
        raise Problem("cursor.invalid") from None
