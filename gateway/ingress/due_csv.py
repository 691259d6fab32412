"""Due dates as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from gateway.core.calendar import ZONE
from gateway.ingress.attention_bodies import DueBody
from gateway.wire.csv_out import cell

_COLUMNS = (
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


def as_csv(items: Iterable[DueBody], *, header: bool = True) -> str:
    """Return due dates as CSV (RFC 4180)."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    if header:
        writer.writerow(_COLUMNS)
    for item in items:
        writer.writerow(map(cell, _row(item)))
    return written.getvalue()


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
