"""Comparisons with a recorded log as bodies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.core.doubling import Double
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.message import Code
from gateway.core.shadowing import Compared, Likeness, Line
from gateway.ingress.problems import need_zone
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


async def compare(shadower: Shadower, language: str, system: str, asked: CompareBody) -> ComparisonBody:
    """Compare a log with what was rehearsed. Raises UnknownSystem, Problem."""
    found = await shadower.compare(SystemId(system), [_line(item) for item in asked.lines])
    given = [item.likeness for item in found]
    return ComparisonBody(
        counts={str(likeness): given.count(likeness) for likeness in Likeness},
        items=tuple(_compared(item, language) for item in found if item.likeness is not Likeness.SAME),
        matched=tuple(sorted({item.delivery for item in found if item.delivery})),
    )


async def only_ours(shadower: Shadower, system: str, asked: RehearsedBody) -> OnlyOursBody:
    """Return what was rehearsed in the time of a log and no line is like. Raises UnknownSystem, Problem."""
    need_zone('"since", "until"', asked.since, asked.until)
    matched = frozenset(map(DeliveryId, asked.matched))
    found, whole = await shadower.ours(SystemId(system), asked.since, asked.until, matched)
    items = (OursBody(delivery_id=item.delivery, code=_code(item.codes), kind=item.kind, at=item.at) for item in found)
    return OnlyOursBody(items=tuple(items), whole=whole)


async def doubles(shadower: Shadower, language: str, system: str, since: datetime) -> DoublesBody:
    """Return the dossiers that somebody beside the gateway sends, too. Raises UnknownSystem."""
    found, whole = await shadower.doubles(SystemId(system), since)
    return DoublesBody(items=tuple(_double(item, language) for item in found), whole=whole)


def _line(asked: LoggedBody) -> Line:
    need_zone('"time"', asked.time)
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
    named = (code.value for code in codes if code.scheme == "province")
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
