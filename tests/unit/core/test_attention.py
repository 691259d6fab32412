"""The attention list: when something needs a person, in which order, and told once."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.attention import (
    GONE,
    MOST,
    UNREAD,
    Allowance,
    Cause,
    Entry,
    Episode,
    Matter,
    Turned,
    by_urgency,
    turned,
)
from gateway.core.ids import OPERATORS
from gateway.core.reason import Why
from gateway.model.texts import CATALOGUE
from gateway.testing.books import CIVIL_STATUS, LAND, a_patience
from gateway.testing.clock import MONDAY_MORNING

CALM = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


def entry(matter: Matter, why: str = "", *, system=LAND, number: int = 1, since: datetime = MONDAY_MORNING) -> Entry:
    return Entry(cause=Cause(matter=matter, system=system, why=why), number=number, since=since)


def test_the_most_urgent_matter_stands_first_then_the_oldest():
    found = [
        entry(Matter.PROPOSAL),
        entry(Matter.DEAD, "late"),
        entry(Matter.DEAD, "early", since=MONDAY_MORNING - MINUTE),
        entry(Matter.HELD),
    ]
    assert [item.cause.matter for item in by_urgency(found)] == ["held", "dead", "dead", "proposal"]
    assert [item.cause.why for item in by_urgency(found)][1:3] == ["early", "late"]


def test_what_fails_is_not_also_late():
    """One cause, one entry."""
    failing, late = entry(Matter.FAILING, Why.TIMEOUT), entry(Matter.LATE, Why.TIMEOUT)
    other = entry(Matter.LATE, Why.TIMEOUT, system=CIVIL_STATUS)
    assert by_urgency([late, failing, other]) == (failing, other)


def test_what_waits_since_the_database_was_put_back_is_not_also_failing_or_late():
    """Nothing is sent until a person has compared and resumed; where nobody has to, as for a feed, it stays told."""
    waits = entry(Matter.RESTORED)
    told = [entry(matter, Why.RESTORED) for matter in (Matter.FAILING, Matter.LATE)]
    held, late = entry(Matter.HELD, Why.RESTORED), entry(Matter.LATE, Why.RESTORED, system=CIVIL_STATUS)
    assert by_urgency([*told, waits, held, late]) == (waits, held, late)


def test_a_list_for_people_counts_only_so_far():
    assert entry(Matter.HELD, number=MOST).more
    assert not entry(Matter.HELD, number=MOST - 1).more
    assert by_urgency([entry(Matter.HELD, number=0)]) == ()


def test_patience_is_working_time():
    """Four working hours before Monday 08:00 it was Friday afternoon; files are waited for round the clock."""
    first = Allowance(delivery=timedelta(minutes=30), first_status=timedelta(hours=8))
    bounds = a_patience(systems={LAND: first, CIVIL_STATUS: Allowance(delivery=timedelta(hours=4))}).bounds(
        MONDAY_MORNING
    )
    assert bounds.late[CIVIL_STATUS] == datetime(2026, 2, 27, 7, 0, tzinfo=UTC)  # Friday 14:00 in Việt Nam
    assert bounds.late[LAND] == MONDAY_MORNING - timedelta(minutes=30)
    assert bounds.silent == {LAND: datetime(2026, 2, 27, 1, 0, tzinfo=UTC)}
    assert bounds.files == MONDAY_MORNING - timedelta(hours=1)


@pytest.mark.parametrize("matter", Matter)
def test_every_matter_says_what_happened_and_what_to_do(matter: Matter):
    """In both languages, from the one catalogue."""
    for cause in (entry(matter).cause, entry(matter, UNREAD, system=OPERATORS).cause, entry(matter, GONE).cause):
        assert CATALOGUE[f"matter.{matter}"].vi
        assert CATALOGUE[f"step.{cause.step}"].en


@pytest.mark.parametrize("why", [Why.QUARANTINED, Why.DAMAGED])
def test_what_is_held_for_no_answer_of_its_system_says_what_to_do_about_it(why: Why):
    """Nobody at the partner knows why a process died, or what a disk has lost."""
    assert CATALOGUE[f"step.{entry(Matter.HELD, why).cause.step}"] is not CATALOGUE["step.held"]


@pytest.mark.parametrize("why", [UNREAD, GONE])
def test_what_is_late_for_no_fault_of_a_line_says_what_to_do_about_it(why: str):
    """Who reads a feed, or has no file any more, is not called: its line is not what must be looked at."""
    assert entry(Matter.LATE, why).cause.step == why
    assert entry(Matter.LATE, Why.TIMEOUT).cause.step == "late"


@pytest.mark.parametrize("why", [Why.REDIRECTED, Why.CLIENT_ERROR, Why.REPLY_UNREADABLE])
def test_a_system_that_answers_in_vain_is_no_matter_of_the_line(why: Why):
    """It goes on by itself only once somebody has corrected an address, a rule, or the system."""
    assert entry(Matter.FAILING, why).cause.step == "answers"
    assert entry(Matter.FAILING, Why.TIMEOUT).cause.step == "failing"
    assert CATALOGUE["step.answers"].vi


def test_an_episode_begins_once_and_ends_after_the_calm():
    now = MONDAY_MORNING
    (episode,) = turned([], [entry(Matter.DEAD, number=2)], now, calm=CALM).opened
    (kept,) = turned([episode], [entry(Matter.DEAD, number=7)], now + MINUTE, calm=CALM).kept
    assert (kept.opened_at, kept.peak) == (now, 7)
    assert turned([kept], [entry(Matter.DEAD, number=3)], now + 2 * MINUTE, calm=CALM) == Turned()
    (gone,) = turned([kept], [], now + 3 * MINUTE, calm=CALM).kept
    assert turned([gone], [], now + 12 * MINUTE, calm=CALM) == Turned()
    assert turned([gone], [], now + 13 * MINUTE, calm=CALM).resolved == (gone,)


def test_one_that_comes_back_has_never_ended():
    episode = Episode(cause=entry(Matter.DEAD).cause, opened_at=MONDAY_MORNING, peak=1, gone_at=MONDAY_MORNING)
    found = turned([episode], [entry(Matter.DEAD)], MONDAY_MORNING + 60 * MINUTE, calm=CALM)
    assert (found.opened, found.resolved) == ((), ())
    assert found.kept[0].gone_at is None
