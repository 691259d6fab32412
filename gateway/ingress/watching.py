"""The attention list and the due dates as callers read them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from gateway.core.attention import Cause, Entry, Example, Matter
from gateway.core.calendar import ZONE
from gateway.core.ids import SystemId
from gateway.core.pressure import TROUBLES, Strain, Urgency
from gateway.ingress import marks
from gateway.ingress.attention_bodies import (
    AttentionBody,
    DueBody,
    DueListBody,
    EntryBody,
    ExampleBody,
    PressureBody,
    StepBody,
)
from gateway.ingress.bodies import CodeBody
from gateway.ingress.problems import Problem
from gateway.ingress.views import Eyes
from gateway.model.texts import CATALOGUE, text
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

_PLACE = re.compile(r"\d{0,6}")
#: What to run first, by ``core.attention.Cause.step``.
_COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "restored": "systems list",
        "held": "held list --system {system}",
        "quarantined": "show {dossier}",
        "damaged": "held list --system {system}",
        "operators": "held list --system {system}",
        "dead": "dead list --system {system}",
        "failing": "show {dossier}",
        "late": "systems list",
        "unread": "systems list",
        "gone": "config history",
        "files": "show {dossier}",
        "overdue": "deadlines --which overdue --system {system}",
        "soon": "deadlines --which soon --system {system}",
        "silent": "show {dossier}",
        "replay": "replay show {replay} --state failed",
        "proposal": "approve",
    }
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def due(lookout: Lookout, eyes: Eyes, which: str, system: str, cursor: str, limit: int) -> DueListBody:
    """Return a page of due dates. Raises Problem."""
    if which not in set(Which):
        raise Problem("parameter.invalid", name="which", expected=", ".join(Which))
    after = marks.read(cursor) if cursor else None
    found = await lookout.due(Which(which), system=SystemId(system) if system else None, after=after, limit=limit)
    return DueListBody(
        items=tuple(_due(item, eyes) for item in found.items),
        next=marks.written(*found.next) if found.next else "",
    )


async def attention(lookout: Lookout, language: str, system: str, cursor: str, limit: int) -> AttentionBody:
    """Return a page of what needs a person. Raises Problem."""
    if not _PLACE.fullmatch(cursor):
        raise Problem("cursor.invalid")
    begin = int(cursor or "0")
    found = await lookout.attention(SystemId(system) if system else None)
    page = found[begin : begin + limit]
    end = begin + len(page)
    return AttentionBody(
        items=tuple(_entry(item, language) for item in page),
        total=len(found),
        next=str(end) if page and end < len(found) else "",
    )


def pressure(strain: Strain, language: str, system: str = "") -> tuple[PressureBody, ...]:
    """Return why the gateway refuses what it is handed: database, disk, and the backlogs (of this system only)."""
    space = [("space", "", strain.space)] if strain.space else []
    database = [(str(strain.trouble), "", TROUBLES[strain.trouble])] if strain.trouble else []
    backlogs = [("backlog", name, level) for name, level in sorted(strain.backlog.items()) if system in {"", name}]
    return tuple(
        PressureBody(
            what=what,
            system=name,
            refuses=tuple(urgency.name.lower() for urgency in Urgency if urgency <= level),
            text=text(f"pressure.{what}.{level}", language, system=name),
            next=text(f"pressure.{what}.next", language, system=name),
        )
        for what, name, level in (*database, *space, *backlogs)
    )


def _entry(entry: Entry, language: str) -> EntryBody:
    cause, step = entry.cause, entry.cause.step
    first = entry.examples[0] if entry.examples else Example()
    facts = {
        "system": cause.system,
        "dossier": first.code or first.dossier_id or "",
        "replay": first.replay_id,
    }
    return EntryBody(
        key=cause.key,
        matter=str(cause.matter),
        text=text(f"matter.{cause.matter}", language),
        system=cause.system,
        reason=cause.why,
        reason_text=_why(cause, language),
        number=entry.number,
        more=entry.more,
        since=entry.since,
        examples=tuple(
            ExampleBody(
                code=one.code,
                dossier_id=one.dossier_id or "",
                delivery_id=one.delivery_id or "",
                proposal_id=one.proposal_id,
                replay_id=one.replay_id,
            )
            for one in entry.examples
        ),
        next=StepBody(text=text(f"step.{step}", language, **facts), command=_COMMANDS[step].format_map(facts)),
    )


def _why(cause: Cause, language: str) -> str:
    """Return a cause's reason in words; nothing where the matter says it all."""
    areas = ("act",) if cause.matter is Matter.PROPOSAL else ("reason", "waits")
    codes = [f"{area}.{cause.why}" for area in areas]
    return next((text(code, language) for code in codes if code in CATALOGUE), cause.why)


def as_csv(items: Iterable[DueBody], *, header: bool = True) -> str:
    """Return due dates as CSV (RFC 4180); what a spreadsheet would take for a formula begins with an apostrophe."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    if header:
        writer.writerow(COLUMNS)
    for item in items:
        writer.writerow([_cell(value) for value in _row(item)])
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
