"""Trace context as W3C writes it."""

import pytest

from gateway.observability.trace import begin, parse

GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_reads_and_writes_a_valid_header():
    trace = parse([GOOD])
    assert trace is not None
    assert trace.header() == GOOD


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
    assert parse([header]) is None


def test_repeated_headers_are_not_believed():
    assert parse([GOOD, GOOD]) is None
    assert parse([]) is None


def test_a_later_version_is_read_as_far_as_we_know_it():
    trace = parse(["cc" + GOOD[2:] + "-what-comes-later"])
    assert trace is not None
    assert trace.header() == GOOD


def test_unknown_flags_are_not_passed_on():
    trace = parse([GOOD[:-2] + "ff"])
    assert trace is not None
    assert trace.flags == 0b11


def test_a_child_has_its_own_span_in_the_same_trace():
    root = begin("ab" * 16, "cd" * 16)
    child = root.child("ef" * 16)
    assert child.trace_id == root.trace_id
    assert child.span_id == "ef" * 8
    assert parse([child.header()]) == child
