"""What a correction changes."""

import time

import msgspec
import pytest

from gateway.ops.editing import Change, changes


def test_numbers_that_are_hard_to_round_hold_no_comparison_up():
    """G6: data of a system's own kind is carried as it is, and compared to be shown and to be proposed."""
    many = [8.98846567431158e307] * 200_000
    old, new = (msgspec.json.encode({"data": {"a": many, "b": said}}) for said in ("x", "y"))
    began = time.process_time()
    assert list(changes(old, new)) == [Change("data.b", "x", "y")]
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        ({"a": 1, "b": 2}, {"c": 3, "a": 1}, [("c", None, 3), ("b", 2, None)]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [("a.c", 2, 3)]),
        ({"a": {"b": 1}}, {"a": 1}, [("a", {"b": 1}, 1)]),
        ({"a": 1}, {"a": {"b": 1}}, [("a", 1, {"b": 1})]),
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, [("a[1]", 2, 3), ("a[2]", None, 4)]),
        ({"a": [1, 2]}, {"a": [1]}, [("a[1]", 2, None)]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [("a[0].b", 1, 2)]),
        ({"a": [1]}, {"a": 1}, [("a", [1], 1)]),
        ({"a": 1}, {"a": [1]}, [("a", 1, [1])]),
        ({"a": [0] * 600}, {"a": [1] * 600}, [(f"a[{place}]", 0, 1) for place in range(500)]),
    ],
)
def test_a_correction_is_shown_place_by_place(old: object, new: object, found: list[tuple[str, object, object]]):
    """In the order of the new document; what is only in the old one comes last."""
    shown = changes(msgspec.json.encode(old), msgspec.json.encode(new))
    assert [(change.path, change.was, change.now) for change in shown] == found
