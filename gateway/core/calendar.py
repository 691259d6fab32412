"""Working days and working hours in Việt Nam: which days count, and how much working time lies between two moments.

All answers are exact, also across years, and cost the same however far the two moments lie apart: working days are
counted from a fixed day with arithmetic and two binary searches, never by walking along the days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
#: Of times that are written without a zone, whatever their year.
VIETNAM = timezone(timedelta(hours=7))
#: Years of the times that are taken: in no zone do they leave the calendar. Many databases write 0001 or 9999 for none.
FIRST_YEAR, LAST_YEAR = 1000, 9998

_WEEK = 7
_DAY = timedelta(days=1)
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One stretch of working hours, as time since local midnight; ``closes`` is no longer part of it."""

    opens: timedelta
    closes: timedelta

    @property
    def length(self) -> timedelta:
        """Return how long it is."""
        return self.closes - self.opens


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The working days and hours of one office; raises ValueError where it would never be open.

    A day counts where its weekday does and it is no holiday, and where it was moved to make up for one.
    """

    shifts: tuple[Shift, ...]  #: in order, none overlapping another
    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})  #: Monday is 0
    holidays: frozenset[date] = frozenset()
    moved: frozenset[date] = frozenset()  #: days worked though their weekday, or a holiday, says otherwise
    years: frozenset[int] = frozenset()  #: years whose holidays are known; of the others only the weekdays are
    _off: tuple[int, ...] = field(init=False, repr=False, compare=False)  #: ordinals taken from the weekdays
    _on: tuple[int, ...] = field(init=False, repr=False, compare=False)  #: ordinals added to them
    _length: timedelta = field(init=False, repr=False, compare=False)  #: of one working day

    def __post_init__(self) -> None:
        length = sum((shift.length for shift in self.shifts), _NO_TIME)
        if not self.weekdays or length <= _NO_TIME:
            raise ValueError("a calendar needs a working weekday and working hours")
        off = (day.toordinal() for day in self.holidays - self.moved if day.weekday() in self.weekdays)
        on = (day.toordinal() for day in self.moved if day.weekday() not in self.weekdays)
        object.__setattr__(self, "_off", tuple(sorted(off)))
        object.__setattr__(self, "_on", tuple(sorted(on)))
        object.__setattr__(self, "_length", length)

    @property
    def day_length(self) -> timedelta:
        """Return how long people work on one working day."""
        return self._length

    def is_working_day(self, day: date) -> bool:
        """Whether people work on this day."""
        return day in self.moved or (day.weekday() in self.weekdays and day not in self.holidays)

    def is_open(self, moment: datetime) -> bool:
        """Whether this moment is within working hours; the moment of closing is not."""
        return any(opens <= moment < closes for opens, closes in self.hours_of(_local(moment).date()))

    def hours_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Return when this day opens and closes, stretch by stretch; nothing on a day off."""
        if self.is_working_day(day):
            for shift in self.shifts:
                yield _moment(day, shift.opens), _moment(day, shift.closes)

    def next_opening(self, moment: datetime) -> datetime:
        """Return this moment where it is within working hours, else when they begin again."""
        day = _local(moment).date()
        today = (max(opens, moment) for opens, closes in self.hours_of(day) if moment < closes)
        found = next(today, None)
        return found.astimezone(UTC) if found else _moment(self.next_working_day(day), self.shifts[0].opens)

    def next_closing(self, moment: datetime) -> datetime:
        """Return when the working hours end that this moment is in, or that begin next after it."""
        opening = self.next_opening(moment)
        return next(closes for _, closes in self.hours_of(_local(opening).date()) if opening < closes)

    def next_working_day(self, day: date) -> date:
        """Return the first working day after this one."""
        return self._nth(self._before(day.toordinal() + 1))

    def add_days(self, day: date, count: int) -> date:
        """Return the working day so many working days after (or before) this one.

        Counted as offices do: the day itself is not counted; with 0 it is this day or the next working one.
        """
        if count > 0:
            return self._nth(self._before(day.toordinal() + 1) + count - 1)
        return self._nth(self._before(day.toordinal()) + count)

    def days_between(self, first: date, last: date) -> int:
        """Return how many working days follow ``first`` up to and with ``last``; negative where it lies before."""
        if last < first:
            return -self.days_between(last, first)
        return self._before(last.toordinal() + 1) - self._before(first.toordinal() + 1)

    def add_time(self, moment: datetime, amount: timedelta) -> datetime:
        """Return the moment at which so much working time has passed since this one (or was still to pass, if < 0).

        What ends with the day ends at its closing, not at the next opening. Measuring gives the amount again.
        """
        if not amount:
            return self.next_opening(moment)
        worked = self._worked(moment) + amount
        number, rest = divmod(worked, self._length)
        if amount > _NO_TIME and not rest:
            number, rest = number - 1, self._length
        return _moment(self._nth(number), self._clock(rest, is_end=amount > _NO_TIME))

    def time_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from one moment to another; negative where the second is the earlier."""
        return self._worked(end) - self._worked(start)

    def _worked(self, moment: datetime) -> timedelta:
        """Return the working time from the first day of all to this moment."""
        local = _local(moment)
        day, clock = local.date(), local.replace(tzinfo=None) - datetime.combine(local.date(), time())
        past = self._before(day.toordinal()) * self._length
        if not self.is_working_day(day):
            return past
        return past + sum((min(max(clock - shift.opens, _NO_TIME), shift.length) for shift in self.shifts), _NO_TIME)

    def _clock(self, worked: timedelta, *, is_end: bool) -> timedelta:
        """Return the time of day at which so much of a working day is over; between two shifts, by which side."""
        for shift in self.shifts:
            if worked < shift.length or (is_end and worked == shift.length):
                return shift.opens + worked
            worked -= shift.length
        return self.shifts[-1].closes

    def _before(self, ordinal: int) -> int:
        """Return how many working days lie before this one, counted from 1 January of the year 1, a Monday."""
        weeks, rest = divmod(ordinal - 1, _WEEK)
        usual = weeks * len(self.weekdays) + sum(1 for weekday in self.weekdays if weekday < rest)
        return usual - bisect_left(self._off, ordinal) + bisect_left(self._on, ordinal)

    def _nth(self, number: int) -> date:
        """Return the working day that has exactly so many before it."""
        days = range(1, date.max.toordinal() + 1)
        return date.fromordinal(bisect_left(days, number + 1, key=lambda ordinal: self._before(ordinal + 1)) + 1)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)


def _moment(day: date, clock: timedelta) -> datetime:
    """Return a local time of day as UTC; 24:00 is the next midnight."""
    days, rest = divmod(clock, _DAY)
    return (datetime.combine(day, time(), ZONE) + days * _DAY + rest).astimezone(UTC)
