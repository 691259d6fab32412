"""What one version would send beside another: verdicts, places, and shapes in place of values."""

import string

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.reason import Reason, Why
from gateway.core.whatif import BYTES, Verdict, changes_of, masked, shown, verdict_of

GAP = Reason(Why.CANNOT_RENDER, "lv: missing")
ONE = ({"ten": "Lò Văn Mẫu", "ma": "H01", BYTES: "a"},)


def test_a_message_is_sent_as_before_otherwise_or_not_at_all():
    """What neither can write tells nothing of the change."""
    other = ({**ONE[0], "ma": "H02", BYTES: "b"},)
    assert verdict_of(ONE, ONE) is Verdict.SAME
    assert verdict_of(ONE, other) is Verdict.DIFFERS
    assert verdict_of(ONE, GAP) is Verdict.BREAKS
    assert verdict_of(GAP, ONE) is Verdict.MENDS
    assert verdict_of(GAP, GAP) is Verdict.NEITHER


def test_what_differs_is_named_by_its_place_and_its_call():
    """A field that only one side sends stands alone; the second call's places say so."""
    new = ({"ten": "Lò Văn Mẫu", "lv": "12", BYTES: "b"}, {"ma": "H01", BYTES: "c"})
    found = {one.path: (one.old, one.new) for one in changes_of(ONE, new)}
    assert found == {"lv": (None, "12"), "ma": ("H01", None), "(2) ma": (None, "H01")}


def test_what_differs_in_no_field_still_differs():
    """1 and "1" read alike, and a partner may mind."""
    new = ({**ONE[0], BYTES: "b"},)
    assert verdict_of(ONE, new) is Verdict.DIFFERS
    assert [one.path for one in changes_of(ONE, new)] == [BYTES]


def test_a_shape_says_how_a_value_is_written():
    assert masked("Lò Văn Mẫu, 014000000001") == "Xx Xxx Xxx, 999999999999"
    assert masked("o\u0302\u0323") == "x"
    assert masked(None) is None
    assert len(masked("x" * 1000) or "") == 200
    assert shown("x" * 1000) == "x" * 200 + "…"
    assert shown("ngắn") == "ngắn"


@given(st.text())
def test_nothing_of_a_value_is_in_its_shape(text: str):
    """G9: no letter and no digit of whatever script, but those that stand for all."""
    shape = masked(text) or ""
    assert {letter for letter in shape if letter.isalnum()} <= set("Xx9")
    assert set(shape) <= set(text) - set(string.ascii_letters + string.digits) | set("Xx9")
