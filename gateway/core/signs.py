"""What one exchange says about the system as a whole."""

from __future__ import annotations

from enum import Enum, auto
from typing import assert_never

from gateway.core.outcome import (
    Absent,
    Ambiguous,
    Blame,
    Delivered,
    Rejected,
    Result,
    Retryable,
    Shadowed,
    Unknown,
)
from gateway.core.reason import Why

#: Our own doing: the system was not asked, or not about this.
_OURS = frozenset(
    {
        Why.BYTES_DIFFER,
        Why.CANNOT_RENDER,
        Why.FILE_MISSING,
        Why.LOOKUP_MISSING,
        Why.NO_OPERATION,
        Why.SHADOW,
        Why.VERSION_LOST,
    }
)


class Sign(Enum):
    """What is learnt."""

    ANSWERED = auto()  #: it was there, whatever it said
    FAILED = auto()  #: it was not, or nobody knows
    NOTHING = auto()


def sign_of(result: Result) -> Sign:
    """Return what a result says about its system. A request to come again blames the system."""
    match result:
        case Delivered() | Absent():
            return Sign.ANSWERED
        case Shadowed():
            return Sign.NOTHING
        case Rejected():
            return _unless_ours(result.reason.code, Sign.ANSWERED)
        case Retryable():
            is_ours = result.blame is Blame.MESSAGE
            return _unless_ours(result.reason.code, Sign.ANSWERED if is_ours else Sign.FAILED)
        case Unknown():
            is_working = result.reason.code is Why.LOOKUP_UNCLEAR
            return _unless_ours(result.reason.code, Sign.ANSWERED if is_working else Sign.FAILED)
        case Ambiguous():
            return Sign.FAILED
        case _:
            assert_never(result)


def _unless_ours(code: Why, sign: Sign) -> Sign:
    return Sign.NOTHING if code in _OURS else sign
