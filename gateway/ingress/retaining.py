"""What erasing by age would do. Nothing is erased by asking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from gateway.core.retention import Rule
from gateway.ingress import marks
from gateway.ingress.problems import Problem
from gateway.ingress.retention_bodies import KeptBody, RetentionBody
from gateway.model.texts import text
from gateway.ports.retention import Retention

MOST = 1000  #: dossiers of one page
LONGEST = 36_500  #: days


async def plan(store: Retention, language: str, days: int, cursor: str, limit: int) -> RetentionBody:
    """Return a page of what would go after so many days. Raises Problem."""
    if not 1 <= days <= LONGEST:
        raise Problem("parameter.invalid", name="days", expected=f"1-{LONGEST}")
    after = marks.read(cursor) if cursor else None
    found = await store.survey(Rule(term=timedelta(days=days)), after=after, limit=limit)
    ended = sorted(case.ended_at for case in found.ripe if not case.parked)
    parked = sorted(case.ended_at for case in found.ripe if case.parked)
    return RetentionBody(
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


def total(pages: Sequence[RetentionBody]) -> RetentionBody:
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
