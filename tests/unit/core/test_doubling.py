"""Who else sends: what the system itself shows of it."""

from datetime import UTC, datetime, timedelta

from gateway.core.delivery import Attempt, Step
from gateway.core.doubling import Sign, Try, sign_of
from gateway.core.ids import DeliveryId, MessageId
from gateway.core.reason import Reason, Why

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
TOOK = timedelta(seconds=2)


def a_try(outcome: str = "delivered", why: Why | None = None, at: datetime = AT) -> Try:
    attempt = Attempt(
        delivery_id=DeliveryId("d-1"),
        message_id=MessageId("m-1"),
        step=Step.SEND,
        outcome=outcome,
        reason=Reason(why) if why else None,
        duration=TOOK,
        config="c",
    )
    return Try(at=at, attempt=attempt)


def test_a_system_that_has_it_before_our_first_try_had_it_from_others():
    """Held, refused or sent as an update afterwards: the try itself is the sign."""
    for outcome in ("rejected", "retryable"):
        assert sign_of([a_try(outcome, Why.ALREADY_EXISTS), a_try(at=AT + TOOK)], []) == (Sign.HAD, AT)


def test_what_arrived_through_us_alone_shows_nobody_else():
    """A lost reply that turns out to have arrived is no sign; a refusal for another reason is none."""
    assert sign_of([a_try("ambiguous", Why.RESET), a_try(at=AT + TOOK)], [AT + TOOK]) is None
    assert sign_of([a_try("rejected", Why.REFUSED_BY_PARTNER)], []) is None


def test_a_word_about_it_before_our_first_try_began_shows_somebody_else():
    """A call-back may come while our own try is under way: that one is an answer to us."""
    began = AT - TOOK
    assert sign_of([a_try()], [began]) is None
    assert sign_of([a_try()], [began - TOOK, AT]) == (Sign.SPOKEN, began - TOOK)


def test_what_was_only_rehearsed_was_not_sent_by_us():
    """Before the cut-over everything is sent by the way before, as it should be."""
    assert sign_of([a_try("shadowed")], [AT - timedelta(days=1)]) is None
    assert sign_of([], [AT]) is None
