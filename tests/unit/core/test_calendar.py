"""Working days and hours, on days whose answers are known."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from gateway.config.calendar import warnings
from gateway.config.loader import load
from gateway.config.proposal import propose
from gateway.core.calendar import ZONE, Calendar, Shift

HOUR = timedelta(hours=1)
CALENDAR = Calendar(
    shifts=(
        Shift(opens=timedelta(hours=7, minutes=30), closes=timedelta(hours=11, minutes=30)),
        Shift(opens=timedelta(hours=13, minutes=30), closes=timedelta(hours=17, minutes=30)),
    ),
    holidays=frozenset({date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 2), date(2027, 1, 1)}),
    moved=frozenset({date(2026, 8, 22)}),
    years=frozenset({2026}),
)


def at(day: str, clock: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), ZONE)


def test_a_moved_saturday_is_worked_and_its_monday_is_not():
    assert CALENDAR.is_working_day(date(2026, 8, 22))
    assert not CALENDAR.is_working_day(date(2026, 8, 29))
    assert not CALENDAR.is_working_day(date(2026, 8, 31))


def test_five_working_days_over_national_day():
    """27 August is a Thursday: Friday, then the break from Saturday to Wednesday, then Thursday and on."""
    assert CALENDAR.add_days(date(2026, 8, 27), 5) == date(2026, 9, 8)
    assert CALENDAR.days_between(date(2026, 8, 27), date(2026, 9, 8)) == 5
    assert CALENDAR.add_days(date(2026, 9, 8), -5) == date(2026, 8, 27)


def test_no_days_from_a_holiday_is_the_next_working_day():
    assert CALENDAR.add_days(date(2026, 8, 31), 0) == date(2026, 9, 3)


def test_a_year_ends_within_a_term():
    assert CALENDAR.add_days(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert CALENDAR.add_time(at("2026-12-31", "16:30"), 2 * HOUR) == at("2027-01-04", "08:30")


def test_four_working_hours_over_noon_and_night():
    assert CALENDAR.add_time(at("2026-08-27", "10:30"), 4 * HOUR) == at("2026-08-27", "16:30")
    assert CALENDAR.add_time(at("2026-08-28", "16:00"), 4 * HOUR) == at("2026-09-03", "10:00")


def test_what_ends_with_the_day_ends_at_its_closing():
    assert CALENDAR.add_time(at("2026-08-28", "13:30"), 4 * HOUR) == at("2026-08-28", "17:30")
    assert CALENDAR.add_time(at("2026-09-03", "11:30"), -4 * HOUR) == at("2026-09-03", "07:30")


def test_what_comes_at_night_counts_from_the_morning():
    assert CALENDAR.add_time(at("2026-08-28", "22:00"), HOUR) == at("2026-09-03", "08:30")
    assert CALENDAR.time_between(at("2026-08-28", "17:30"), at("2026-09-03", "07:30")) == timedelta(0)


@pytest.mark.parametrize(
    ("moment", "opening", "closing"),
    [
        (("2026-08-28", "09:00"), ("2026-08-28", "09:00"), ("2026-08-28", "11:30")),
        (("2026-08-28", "11:30"), ("2026-08-28", "13:30"), ("2026-08-28", "17:30")),
        (("2026-08-28", "17:30"), ("2026-09-03", "07:30"), ("2026-09-03", "11:30")),
        (("2026-08-28", "00:10"), ("2026-08-28", "07:30"), ("2026-08-28", "11:30")),
    ],
)
def test_the_next_opening_and_closing(moment, opening, closing):
    assert CALENDAR.next_opening(at(*moment)) == at(*opening)
    assert CALENDAR.next_closing(at(*moment)) == at(*closing)
    assert CALENDAR.is_open(at(*moment)) is (moment == opening)


def test_answers_are_in_utc():
    assert CALENDAR.next_opening(at("2026-08-28", "00:10")).tzinfo is UTC


def test_a_day_may_be_open_until_midnight():
    whole = Calendar(shifts=(Shift(opens=timedelta(0), closes=timedelta(hours=24)),), weekdays=frozenset(range(7)))
    assert whole.is_open(at("2026-08-30", "23:59"))
    assert whole.add_time(at("2026-08-30", "12:00"), 24 * HOUR) == at("2026-08-31", "12:00")
    assert whole.add_time(at("2026-08-30", "12:00"), 12 * HOUR) == at("2026-08-31", "00:00")


def test_a_far_away_day_costs_no_more():
    """A due date of a hostile sender is measured at once, not day by day."""
    assert CALENDAR.time_between(at("2026-08-28", "09:00"), at("9999-12-31", "09:00")) > timedelta(days=600_000)


@pytest.mark.parametrize("wrong", [{"shifts": ()}, {"weekdays": frozenset()}])
def test_an_office_that_never_opens_is_refused(wrong):
    with pytest.raises(ValueError, match="needs a working weekday"):
        Calendar(**({"shifts": CALENDAR.shifts} | wrong))


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 10, 31), ()),
        (date(2026, 11, 1), ("year.2027",)),
        (date(2026, 12, 31), ("year.2027",)),
        (date(2027, 1, 1), ("year.2027",)),
    ],
)
def test_warns_of_a_missing_year_from_november_on(today, missing):
    found = warnings(CALENDAR, today)
    assert tuple(problem.key for problem in found) == missing
    assert all("check --propose 2027" in problem.remedy for problem in found)


def test_what_is_proposed_can_be_added_as_it_is(tmp_path: Path):
    (tmp_path / "calendar.toml").write_text(propose(2026), encoding="utf-8")
    (tmp_path / "systems").mkdir()
    for name, text in (
        ("gateway.toml", ""),
        ("routes.toml", ""),
        ("systems/portal.toml", 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n'),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    calendar = load(tmp_path).calendar
    assert calendar.years == {2026}
    assert not calendar.is_working_day(date(2026, 2, 17))
    assert calendar.is_working_day(date(2026, 8, 22))
