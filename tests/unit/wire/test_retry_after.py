"""How long a peer asks us to wait."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.wire.retry_after import retry_after

NOW = datetime(1994, 11, 6, 8, 49, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "30",
        " 30 ",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ],
)
def test_reads_seconds_and_the_three_dates(value):
    """RFC 9110 section 5.6.7: one preferred and two obsolete forms."""
    assert retry_after({"retry-AFTER": value}, NOW) == timedelta(seconds=30)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-5",
        "1.5",
        "٣٠",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994",
    ],
)
def test_takes_a_bad_value_for_none(value):
    """What cannot be read asks for nothing."""
    assert retry_after({"Retry-After": value}, NOW) is None


def test_is_none_without_the_header():
    """No header, no wish."""
    assert retry_after({}, NOW) is None


def test_stays_between_zero_and_a_day():
    """A date in the past means now; nobody stops us for longer than a day."""
    assert retry_after({"Retry-After": "Sun, 06 Nov 1994 08:00:00 GMT"}, NOW) == timedelta()
    assert retry_after({"Retry-After": "999999999999"}, NOW) == timedelta(hours=24)
    assert retry_after({"Retry-After": "Sun, 06 Nov 2094 08:00:00 GMT"}, NOW) == timedelta(hours=24)


def test_a_two_digit_year_far_ahead_lies_in_the_past():
    """RFC 9110: more than fifty years ahead is the last century's."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after({"Retry-After": "Sunday, 06-Nov-94 08:49:37 GMT"}, now) == timedelta()
