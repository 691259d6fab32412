"""The status guard: a status that a source states, against what the same source stated of that dossier before.

Nothing is refused. What is odd is relayed with its anomalies; what cannot follow is held for a person where the
source's file says so. Results and fees are not looked at.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.core.message import Draft, Known, Leg, StatedStatus
from gateway.core.reason import Reason, Why
from gateway.core.statuses import StatusTable

_RETURNED = 10  #: the result was given to the applicant

#: What happened later than this after it was accepted is a slip of the pen or of a zone: its own time is not believed.
_CLOCKS_DIFFER = timedelta(days=1)


class Anomaly(StrEnum):
    """What is odd about a status: a closed list. Each has words under ``anomaly``."""

    IMPOSSIBLE = "impossible_transition"  #: it cannot follow what this source stated before
    AFTER_FINAL = "after_final"  #: this source had stated the end already
    UNCOMPLETED = "result_without_completion"  #: a result was handed over that this source never completed
    LATE = "late"  #: it happened before what this source has stated already
    AHEAD = "ahead_of_time"  #: it says that it happens more than a day after it came
    REPEATED = "repeated"  #: under another id, the same words at the same time as before
    FOREIGN = "foreign_status"  #: a code that the national table does not know
    NO_CLOSING = "closing_missing"  #: the end, without how it ended


#: What a person must let go in mode ``hold``.
HELD = frozenset({Anomaly.IMPOSSIBLE, Anomaly.AFTER_FINAL, Anomaly.UNCOMPLETED})


def stated(draft: Draft, known: Known) -> StatedStatus | None:
    """Return the status that a draft states, by the time at which it stands; None where it states none.

    What bears no time stands from when it was accepted, and so does what claims to come from far ahead: else one slip
    would outlast everything that follows.
    """
    if draft.status is None:
        return None
    accepted_at = known.accepted_at or known.now
    return StatedStatus(
        status=draft.status,
        at=stands_at(draft.occurred_at, accepted_at),
        accepted_at=accepted_at,
    )


def stands_at(occurred_at: datetime | None, accepted_at: datetime) -> datetime:
    """Return from when a status stands."""
    return accepted_at if occurred_at is None or _is_ahead(occurred_at, accepted_at) else occurred_at


def _is_ahead(occurred_at: datetime, accepted_at: datetime) -> bool:
    return occurred_at - accepted_at > _CLOCKS_DIFFER


def anomalies(draft: Draft, known: Known, table: StatusTable) -> tuple[Anomaly, ...]:
    """Return what is odd about the status that a draft states; nothing where it states none."""
    new, before = stated(draft, known), known.stated
    if new is None:
        return ()
    late = before is not None and not new.supersedes(before)
    found = (
        (Anomaly.FOREIGN, new.status.status is None),
        (Anomaly.LATE, late),
        (Anomaly.AHEAD, draft.occurred_at is not None and _is_ahead(draft.occurred_at, new.accepted_at)),
        (Anomaly.REPEATED, before is not None and _says_the_same(draft, new, before)),
        (Anomaly.NO_CLOSING, _lacks_closing(new, before, table)),
    )
    step = None if late or draft.corrects else _step(new, before, table)
    return (*(() if step is None else (step,)), *(anomaly for anomaly, holds in found if holds))


def _step(new: StatedStatus, before: StatedStatus | None, table: StatusTable) -> Anomaly | None:
    """Return what is wrong with the step from one status to the next; a foreign code on either side proves nothing."""
    status, previous = new.status.status, before.status.status if before else None
    if status is None or (before is not None and previous is None) or table.allows(status, previous):
        return None
    if previous is not None and table.is_final(previous):
        return Anomaly.AFTER_FINAL
    return Anomaly.UNCOMPLETED if status == _RETURNED else Anomaly.IMPOSSIBLE


def _says_the_same(draft: Draft, new: StatedStatus, before: StatedStatus) -> bool:
    return draft.occurred_at is not None and (new.status, new.at) == (before.status, before.at)


def _lacks_closing(new: StatedStatus, before: StatedStatus | None, table: StatusTable) -> bool:
    """Whether the end does not say how it ended, and has not said it before."""
    if new.status.status not in table.closing or new.status.closing:
        return False
    return before is None or not before.status.closing


def held(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """Return the legs as they begin in mode ``hold``: for a person to let go, or to skip."""
    return tuple(replace(leg, hold=Reason(Why.IMPOSSIBLE_STATUS), prelease=False) for leg in legs)
