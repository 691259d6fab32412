"""What one exchange says about its system, and whether it refuses everything."""

from dataclasses import replace

import pytest

from gateway.core.delivery import Step
from gateway.core.ids import DeliveryId, DossierId
from gateway.core.outcome import (
    Absent,
    Ambiguous,
    Blame,
    Delivered,
    Rejected,
    Retryable,
    Shadowed,
    Trace,
    Unknown,
)
from gateway.core.reason import Reason, Why
from gateway.core.refusals import NO_REFUSALS
from gateway.core.signs import Sign, sign_of
from gateway.testing.deliveries import a_delivery, a_message

REFUSED = Rejected(reason=Reason(Why.REFUSED_BY_PARTNER, "không tồn tại"))


@pytest.mark.parametrize(
    ("result", "sign"),
    [
        (Delivered(), Sign.ANSWERED),
        (Absent(), Sign.ANSWERED),
        (REFUSED, Sign.ANSWERED),
        (Rejected(reason=Reason(Why.CANNOT_RENDER)), Sign.NOTHING),
        (Retryable(reason=Reason(Why.CONNECTION_REFUSED)), Sign.FAILED),
        (Retryable(reason=Reason(Why.CREDENTIALS)), Sign.FAILED),
        (Retryable(reason=Reason(Why.RETRY_BY_PARTNER), blame=Blame.MESSAGE), Sign.ANSWERED),
        (Retryable(reason=Reason(Why.FILE_MISSING)), Sign.NOTHING),
        (Ambiguous(reason=Reason(Why.TIMEOUT)), Sign.FAILED),
        (Unknown(reason=Reason(Why.TIMEOUT)), Sign.FAILED),
        (Unknown(reason=Reason(Why.LOOKUP_UNCLEAR)), Sign.ANSWERED),
        (Unknown(reason=Reason(Why.LOOKUP_MISSING)), Sign.NOTHING),
        (Shadowed(), Sign.NOTHING),
    ],
)
def test_a_refusal_is_an_answer_and_what_is_our_own_says_nothing(result, sign):
    assert sign_of(result) is sign


def of_lane(number, **changes):
    message = replace(a_message(), dossier_id=DossierId(f"d-{number}"))
    return replace(a_delivery(message), id=DeliveryId(f"l-{number}"), **changes)


def after(*results):
    found = NO_REFUSALS
    for number, result in enumerate(results):
        found = found.after(of_lane(number), result)
    return list(found.deliveries.values())


def test_equal_refusals_of_different_dossiers_are_counted_until_one_is_taken():
    """A timeout between them changes nothing; another reason begins anew."""
    other = replace(REFUSED, trace=Trace(http_status=404))
    assert after(REFUSED, REFUSED, Ambiguous(reason=Reason(Why.TIMEOUT)), REFUSED) == ["l-0", "l-1", "l-3"]
    assert after(REFUSED, REFUSED, other) == ["l-2"]
    assert after(REFUSED, REFUSED, Delivered()) == []
    assert after(Rejected(reason=Reason(Why.CANNOT_RENDER))) == []


def test_one_dossier_that_is_refused_again_and_again_counts_once():
    """And a look-up that finds an old refusal is no new one."""
    found = NO_REFUSALS
    for _ in range(20):
        found = found.after(of_lane(1), REFUSED).after(of_lane(2, step=Step.LOOKUP), REFUSED)
    assert list(found.deliveries.values()) == ["l-1"]
