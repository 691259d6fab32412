"""``/v1/ops/retention``: what erasing by age would do. Nothing is erased by asking."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from gateway.core.retention import LONGEST_TERM, Rule
from gateway.ingress import marks
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.headers import limit_of, number
from gateway.ingress.replies import reply
from gateway.ingress.retention_bodies import KeptBody, RetentionBody
from gateway.model.texts import text


async def retention(request: web.Request) -> web.Response:
    """``GET /v1/ops/retention?days=&cursor=&limit=``: of what ended so many days ago what would go, and what stays."""
    days = number(request, "days", default=0, most=LONGEST_TERM)  # 0 is refused: it must be given
    limit, cursor, language = limit_of(request), request.query.get("cursor", ""), visit_of(request).language
    after = marks.read(cursor) if cursor else None
    found = await doors_of(request).retention.survey(Rule(term=timedelta(days=days)), after=after, limit=limit)
    ended = sorted(case.ended_at for case in found.ripe if not case.parked)
    parked = sorted(case.ended_at for case in found.ripe if case.parked)
    body = RetentionBody(
        days=days,
        cases=len(ended),
        dossiers=sum(len(case.dossiers) for case in found.ripe if not case.parked),
        messages=sum(case.messages for case in found.ripe),
        files=sum(case.files for case in found.ripe),
        bytes=sum(case.bytes for case in found.ripe),
        ended_first=ended[0] if ended else None,
        ended_last=ended[-1] if ended else None,
        parked=len(parked),
        parked_first=parked[0] if parked else None,
        kept=tuple(
            KeptBody(reason=str(reason), text=text(f"kept.{reason}", language), dossiers=number)
            for reason, number in sorted(found.kept.items())
        ),
        next=marks.written(*found.next) if found.next else "",
    )
    return reply(body)
