"""How a system's file says when it may be called, how fast, and when no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.config.calendar import Hours, Weekday, disorder, hours_of
from gateway.config.durations import Lasting, as_timedelta
from gateway.core.breaker import BreakerPolicy
from gateway.core.calendar import Calendar
from gateway.core.rate import Rate
from gateway.core.window import Window

RateText = Annotated[str, Meta(pattern=r"^([1-9]\d{0,5}/(s|m|h|d))?\Z", description="10/s, 60/m, 1000/h, 5000/d")]

_PERIODS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def as_rate(text: str, burst: int) -> Rate | None:
    """Return the rate of a ``RateText``; None where it is empty."""
    match = re.fullmatch(r"(\d+)/(\w)", text)
    if match is None:
        return None
    return Rate(calls=int(match[1]), period=timedelta(**{_PERIODS[match[2]]: 1}), burst=burst)


class _Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a system's file: unknown keys are errors."""


class BreakerConfig(_Table, frozen=True):
    """``[breaker]``: when a system is left alone, and when it is tried again."""

    failures: Annotated[int, Meta(ge=1, le=1000)] = 5
    lanes: Annotated[int, Meta(ge=2, le=1000)] = 3
    sample: Annotated[int, Meta(ge=4, le=1000)] = 20
    ratio: Annotated[float, Meta(gt=0, le=1)] = 0.5
    refusals: Annotated[int, Meta(ge=0, le=1000)] = 10
    first_open: Lasting = "10s"
    longest_open: Lasting = "5m"

    def policy(self) -> BreakerPolicy:
        """Return the core's value."""
        return BreakerPolicy(
            failures=self.failures,
            lanes=self.lanes,
            sample=self.sample,
            ratio=self.ratio,
            first_open=as_timedelta(self.first_open),
            longest_open=as_timedelta(self.longest_open),
        )


class ProbeConfig(_Table, frozen=True):
    """``[probe]``: a call without an effect that tells whether a system answers again."""

    method: Literal["HEAD", "GET", "OPTIONS", "none"] = "HEAD"
    path: str = ""


class WindowConfig(_Table, frozen=True):
    """``[window]``: the hours in which a system takes calls, in Asia/Ho_Chi_Minh."""

    open: Literal["always", "working_hours", "hours"] = "always"
    days: tuple[Weekday, ...] = ()
    hours: tuple[Hours, ...] = ()
    holidays: Literal["open", "closed"] = "open"

    def window(self, calendar: Calendar) -> Window:
        """Return the core's value; only of a table without problems."""
        if self.open == "always":
            return Window()
        if self.open == "working_hours":
            return Window(hours=calendar)
        is_closed = self.holidays == "closed"
        return Window(
            hours=hours_of(
                self.days,
                self.hours,
                holidays=calendar.holidays if is_closed else frozenset(),
                moved=calendar.moved if is_closed else frozenset(),
            )
        )

    def problems(self, calendar: Calendar, exchange: timedelta) -> Iterator[tuple[str, str, str]]:
        """Return (key, what is wrong, what to do): hours that overlap, that nobody reads, or too short for one call."""
        if self.open != "hours":
            if self.days or self.hours:
                yield "open", f"is {self.open!r}, so days and hours say nothing", 'write open = "hours"'
            return
        if not self.hours:
            yield "hours", "are missing", 'write hours = ["19:00-24:00"]'
            return
        wrong = next(disorder(self.hours), None)
        if wrong:
            yield "hours", wrong, "write the stretches in order; for a night, write two: to 24:00, and from 00:00"
            return
        hours = self.window(calendar).hours
        if hours is not None and max(shift.length for shift in hours.shifts) <= exchange:
            text = f"are no longer than one exchange may take ({exchange.total_seconds():g}s): nothing could be sent"
            yield "hours", text, "open for longer, or lower timeouts.total"
