"""Trace context as W3C writes it."""

import pytest

from gateway.observability.trace import id_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GOOD = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize("header", [GOOD, f" {GOOD} ", GOOD[:-2] + "ff"])
def test_reads_the_trace_of_a_valid_header(header: str):
    assert id_of([header]) == TRACE


@pytest.mark.parametrize(
    "header",
    [
        "",
        GOOD.upper(),
        GOOD + "-more",
        GOOD.replace("00-4", "ff-4"),
        "00-" + "0" * 32 + GOOD[35:],
        GOOD[:36] + "0" * 16 + "-01",
        GOOD[:-1],
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
    ],
)
def test_an_invalid_header_begins_a_new_trace(header: str):
    assert id_of([header]) is None


def test_repeated_headers_are_not_believed():
    assert id_of([GOOD, GOOD]) is None
    assert id_of([]) is None


def test_a_later_version_is_read_as_far_as_we_know_it():
    assert id_of(["cc" + GOOD[2:] + "-what-comes-later"]) == TRACE
