"""What a correction changes."""

import time

import msgspec

from gateway.ops.editing import Change, changes


def test_numbers_that_are_hard_to_round_hold_no_comparison_up():
    """G6: data of a system's own kind is carried as it is, and compared to be shown and to be proposed."""
    many = [8.98846567431158e307] * 200_000
    old, new = (msgspec.json.encode({"data": {"a": many, "b": said}}) for said in ("x", "y"))
    began = time.process_time()
    assert list(changes(old, new)) == [Change("data.b", "x", "y")]
    assert time.process_time() - began < 2
