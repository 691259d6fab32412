"""When the machine started tells whether its clock was set."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.boot import Boot, step

START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [-86_400, -1, 1, 86_400])
def test_a_start_that_has_moved_is_a_clock_that_was_set(seconds: float):
    by = timedelta(seconds=seconds)
    assert step(Boot("a", START), Boot("a", START + by)) == by


@pytest.mark.parametrize("seconds", [-0.2, 0, 0.2])
def test_a_slewed_clock_is_not_set(seconds: float):
    assert not step(Boot("a", START), Boot("a", START + timedelta(seconds=seconds)))


def test_of_another_start_nothing_is_known():
    assert not step(Boot("a", START), Boot("b", START + timedelta(days=1)))


def test_tells_the_time_by_the_clock_of_then():
    assert Boot("a", START).now(90.0) == START + timedelta(seconds=90)
