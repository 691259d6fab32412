"""``/v1/ops/attention`` and ``/v1/ops/deadlines``: what needs a person, and what is promised to citizens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

from gateway.core.attention import Cause, Entry, Example, Matter
from gateway.core.ids import SystemId
from gateway.core.pressure import TROUBLES, Strain, refused_at
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
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.due_csv import as_csv
from gateway.ingress.headers import asked_system, limit_of
from gateway.ingress.lookup import eyes_of
from gateway.ingress.parameters import FORMATS
from gateway.ingress.problems import Problem, one_of
from gateway.ingress.replies import reply
from gateway.ingress.views import Eyes, code_bodies
from gateway.model.texts import CATALOGUE, text
from gateway.ops.lookout import Due, Which

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
        "answers": "show {dossier}",
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


async def attention(request: web.Request) -> web.Response:
    """``GET /v1/ops/attention?system=&cursor=&limit=``: by cause, the most urgent first."""
    query, language, limit = request.query, visit_of(request).language, limit_of(request)
    system, cursor = asked_system(request), query.get("cursor", "")
    if not _PLACE.fullmatch(cursor):
        raise Problem("cursor.invalid")
    begin = int(cursor or "0")
    found = await doors_of(request).lookout.attention(system)
    page = found[begin : begin + limit]
    end = begin + len(page)
    body = AttentionBody(
        items=tuple(_entry(item, language) for item in page),
        total=len(found),
        next=str(end) if page and end < len(found) else "",
        pressure=_pressure(doors_of(request).strain(), language, system),
    )
    return reply(body)


async def deadlines(request: web.Request) -> web.Response:
    """``GET /v1/ops/deadlines?which=&system=&cursor=&limit=&format=``: the earliest first, as JSON or CSV."""
    query = request.query
    form = query.get("format", "json")
    if form not in FORMATS:
        raise Problem("parameter.invalid", name="format", expected=", ".join(FORMATS))
    limit, which = limit_of(request), one_of(Which, query.get("which"), "which") or Which.ALL
    cursor, eyes = query.get("cursor", ""), eyes_of(request)
    after = marks.read(cursor) if cursor else None
    lookout = doors_of(request).lookout
    found = await lookout.due(which, system=asked_system(request), after=after, limit=limit)
    items = tuple(_due(item, eyes) for item in found.items)
    following = marks.written(*found.next) if found.next else ""
    if form == "json":
        return reply(DueListBody(items=items, next=following))
    headers = {"X-Next": following} if following else None
    return web.Response(
        text=as_csv(items, header=not cursor), content_type="text/csv", charset="utf-8", headers=headers
    )


def _pressure(strain: Strain, language: str, system: SystemId | None) -> tuple[PressureBody, ...]:
    """Return why the gateway refuses what it is handed; of backlogs, this system's only."""
    space = [("space", "", strain.space)] if strain.space else []
    database = [(str(strain.trouble), "", TROUBLES[strain.trouble])] if strain.trouble else []
    files = [("files", "", 0)] if strain.files else []
    backlogs = [("backlog", name, level) for name, level in sorted(strain.backlog.items()) if system in {None, name}]
    return tuple(
        PressureBody(
            what=what,
            system=name,
            refuses=refused_at(level),
            text=text(f"pressure.{what}.{level}", language, system=name, said=strain.files),
            next=text(f"pressure.{what}.next", language, system=name),
        )
        for what, name, level in (*database, *space, *files, *backlogs)
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


def _due(item: Due, eyes: Eyes) -> DueBody:
    dossier = item.dossier
    deadline = eyes.deadline(dossier.term)
    if deadline is None:
        raise LookupError("only dossiers with a due date are listed")
    return DueBody(
        id=dossier.id,
        codes=code_bodies(dossier.codes),
        source=dossier.source,
        procedure=dossier.procedure,
        agency=dossier.agency,
        open_with=dossier.open_with,
        deadline=deadline,
    )
