"""Working time, whatever the holidays: what was added is measured again, and no answer lies on a day off."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.calendar import ZONE, Calendar, Shift

DAYS = st.dates(date(2025, 6, 1), date(2028, 6, 1))
MOMENTS = st.datetimes(datetime(2025, 6, 1), datetime(2028, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
AMOUNTS = st.timedeltas(timedelta(days=-60), timedelta(days=60))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    edges = sorted(draw(st.sets(st.integers(0, 24 * 60), min_size=2, max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return Calendar(
        shifts=tuple(Shift(opens=timedelta(minutes=a), closes=timedelta(minutes=b)) for a, b in pairs),
        weekdays=draw(st.frozensets(st.integers(0, 6), min_size=1)),
        holidays=draw(st.frozensets(DAYS, max_size=40)),
        moved=draw(st.frozensets(DAYS, max_size=10)),
    )


def lies_within_hours(calendar: Calendar, moment: datetime) -> bool:
    """The moment of closing, which may be midnight, included."""
    around = (moment, moment - timedelta(microseconds=1))
    return any(
        opens <= moment <= closes for one in around for opens, closes in calendar.hours_of(one.astimezone(ZONE).date())
    )


@given(calendars(), MOMENTS, AMOUNTS)
def test_what_is_added_is_measured_again(calendar, moment, amount):
    assert calendar.time_between(moment, calendar.add_time(moment, amount)) == amount


@given(calendars(), MOMENTS, AMOUNTS)
def test_no_result_lies_outside_working_hours(calendar, moment, amount):
    assert lies_within_hours(calendar, calendar.add_time(moment, amount))


@given(calendars(), DAYS, st.integers(-300, 300))
def test_days_added_are_counted_again_and_end_on_a_working_day(calendar, day, count):
    start = calendar.add_days(day, 0)
    end = calendar.add_days(start, count)
    assert calendar.is_working_day(end)
    assert calendar.days_between(start, end) == count


@given(calendars(), DAYS, DAYS)
def test_counting_agrees_with_walking_along_the_days(calendar, first, last):
    first, last = sorted((first, last))
    walked = sum(calendar.is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert calendar.days_between(first, last) == walked


@given(calendars(), MOMENTS, MOMENTS, MOMENTS)
def test_measuring_adds_up_and_never_runs_backwards(calendar, one, two, three):
    first, second, third = sorted((one, two, three))
    whole = calendar.time_between(first, third)
    assert calendar.time_between(first, second) + calendar.time_between(second, third) == whole
    assert timedelta(0) <= whole <= third - first


@given(calendars(), MOMENTS)
def test_nothing_is_worked_before_the_next_opening(calendar, moment):
    opening = calendar.next_opening(moment)
    assert opening >= moment
    assert calendar.is_open(opening)
    assert calendar.time_between(moment, opening) == timedelta(0)
    assert calendar.next_closing(moment) > opening
