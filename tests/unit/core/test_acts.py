"""Nobody acts without saying who and why."""

import pytest

from gateway.core.acts import LONGEST_REASON, BadReason, By
from gateway.core.message import Actor, ActorKind

LAN = Actor(kind=ActorKind.OPERATOR, name="Lan")


@pytest.mark.parametrize("words", ["", "   ", "x" * (LONGEST_REASON + 1), "a\x00b", "a\x1b[2J", "\ud800"])
def test_an_act_needs_a_reason_that_can_be_shown(words: str) -> None:
    """Missing, too long, or with characters that a terminal would obey."""
    with pytest.raises(BadReason):
        By(actor=LAN, reason=words)


def test_a_reason_is_kept_composed_and_trimmed_and_never_printed() -> None:
    """G9: it may hold personal data."""
    by = By(actor=LAN, reason="  bô\u0323 đã nhận,\ntheo công văn 12 ")
    assert by.reason == "bộ đã nhận,\ntheo công văn 12"
    assert "công văn" not in repr(by)
