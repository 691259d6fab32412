"""Comparisons with a recorded log as bodies: the same for the door and for the command line on the file."""

from __future__ import annotations

from gateway.core.ids import SystemId
from gateway.core.shadowing import Compared, Likeness, Line
from gateway.ingress.problems import Problem
from gateway.ingress.shadow_bodies import CompareBody, ComparedBody, ComparisonBody, LoggedBody
from gateway.model.texts import text
from gateway.ops.shadowing import Shadower


async def compare(shadower: Shadower, language: str, system: str, asked: CompareBody) -> ComparisonBody:
    """Compare a log with what was rehearsed. Raises UnknownSystem, Problem."""
    found = await shadower.compare(SystemId(system), [_line(item) for item in asked.lines])
    given = [item.likeness for item in found]
    return ComparisonBody(
        counts={str(likeness): given.count(likeness) for likeness in Likeness},
        items=tuple(_compared(item, language) for item in found if item.likeness is not Likeness.SAME),
    )


def _line(asked: LoggedBody) -> Line:
    if asked.time.tzinfo is None:
        raise Problem("request.invalid", where='"time": RFC 3339')
    return Line(number=asked.line, at=asked.time, code=asked.code, body=asked.body.encode("utf-8", "replace"))


def _compared(item: Compared, language: str) -> ComparedBody:
    return ComparedBody(
        line=item.number,
        code=item.code,
        likeness=str(item.likeness),
        text=text(f"likeness.{item.likeness}", language),
        delivery_id=item.delivery or "",
        paths=item.paths,
    )
