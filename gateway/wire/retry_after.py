"""Retry-After (RFC 9110 section 10.2.3): seconds, or a date in one of its three forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

LONGEST = timedelta(hours=24)

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = "(?P<month>" + "|".join(_MONTHS) + ")"
_TIME = r"(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
_FORMS = (
    re.compile(rf"[A-Z][a-z]{{2}}, (?P<day>\d{{2}}) {_MONTH} (?P<year>\d{{4}}) {_TIME} GMT", re.ASCII),
    re.compile(rf"[A-Z][a-z]{{5,8}}, (?P<day>\d{{2}})-{_MONTH}-(?P<year>\d{{2}}) {_TIME} GMT", re.ASCII),
    re.compile(rf"[A-Z][a-z]{{2}} {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})", re.ASCII),
)
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)
_LEAP_SECOND = 60
_TWO_DIGITS = 100
_AHEAD = 50  # RFC 9110 section 5.6.7: a two-digit year further ahead than this lies in the past


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the peer asks us to wait, clamped to 0..24 h; None where it asks for nothing we can read.

    ``now`` is aware. The header's name is found whatever its case.
    """
    value = next((text.strip() for name, text in headers.items() if name.lower() == "retry-after"), "")
    if _SECONDS.fullmatch(value):
        return min(timedelta(seconds=int(value)), LONGEST)
    moment = _http_date(value, now)
    return None if moment is None else min(max(moment - now, timedelta()), LONGEST)


def _http_date(value: str, now: datetime) -> datetime | None:
    found = next((match for form in _FORMS if (match := form.fullmatch(value))), None)
    if found is None:
        return None
    part = found.groupdict()
    second = int(part["second"])
    try:
        moment = datetime(
            _full_year(part["year"], now),
            _MONTHS.index(part["month"]) + 1,
            int(part["day"]),
            int(part["hour"]),
            int(part["minute"]),
            second - 1 if second == _LEAP_SECOND else second,
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return moment


def _full_year(digits: str, now: datetime) -> int:
    year = int(digits)
    if year >= _TWO_DIGITS:
        return year
    year += now.year - now.year % _TWO_DIGITS
    return year - _TWO_DIGITS if year > now.year + _AHEAD else year
