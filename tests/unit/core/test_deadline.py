"""How a due date stands: in working days, and as it stood while the days are not counted."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.deadline import Outlook, Said, Term, Turn, Word, is_over, outlook, soon_before
from gateway.core.ids import SystemId
from gateway.testing.books import CIVIL_STATUS, LAND, OFFICE, PORTAL
from gateway.testing.clock import MONDAY_MORNING

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
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


def heard(**words: int) -> dict[SystemId, Word]:
    """What each says, one an hour after the other."""
    said = enumerate(words.items(), start=1)
    return {SystemId(name): Word(status=status, at=MONDAY_MORNING + hour * HOUR) for hour, (name, status) in said}


@pytest.mark.parametrize(
    ("words", "again", "over"),
    [
        ({"portal": 10}, None, True),
        ({"civil_status": 9, "land": 3}, None, True),
        ({"civil_status": 9}, None, False),
        ({}, None, False),
        ({"civil_status": 9, "land": 4}, None, False),
        ({"portal": 10, "land": 4}, None, False),  # it goes on after all
        ({"land": 4, "portal": 10}, None, True),
        ({"civil_status": 9, "land": 3}, 3, False),  # put right, and nothing said since
        ({"civil_status": 9, "land": 8}, 3, False),
        ({"civil_status": 9, "land": 3}, 1, True),  # refused with what it was given anew before its eyes
        ({"civil_status": 3, "land": 9}, 3, True),  # the land office had finished: nobody answers
        ({"portal": 3}, 3, False),
        ({"portal": 10}, 3, True),
    ],
)
def test_a_dossier_is_over_by_its_source_or_by_all_who_process_it(
    words: dict[str, int], again: int | None, *, over: bool
):
    """Unless it goes on since: by a word, or because the land office was given it ``again``."""
    given = {CIVIL_STATUS: None, LAND: MONDAY_MORNING + again * HOUR if again else None}
    assert is_over(PORTAL, heard(**words), given) == over


def test_what_went_nowhere_is_over_only_by_its_source():
    assert not is_over(PORTAL, heard(land=9), {})
    assert is_over(PORTAL, heard(portal=8), {})


@pytest.mark.parametrize("lead", [0, 1, 2, 5])
@pytest.mark.parametrize("days", range(14))
def test_near_by_the_moment_is_near_by_the_days(lead: int, days: int):
    """What the list asks the store for is what the outlook calls soon."""
    due = MONDAY_MORNING + days * DAY + timedelta(minutes=1)
    near = due < soon_before(MONDAY_MORNING, OFFICE, lead=lead)
    assert near == (look(Term(due_at=due), lead=lead).outlook is Outlook.SOON)
