"""The tables of README and docs are those of the kept results; what could not be measured is said."""

import pytest

from bench.lines import MEASURES, line, median, ratio, unmeasured
from bench.results import Results, kept, long, pages, short


def a_run(*lines):
    return Results(on="2026-03-02", machine="2 cores", requests=10, rounds=3, lines=lines)


@pytest.mark.parametrize("path", pages(kept()), ids=lambda path: path.name)
def test_a_page_tells_the_kept_results(path):
    """Run ``python -m bench --tables`` where this fails."""
    assert path.read_text("utf-8") == pages(kept())[path]


def test_the_kept_results_are_of_measures_that_there_are():
    assert {line.name for line in kept().lines if line.is_measured} <= MEASURES.keys()


def test_a_line_is_judged_by_its_goal():
    assert str(ratio("durable_intake", [(8, 10), (9, 10), (7, 10)])) == (
        "durable_intake 0.8 >=0.8 ratio 0.7..0.9 (8/s of 10/s)"
    )
    assert str(median("log_event", [12.0])) == "log_event 12 <=10 us 12..12   BELOW GOAL"
    assert line("whole_path_bare", 0.1, "1 run").holds


def test_what_was_not_measured_fails_and_is_said():
    found = unmeasured("beside_celery", "no network")
    assert not found.holds
    assert "not measured: no network" in str(found)
    assert "| ≥ 8 **not measured** |" in short(a_run(found))
    assert "not measured: no network" in long(a_run(found))


def test_what_is_below_is_marked_and_what_has_no_goal_is_told_in_the_long_table_only():
    below, told = line("whole_path", 0.4, "0.3..0.5"), line("whole_path_bare", 0.1, "0.1..0.1")
    assert "| **0.4** | ≥ 0.8, **missed** |" in short(a_run(below, told))
    assert "whole_path_bare" not in short(a_run(told))
    assert "| 0.1 | 0.1 to 0.1 |" in long(a_run(told))
