"""How a due date stands: in working days, and as it stood while the days are not counted."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.deadline import Outlook, Said, Term, Turn, is_over, outlook, soon_before
from gateway.testing.books import CIVIL_STATUS, LAND, OFFICE, PORTAL
from gateway.testing.clock import MONDAY_MORNING

DAY = timedelta(days=1)
FRIDAY_EVENING = datetime(2026, 3, 6, 10, 30, tzinfo=UTC)  # 17:30 in Việt Nam


def look(term: Term, now: datetime = MONDAY_MORNING, lead: int = 2):
    return outlook(term, now, OFFICE, lead=lead)


def said(turn: Turn, source=CIVIL_STATUS, at=MONDAY_MORNING, **more) -> Said:
    return Said(source=source, at=at, turn=turn, **more)


@pytest.mark.parametrize(
    ("due", "found", "left", "over"),
    [
        (FRIDAY_EVENING, Outlook.ON_TIME, 4, 0),
        (MONDAY_MORNING + 2 * DAY, Outlook.SOON, 2, 0),
        (MONDAY_MORNING + timedelta(hours=1), Outlook.SOON, 0, 0),
        (MONDAY_MORNING, Outlook.SOON, 0, 0),  # until its moment has passed
        (MONDAY_MORNING - timedelta(minutes=1), Outlook.OVERDUE, 0, 0),
        (MONDAY_MORNING - 3 * DAY, Outlook.OVERDUE, 0, 1),  # the Friday before
        (MONDAY_MORNING + 5 * DAY, Outlook.ON_TIME, 4, 0),  # a Saturday ends no later than its Friday
    ],
)
def test_days_are_working_days(due: datetime, found: Outlook, left: int, over: int):
    deadline = look(Term(due_at=due))
    assert (deadline.outlook, deadline.days_left, deadline.days_over) == (found, left, over)
    assert deadline.will_breach == (found in {Outlook.SOON, Outlook.OVERDUE})


def test_without_a_due_date_nothing_is_late():
    assert look(Term()).outlook is Outlook.NONE


def test_while_a_supplement_is_awaited_no_day_passes():
    """The remaining time of a month later is that of the pause."""
    term = Term(due_at=FRIDAY_EVENING).hear(said(Turn.AWAIT))
    before, after = look(term), look(term, MONDAY_MORNING + 30 * DAY)
    assert after == before
    assert (after.outlook, after.left) == (Outlook.PAUSED, timedelta(hours=39.5))


def test_what_has_ended_stands_as_it_ended():
    """Also a month later: a completed dossier is no longer late."""
    closed = Term(due_at=FRIDAY_EVENING, closed_at=FRIDAY_EVENING + 3 * DAY)
    found = look(closed, FRIDAY_EVENING + 30 * DAY)
    assert (found.outlook, found.days_over) == (Outlook.CLOSED, 1)


def test_a_system_ends_only_its_own_wait_for_a_supplement():
    term = Term().hear(said(Turn.AWAIT)).hear(said(Turn.AWAIT, LAND))
    assert term.hear(said(Turn.GO_ON, LAND)).paused_at is not None
    assert term.hear(said(Turn.GO_ON, LAND)).hear(said(Turn.GO_ON)).paused_at is None
    assert term.hear(said(Turn.ANSWER, PORTAL)).paused_at is None


def test_an_answered_supplement_ends_no_other_pause():
    term = Term().hear(said(Turn.PAUSE)).hear(said(Turn.AWAIT))
    assert term.hear(said(Turn.ANSWER, PORTAL)).holds == {"deadline"}
    assert term.hear(said(Turn.ANSWER, PORTAL)).hear(said(Turn.RESUME, LAND)).holds == frozenset()


def test_a_dossier_is_over_by_its_source_or_by_all_who_process_it():
    both = {CIVIL_STATUS, LAND}
    assert is_over({PORTAL: 10}, PORTAL, both)
    assert is_over({CIVIL_STATUS: 9, LAND: 3}, PORTAL, both)
    assert not is_over({CIVIL_STATUS: 9, LAND: 4}, PORTAL, both)
    assert not is_over({}, PORTAL, set())


@pytest.mark.parametrize("lead", [0, 1, 2, 5])
@pytest.mark.parametrize("days", range(14))
def test_near_by_the_moment_is_near_by_the_days(lead: int, days: int):
    """What the list asks the store for is what the outlook calls soon."""
    due = MONDAY_MORNING + days * DAY + timedelta(minutes=1)
    near = due < soon_before(MONDAY_MORNING, OFFICE, lead=lead)
    assert near == (look(Term(due_at=due), lead=lead).outlook is Outlook.SOON)
