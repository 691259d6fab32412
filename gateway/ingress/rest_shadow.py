"""``/v1/ops/systems/{system}/comparisons`` and ``/doubles``: two ways beside each other, and who sends twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web

from gateway.core.codes import PROVINCE
from gateway.core.doubling import Double
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.message import Code
from gateway.core.record import Shown
from gateway.core.shadowing import Compared, Likeness, Line
from gateway.ingress.asked import asked_of
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.headers import moment
from gateway.ingress.lookup import viewed
from gateway.ingress.problems import need_moments
from gateway.ingress.replies import reply
from gateway.ingress.shadow_bodies import (
    CompareBody,
    ComparedBody,
    ComparisonBody,
    DoubleBody,
    DoublesBody,
    LoggedBody,
    OnlyOursBody,
    OursBody,
    RehearsedBody,
)
from gateway.model.texts import text
from gateway.ops.shadowing import Shadower

_EVER = datetime.min.replace(tzinfo=UTC)


async def compare(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/comparisons``: no value is shown; but what is like a guess confirms it."""
    asked = await asked_of(request, CompareBody)
    found = await _shadower(request).compare(_system(request), [_line(item) for item in asked.lines])
    given, language = [item.likeness for item in found], visit_of(request).language
    matched = tuple(sorted({item.delivery for item in found if item.delivery}))
    await viewed(request, Shown.DELIVERY, matched)
    body = ComparisonBody(
        counts={str(likeness): given.count(likeness) for likeness in Likeness},
        items=tuple(_compared(item, language) for item in found if item.likeness is not Likeness.SAME),
        matched=matched,
    )
    return reply(body)


async def only_ours(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/comparisons/ours``: what was rehearsed, and no line of a log is like."""
    asked = await asked_of(request, RehearsedBody)
    need_moments('"since", "until"', asked.since, asked.until)
    matched = frozenset(map(DeliveryId, asked.matched))
    found, whole = await _shadower(request).ours(_system(request), asked.since, asked.until, matched)
    items = (OursBody(delivery_id=item.delivery, code=_code(item.codes), kind=item.kind, at=item.at) for item in found)
    return reply(OnlyOursBody(items=tuple(items), whole=whole))


async def doubles(request: web.Request) -> web.Response:
    """``GET /v1/ops/systems/{system}/doubles?since=``: the dossiers that somebody beside the gateway sends, too."""
    since = moment(request, "since") or _EVER
    found, whole = await _shadower(request).doubles(_system(request), since)
    language = visit_of(request).language
    return reply(DoublesBody(items=tuple(_double(item, language) for item in found), whole=whole))


def _system(request: web.Request) -> SystemId:
    return SystemId(request.match_info["system"])


def _shadower(request: web.Request) -> Shadower:
    doors = doors_of(request)
    return Shadower(ledger=doors.ledger, systems=frozenset(doors.book.systems))


def _line(asked: LoggedBody) -> Line:
    need_moments('"time"', asked.time)
    return Line(number=asked.line, at=asked.time, code=asked.code, body=asked.body.encode("utf-8", "replace"))


def _double(item: Double, language: str) -> DoubleBody:
    return DoubleBody(
        delivery_id=item.delivery,
        code=_code(item.codes),
        procedure=item.procedure,
        agency=item.agency,
        sign=str(item.sign),
        text=text(f"sign.{item.sign}", language),
        at=item.at,
    )


def _code(codes: Sequence[Code]) -> str:
    """Return the code by which people know a dossier: the province's, else the first."""
    named = (code.value for code in codes if code.scheme == PROVINCE)
    return next(named, codes[0].value if codes else "")


def _compared(item: Compared, language: str) -> ComparedBody:
    return ComparedBody(
        line=item.number,
        code=item.code,
        likeness=str(item.likeness),
        text=text(f"likeness.{item.likeness}", language),
        delivery_id=item.delivery or "",
        paths=item.paths,
    )
