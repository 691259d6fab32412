"""``calendar.toml``: when people work. The file is the truth; each year's official decision moves days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.core.calendar import Calendar, Shift
from gateway.core.errors import Problem

FILE = "calendar.toml"

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Hours = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)\Z")]

_HOURS = '["07:30-11:30", "13:30-17:30"]'

_WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NOVEMBER = 11


class _Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file: unknown keys are errors."""


class YearConfig(_Table, frozen=True):
    """``[year.2026]``: what one year's decision says."""

    decision: str = ""  #: number and date of the official decision; empty while the days are only proposed
    holidays: tuple[date, ...] = ()
    moved: tuple[date, ...] = ()  #: days off by their weekday that are worked in exchange


class CalendarConfig(_Table, frozen=True):
    """``calendar.toml`` as written."""

    working_days: Annotated[tuple[Weekday, ...], Meta(min_length=1)] = _WEEKDAYS[:5]
    hours: Annotated[tuple[Hours, ...], Meta(min_length=1, description=_HOURS)] = ("07:30-11:30", "13:30-17:30")
    year: dict[str, YearConfig] = {}

    def problems(self) -> Iterator[Problem]:
        """Return what its values do not say of themselves: hours that overlap, days in another year's table."""
        for wrong in disorder(self.hours):
            yield _problem("hours", wrong, f"write the stretches in order: {_HOURS}")
        for name, year in self.year.items():
            if not re.fullmatch(r"\d{4}", name):
                yield _problem(f"year.{name}", "is no year", "write [year.2026]")
                continue
            for key, days in (("holidays", year.holidays), ("moved", year.moved)):
                yield from _misplaced(f"year.{name}.{key}", int(name), days)
            yield from self._contradictions(name, year)

    def _contradictions(self, name: str, year: YearConfig) -> Iterator[Problem]:
        for day in sorted(set(year.moved) & set(year.holidays)):
            yield _problem(f"year.{name}.moved", f"{day} is a holiday as well", "keep one of the two")
        for day in year.moved:
            if _WEEKDAYS[day.weekday()] in self.working_days:
                yield _problem(
                    f"year.{name}.moved", f"{day} is worked anyway", "name days that are off by their weekday"
                )

    def calendar(self) -> Calendar:
        """Return the core's value; only of a file without problems."""
        years = self.year.values()
        return hours_of(
            self.working_days,
            self.hours,
            holidays=frozenset(day for year in years for day in year.holidays),
            moved=frozenset(day for year in years for day in year.moved),
            years=frozenset(int(name) for name in self.year),
        )


def warnings(calendar: Calendar, today: date) -> tuple[Problem, ...]:
    """Say which year must be filled in: this one always, the next from November on, when its decision is out."""
    needed = (today.year, today.year + 1) if today.month >= _NOVEMBER else (today.year,)
    return tuple(
        _problem(
            f"year.{year}",
            "is missing: only the weekdays are known of it, every holiday would count as a working day",
            f"print a proposal with `check --propose {year}`, compare it with the official decision, and add it",
        )
        for year in needed
        if year not in calendar.years
    )


def disorder(hours: tuple[Hours, ...]) -> Iterator[str]:
    """Return which stretches overlap, or end before they begin."""
    closed = timedelta(0)
    for text in hours:
        shift = _shift(text)
        if shift.closes <= shift.opens or shift.opens < closed:
            yield f"{text!r} ends before it begins, or begins before what stands before it has ended"
        closed = shift.closes


def hours_of(
    days: tuple[Weekday, ...],
    hours: tuple[Hours, ...],
    *,
    holidays: frozenset[date],
    moved: frozenset[date],
    years: frozenset[int] = frozenset(),
) -> Calendar:
    """Return hours that repeat on these days of the week, every day where none is named."""
    return Calendar(
        shifts=tuple(_shift(text) for text in hours),
        weekdays=frozenset(_WEEKDAYS.index(day) for day in days or _WEEKDAYS),
        holidays=holidays,
        moved=moved,
        years=years,
    )


def _shift(text: str) -> Shift:
    opens, closes = (_clock(part) for part in text.split("-"))
    return Shift(opens=opens, closes=closes)


def _clock(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _misplaced(key: str, year: int, days: tuple[date, ...]) -> Iterator[Problem]:
    for day in days:
        if day.year != year:
            yield _problem(key, f"{day} is not in {year}", f"move it to [year.{day.year}]")


def _problem(key: str, text: str, remedy: str) -> Problem:
    return Problem(file=FILE, key=key, text=text, remedy=remedy)
