"""Two documents compared by meaning: places that differ, never by letter."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.ids import DeliveryId
from gateway.core.shadowing import Likeness, Line, Rehearsal, compared, differences, leaves

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)


def line(body: bytes) -> Line:
    return Line(number=7, at=AT, code="H01-1", body=body)


def ours(*bodies: bytes) -> list[Rehearsal]:
    return [Rehearsal(delivery=DeliveryId(f"d{number}"), body=body) for number, body in enumerate(bodies)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a": 1, "b": "x"}', b'{"b": "x", "a": "1"}'),
        (b'{"a": true, "b": null}', b'{"a": "true", "c": ""}'),
        (b'{"at": "2026-11-24T17:00:00+07:00"}', b'{"at": "20261124170000"}'),
        (b'{"at": "24/11/2026 17:00:00"}', b'{"at": "2026-11-24T10:00:00Z"}'),
        (b'{"data": {"a": [1, 2]}}', b'{"data": "{\\"a\\": [\\"1\\", 2.0]}"}'),
        ('{"ten": "Hồ"}'.encode(), '{"ten": "Hô\u0300"}'.encode()),
        (b"<a/>", b" <a/>\n"),
    ],
)
def test_what_means_the_same_is_the_same(one: bytes, other: bytes):
    assert differences(leaves(one), leaves(other)) == ()


@pytest.mark.parametrize(
    ("one", "other", "paths"),
    [
        (b'{"a": {"b": [1, 2]}}', b'{"a": {"b": [1, 3]}}', ("$.a.b[1]",)),
        (b'{"a": 1}', b'{"b": 1}', ("$.a", "$.b")),
        (b'{"a": "0101"}', b'{"a": "101"}', ("$.a",)),
        (b"<a/>", b"<b/>", ("$",)),
        (b"{" * 100_000, b"{}", ("$",)),
    ],
)
def test_what_differs_is_named_by_its_place(one: bytes, other: bytes, paths: tuple[str, ...]):
    assert differences(leaves(one), leaves(other)) == paths


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" + b"[]," * 250_000 + b"[]]", id="crowded"),
        pytest.param(b'{"' + b"k" * 20_000 + b'": [' + b"0," * 1_000 + b"0]}", id="a long name before each value"),
    ],
)
def test_a_document_of_more_values_than_are_compared_is_one_text(body: bytes):
    """G6: every place repeats the names above it: 250 KB of JSON would take gigabytes, whoever sent it."""
    assert list(leaves(body)) == ["$"]
    assert differences(leaves(body), leaves(body + b"\n")) == ()


def test_a_line_is_compared_with_the_rehearsal_that_is_most_like_it():
    found = compared(line(b'{"a": 1, "b": 2}'), ours(b"{}", b'{"a": 1, "b": 3}'), delivered_at=None)
    assert (found.likeness, found.delivery, found.paths) == (Likeness.DIFFERENT, "d1", ("$.b",))
    assert compared(line(b"{}"), ours(b"{}"), delivered_at=None).likeness is Likeness.SAME
    assert compared(line(b"{}"), [], delivered_at=None).likeness is Likeness.ONLY_THEIRS


def test_what_was_rehearsed_and_not_kept_is_not_the_way_before_s_alone():
    """A dossier with files is no reason to look for one that the gateway would forget."""
    unkept = [Rehearsal(delivery=DeliveryId(name), body=None) for name in ("d0", "d1")]
    first = compared(line(b"{}"), unkept, delivered_at=None)
    assert (first.likeness, first.delivery) == (Likeness.NOT_KEPT, "d0")
    assert compared(line(b"{}"), unkept, delivered_at=None, taken={DeliveryId("d0")}).delivery == "d1"
    assert compared(line(b"{}"), [*unkept, *ours(b"{}")], delivered_at=None).likeness is Likeness.SAME


def test_what_was_delivered_before_the_line_is_sent_twice():
    """G4: somebody must end the way before; what it had sent earlier is no double."""
    for at, likeness in ((AT, Likeness.DOUBLE), (AT + timedelta(seconds=1), Likeness.SAME)):
        assert compared(line(b"{}"), ours(b"{}"), delivered_at=at).likeness is likeness


def test_of_equals_a_line_takes_one_that_no_other_line_took():
    """Two rehearsals that say the same are two: a second line is the second one's."""
    both = ours(b"{}", b"{}")
    assert compared(line(b"{}"), both, delivered_at=None).delivery == "d0"
    assert compared(line(b"{}"), both, delivered_at=None, taken={DeliveryId("d0")}).delivery == "d1"


def test_a_time_that_stands_for_none_is_compared_like_any_other():
    """So .NET and many databases write it; in another zone it would leave the calendar."""
    none = [f'{{"a": "{text}"}}'.encode() for text in ("0001-01-01T00:00:00", "01/01/0001", "00010101000000")]
    assert [differences(leaves(none[0]), leaves(one)) for one in none] == [(), (), ()]
    assert differences(leaves(none[0]), leaves(b'{"a": "0002-01-01T00:00:00"}')) == ("$.a",)


def test_a_time_that_leaves_the_calendar_is_the_text_that_it_is():
    assert leaves(b'{"a": "9999-12-31T23:59:59-05:00"}') == {"$.a": "9999-12-31T23:59:59-05:00"}
