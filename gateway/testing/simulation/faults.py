"""What can go wrong, by name, and what each must have met before a run of many seeds proves anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum


class Fault(StrEnum):
    """How one exchange with a partner goes."""

    ANSWERS = "answers"  #: all is well
    SLOW = "slow"  #: all is well, after a long while
    CONNECTION_REFUSED = "connection_refused"
    TIMEOUT_BEFORE = "timeout_before_commit"  #: swallowed, and never answered
    TIMEOUT_AFTER = "timeout_after_commit"
    LATE_COMMIT = "late_commit"  #: committed long after we have hung up
    REPLY_DROPPED = "reply_dropped"
    HALF_BODY = "half_body"
    GARBAGE = "garbage"
    PROXY_PAGE = "html_from_a_proxy"
    SERVER_ERROR = "server_error"
    ERROR_IN_200 = "200_with_an_error"
    THROTTLED = "throttled"  #: 429 with Retry-After
    UNAVAILABLE = "unavailable"  #: 503 with Retry-After
    UNAUTHORISED = "unauthorised"  #: 401
    CLIENT_ERROR = "client_error"  #: a 4xx that no rule names
    REFUSAL = "refusal"  #: a 4xx that a rule names
    BUG = "adapter_bug"  #: our own adapter raises, after the partner has committed


class Rehearsal(StrEnum):
    """How one rehearsal in shadow mode goes: whatever it comes to, nothing leaves."""

    SHOWN = "rehearsed"  #: what would be sent is shown
    SLOW = "rehearsed_slowly"
    UNRENDERABLE = "rehearsal_refused"  #: the mapping lacks something
    FILE_AWAY = "rehearsal_without_its_file"
    BUG = "rehearsal_bug"  #: our own adapter raises
    DEADLY = "rehearsal_kills"  #: our own process does not survive it


class Trouble(StrEnum):
    """What happens to the gateway itself, and to what is said to it."""

    STORE_BEFORE = "store_raises_before_commit"
    STORE_AFTER = "store_raises_after_commit"
    STORE_STALLS = "store_stalls_past_a_lease"
    STORE_FULL = "store_full"
    DEATH = "process_dies"
    ORDERLY_END = "process_ends_in_order"
    FREEZE = "process_frozen"
    CLOCK_FORWARD = "clock_jumps_forward"
    CLOCK_BACK = "clock_jumps_back"
    OUTAGE = "partner_down"
    SAID_TWICE = "said_twice"
    SAID_OUT_OF_ORDER = "said_out_of_order"
    PERSON_DECIDES = "person_decides"
    PERSON_PAUSES = "person_pauses_a_system"
    CONFIGURED = "configuration_changes"  #: the mode of a system or a route, a rate, seats, patience


#: How often each exchange goes so while chaos reigns; what is left over answers.
WEIGHTS: Mapping[Fault, float] = {
    Fault.SLOW: 0.05,
    Fault.CONNECTION_REFUSED: 0.04,
    Fault.TIMEOUT_BEFORE: 0.05,
    Fault.TIMEOUT_AFTER: 0.04,
    Fault.LATE_COMMIT: 0.04,
    Fault.REPLY_DROPPED: 0.03,
    Fault.HALF_BODY: 0.03,
    Fault.GARBAGE: 0.03,
    Fault.PROXY_PAGE: 0.03,
    Fault.SERVER_ERROR: 0.03,
    Fault.ERROR_IN_200: 0.03,
    Fault.THROTTLED: 0.03,
    Fault.UNAVAILABLE: 0.03,
    Fault.UNAUTHORISED: 0.03,
    Fault.CLIENT_ERROR: 0.03,
    Fault.BUG: 0.03,
}

#: The same of rehearsals. What cannot be rendered, or kills, does so whenever it is tried.
REHEARSALS: Mapping[Rehearsal, float] = {
    Rehearsal.SLOW: 0.2,
    Rehearsal.FILE_AWAY: 0.1,
    Rehearsal.BUG: 0.05,
}

#: Why something is held of which nothing leaves any more.
DARK = ("shadow", "quarantined")
#: How a gate stands, beside open, before whom it lets be called.
GATES = ("breaker_half_open", "breaker_closed_slowly", "rate_limited")
#: How often each cell below must be met in a thorough run.
OFTEN = 50
_AMBIGUOUS = (
    Fault.TIMEOUT_BEFORE,
    Fault.TIMEOUT_AFTER,
    Fault.LATE_COMMIT,
    Fault.REPLY_DROPPED,
    Fault.HALF_BODY,
    Fault.GARBAGE,
    Fault.PROXY_PAGE,
    Fault.SERVER_ERROR,
    Fault.BUG,
)
_RETRYABLE = (
    Fault.CONNECTION_REFUSED,
    Fault.ERROR_IN_200,
    Fault.THROTTLED,
    Fault.UNAVAILABLE,
    Fault.UNAUTHORISED,
    Fault.CLIENT_ERROR,
)
_OPEN = ("waiting", "delayed", "ready", "leased", "held", "dead")


def required() -> Iterator[tuple[str, str]]:
    """Yield each fault with each outcome and state that it can meet."""
    for fault in _AMBIGUOUS:
        yield from ((fault, what) for what in ("ambiguous", "delayed", "held"))
    for fault in _RETRYABLE:
        yield from ((fault, what) for what in ("retryable", "delayed"))
    yield from ((Fault.REFUSAL, what) for what in ("rejected", "dead"))
    yield from ((Fault.SLOW, what) for what in ("delivered",))
    yield from ((Fault.ANSWERS, what) for what in ("delivered", "absent", "ready"))
    yield from ((how, what) for how in (Rehearsal.SHOWN, Rehearsal.SLOW) for what in ("shadowed", "cancelled"))
    yield from ((how, what) for how in (Rehearsal.FILE_AWAY, Rehearsal.BUG) for what in ("retryable", "delayed"))
    yield from ((Rehearsal.UNRENDERABLE, what) for what in ("rejected", "dead"))
    yield from ((why, "held") for why in DARK)
    yield from ((trouble, state) for trouble in Trouble for state in _OPEN)
    yield from ((gate, "called") for gate in GATES)
