"""Reading on: the next question and the next bookmark, whatever the partner's way."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.asking import OpenDossier
from gateway.core.ids import DossierId
from gateway.ports.adapter import NoAnswer
from gateway.sdk.formats import DateFormat
from gateway.sdk.paces import ByCursor, ByDossier, ByTime, Told
from gateway.sdk.source import Reference

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
ROOTS = frozenset({"body", "last"})


def told(*items, **body) -> Told:
    return Told(body=body, items=items)


def by_cursor(place: str, more: str = "", first: str = "") -> ByCursor:
    return ByCursor(
        next=Reference.parse(place, ROOTS), more=Reference.parse(more, ROOTS) if more else None, first=first
    )


def by_time(**changes) -> ByTime:
    settings = {"begin": BEGIN, "step": timedelta(days=1), "lag": timedelta(hours=1), "overlap": timedelta(0)}
    return ByTime(**{"format": None, **settings, **changes})


def test_a_cursor_of_the_answer_is_followed_until_it_says_no_more():
    pace = by_cursor("body.next", "body.more", first="0")
    assert pace.ask("", 10, (), NOW).facts == {"cursor": "0", "size": 10}
    asked = pace.ask("7", 10, (), NOW)
    assert pace.after(asked, told({}, next=9, more=True), 10, NOW) == ("9", True)
    assert pace.after(asked, told({}, next="9", more="false"), 10, NOW) == ("9", False)
    assert pace.after(asked, told({}), 10, NOW) == ("7", False)


def test_the_last_item_may_be_the_cursor_and_a_full_page_says_that_there_is_more():
    pace = by_cursor("last.id")
    asked = pace.ask("7", 2, (), NOW)
    assert pace.after(asked, told({"id": 8}, {"id": 9}), 2, NOW) == ("9", True)
    assert pace.after(asked, told({"id": 8}), 2, NOW) == ("8", False)
    assert pace.after(asked, told(), 2, NOW) == ("7", False)


def test_a_cursor_without_end_is_no_answer():
    pace = by_cursor("body.next")
    with pytest.raises(NoAnswer):
        pace.after(pace.ask("", 2, (), NOW), told(next="x" * 1001), 2, NOW)


def test_stretches_follow_each_other_without_a_gap_and_stop_where_the_partner_may_still_write():
    """G2: from the beginning to an hour ago; each stretch begins where the one before has ended."""
    pace, cursor, seen = by_time(), "", []
    for _ in range(10):
        asked = pace.ask(cursor, 2, (), NOW)
        if asked.empty:
            break
        seen.append((asked.facts["from"], asked.facts["to"]))
        cursor, more = pace.after(asked, told({}), 2, NOW)
    assert seen == [
        ("2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00+00:00"),
        ("2026-03-03T00:00:00+00:00", "2026-03-04T00:00:00+00:00"),
        ("2026-03-04T00:00:00+00:00", "2026-03-04T11:00:00+00:00"),
    ]
    assert (cursor, more) == ("2026-03-04T11:00:00+00:00", False)
    assert pace.ask(cursor, 2, (), NOW + timedelta(minutes=5)).facts["to"] == "2026-03-04T11:05:00+00:00"


def test_the_pages_of_a_stretch_keep_its_end_though_time_goes_on():
    """What is written meanwhile moves no page."""
    pace = by_time(step=timedelta(days=9))
    asked = pace.ask("", 2, (), NOW)
    cursor, more = pace.after(asked, told({}, {}), 2, NOW)
    later = pace.ask(cursor, 2, (), NOW + timedelta(hours=3))
    assert (more, later.facts["to"], later.facts["page"], later.facts["offset"]) == (True, asked.facts["to"], 2, 2)
    assert later.midway
    assert pace.ask(cursor, 1, (), NOW).facts["page"] == 3
    end, more = pace.after(later, told({}), 2, NOW + timedelta(hours=3))
    assert (end, more) == (asked.facts["to"], True)


def test_an_overlap_reads_the_end_of_the_last_stretch_again_in_the_partners_own_time():
    pace = by_time(overlap=timedelta(hours=2), format=DateFormat.parse("yyyyMMddHHmmss"))
    asked = pace.ask("2026-03-03T00:00:00+00:00", 2, (), NOW)
    assert (asked.facts["from"], asked.facts["to"]) == ("20260303050000", "20260304070000")


def test_a_bookmark_of_another_pace_is_no_time():
    """Somebody has changed the file: it is told, and nothing is guessed."""
    with pytest.raises(NoAnswer):
        by_time().ask("abc", 2, (), NOW)


def test_dossiers_have_their_turn_round_and_round():
    """Those that the partner does not know by a code are passed over, until they are known."""
    pace = ByDossier(procedures=frozenset({"1.000001"}), scheme="receipt")
    opened = [OpenDossier(id=DossierId(f"d-{n}"), codes={"receipt": f"B-{n}"} if n else {}) for n in range(3)]
    asked = pace.ask("", 3, opened, NOW)
    assert asked.facts == {"codes": ["B-1", "B-2"], "code": "B-1"}
    assert pace.after(asked, told(), 3, NOW) == ("d-2", True)
    assert pace.after(pace.ask("d-2", 3, opened[:1], NOW), told(), 3, NOW) == ("", False)
    assert pace.ask("", 1, opened[:1], NOW).empty
    assert pace.turn(3).limit == 3


def test_a_partner_may_say_whether_more_of_a_stretch_waits():
    """G2: a full page is the last where it says so; fewer items than were asked for, and more behind, are no answer."""
    pace = by_time(more=Reference.parse("body.more", ROOTS))
    asked = pace.ask("", 2, (), NOW)
    cursor, more = pace.after(asked, told({}, {}, more=True), 2, NOW)
    assert (pace.ask(cursor, 2, (), NOW).facts["page"], more) == (2, True)
    ended, _ = pace.after(asked, told({}, {}, more=False), 2, NOW)
    assert pace.ask(ended, 2, (), NOW).facts["from"] == asked.facts["to"]
    with pytest.raises(NoAnswer, match="reply_unmatched"):
        pace.after(asked, told({}, more=True), 2, NOW)


@pytest.mark.parametrize("word", [{}, {"more": None}, {"more": "có"}])
def test_where_a_partner_does_not_say_whether_more_waits_a_full_page_does(word):
    """G2: a place that is misspelt, or left out by the partner, passes over nothing behind the first page."""
    pace = by_time(more=Reference.parse("body.more", ROOTS))
    asked = pace.ask("", 2, (), NOW)
    cursor, more = pace.after(asked, told({}, {}, **word), 2, NOW)
    assert (pace.ask(cursor, 2, (), NOW).facts["page"], more) == (2, True)
    ended, _ = pace.after(asked, told({}, **word), 2, NOW)
    assert pace.ask(ended, 2, (), NOW).facts["from"] == asked.facts["to"]


@pytest.mark.parametrize("truth", [True, "True", " TRUE ", 1, "1"])
def test_a_truth_is_read_as_systems_write_it(truth):
    """``True`` is what .NET and Python make of one."""
    by_stretch = by_time(more=Reference.parse("body.more", ROOTS))
    assert by_stretch.after(by_stretch.ask("", 1, (), NOW), told({}, more=truth), 1, NOW)[1]
    pace = by_cursor("body.next", "body.more")
    assert pace.after(pace.ask("", 9, (), NOW), told({}, next="9", more=truth), 9, NOW) == ("9", True)


def test_pages_that_were_counted_by_another_size_are_read_again_from_where_one_begins():
    """G2: after a restart the size is the largest again, then one that is too large halves it: none is skipped."""
    pace, read = by_time(), set[int]()
    cursor = pace.after(pace.ask("", 50, (), NOW), told(*range(50)), 50, NOW)[0]
    for size in (100, 50, 50):
        asked = pace.ask(cursor, size, (), NOW)
        page, offset = asked.facts["page"], asked.facts["offset"]
        assert offset == (page - 1) * size
        read |= set(range(offset, offset + size))
        cursor = pace.after(asked, told(*range(size)), size, NOW)[0]
    assert read == set(range(200))
