"""What becomes of a delivery after an attempt: all outcomes, promises, windows and expiries."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.delivery import MOVES, DoubtMark, State, Step
from gateway.core.doubt import Declarations, Declared, Doubt
from gateway.core.outcome import Absent, Ambiguous, Blame, Delivered, Rejected, Retryable, Shadowed, Unknown
from gateway.core.policy import LONGEST_RETRY_AFTER, RetryPolicy, back_off, before_attempt, decide
from gateway.core.reason import Reason, Why
from gateway.testing.deliveries import a_delivery

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER, EARLIER = NOW + HOUR, NOW - HOUR
WHY = Reason(Why.SERVER_ERROR)

RESEND = Declared(doubt=Doubt.RESEND)
WINDOW = Declared(doubt=Doubt.RESEND, dedup_window=HOUR)
WINDOW_THEN_LOOKUP = Declared(doubt=Doubt.RESEND, dedup_window=HOUR, after_window=Doubt.LOOKUP)
LOOKUP = Declared(doubt=Doubt.LOOKUP, quiet=timedelta(minutes=10))
HOLD = Declared()

FRESH = a_delivery(attempts=0, tries=0, due_at=NOW)
OLD_DOUBT = {"in_doubt_since": NOW - 2 * HOUR, "closed_at": NOW - HOUR}
NEW_DOUBT = {"in_doubt_since": NOW - timedelta(minutes=1), "closed_at": NOW - timedelta(minutes=1)}
AMBIGUOUS = Ambiguous(reason=WHY)
SYSTEM, MESSAGE = Retryable(reason=WHY), Retryable(reason=WHY, blame=Blame.MESSAGE)


def decided(result, declared=HOLD, jitter=0.0, **delivery):
    policy = RetryPolicy(declared=declared)
    return decide(result, a_delivery(due_at=NOW, **delivery), policy, NOW, jitter=jitter)


@pytest.mark.parametrize(
    ("result", "declared", "delivery", "to", "step", "doubt"),
    [
        (Delivered(), HOLD, {}, State.DELIVERED, Step.SEND, DoubtMark.CLEAR),
        (Delivered(), LOOKUP, {"step": Step.LOOKUP, **NEW_DOUBT}, State.DELIVERED, Step.SEND, DoubtMark.CLEAR),
        (Shadowed(), HOLD, {}, State.CANCELLED, Step.SEND, DoubtMark.KEEP),
        (Shadowed(), RESEND, NEW_DOUBT, State.HELD, Step.SEND, DoubtMark.KEEP),
        (SYSTEM, HOLD, {}, State.DELAYED, Step.SEND, DoubtMark.KEEP),
        (SYSTEM, HOLD, {"attempts": 99, "tries": 99}, State.DELAYED, Step.SEND, DoubtMark.KEEP),
        (SYSTEM, HOLD, {"expires_at": LATER}, State.DELAYED, Step.SEND, DoubtMark.KEEP),
        (SYSTEM, HOLD, {"expires_at": NOW}, State.DEAD, Step.SEND, DoubtMark.KEEP),
        (SYSTEM, RESEND, {"expires_at": EARLIER, **NEW_DOUBT}, State.HELD, Step.SEND, DoubtMark.KEEP),
        (MESSAGE, HOLD, {"attempts": 6}, State.DELAYED, Step.SEND, DoubtMark.KEEP),
        (MESSAGE, HOLD, {"attempts": 7}, State.DEAD, Step.SEND, DoubtMark.KEEP),
        (MESSAGE, RESEND, {"attempts": 7, **NEW_DOUBT}, State.HELD, Step.SEND, DoubtMark.KEEP),
        (Rejected(reason=WHY), HOLD, {}, State.DEAD, Step.SEND, DoubtMark.KEEP),
        (Rejected(reason=WHY, holds=True), RESEND, {}, State.HELD, Step.SEND, DoubtMark.KEEP),
        (Rejected(reason=WHY), RESEND, NEW_DOUBT, State.HELD, Step.SEND, DoubtMark.KEEP),
        (Rejected(reason=WHY), LOOKUP, {"step": Step.LOOKUP, **NEW_DOUBT}, State.DEAD, Step.SEND, DoubtMark.CLEAR),
        (AMBIGUOUS, HOLD, {}, State.HELD, Step.SEND, DoubtMark.SET),
        (AMBIGUOUS, RESEND, {}, State.DELAYED, Step.SEND, DoubtMark.SET),
        (AMBIGUOUS, LOOKUP, {}, State.DELAYED, Step.LOOKUP, DoubtMark.SET),
        (AMBIGUOUS, WINDOW, {}, State.DELAYED, Step.SEND, DoubtMark.SET),
        (AMBIGUOUS, WINDOW, NEW_DOUBT, State.DELAYED, Step.SEND, DoubtMark.SET),
        (AMBIGUOUS, WINDOW, OLD_DOUBT, State.HELD, Step.SEND, DoubtMark.SET),
        (AMBIGUOUS, WINDOW_THEN_LOOKUP, OLD_DOUBT, State.DELAYED, Step.LOOKUP, DoubtMark.SET),
        (AMBIGUOUS, RESEND, {"expires_at": EARLIER}, State.DELAYED, Step.SEND, DoubtMark.SET),
        (Absent(), LOOKUP, {"step": Step.LOOKUP, **OLD_DOUBT}, State.READY, Step.SEND, DoubtMark.CLEAR),
        (Absent(), LOOKUP, {"step": Step.LOOKUP, **NEW_DOUBT}, State.DELAYED, Step.LOOKUP, DoubtMark.KEEP),
        (Unknown(reason=WHY), LOOKUP, {"step": Step.LOOKUP, **OLD_DOUBT}, State.DELAYED, Step.LOOKUP, DoubtMark.KEEP),
        (
            Unknown(reason=Reason(Why.LOOKUP_MISSING)),
            LOOKUP,
            {"step": Step.LOOKUP, **OLD_DOUBT},
            State.HELD,
            Step.LOOKUP,
            DoubtMark.KEEP,
        ),
    ],
)
def test_decides_by_outcome_promise_and_time(result, declared, delivery, to, step, doubt):
    """G4: the whole table of design section 5."""
    found = decided(result, declared, **delivery)
    assert (found.to, found.step, found.doubt) == (to, step, doubt)


def test_waits_for_the_quiet_time_before_the_first_lookup():
    """G4: a request may still be on its way; what is sent again needs to wait for nothing."""
    assert decided(AMBIGUOUS, LOOKUP).wait == timedelta(minutes=10)
    assert decided(AMBIGUOUS, replace(RESEND, quiet=timedelta(minutes=10))).wait == timedelta(seconds=5)


def test_sets_a_delivery_aside_whose_workers_die():
    """Three workers are enough."""
    lost = Ambiguous(reason=Reason(Why.WORKER_LOST))
    assert decided(lost, RESEND, reclaims=2).to is State.DELAYED
    found = decided(lost, RESEND, reclaims=3)
    assert found.to is State.HELD
    assert found.reason == Reason(Why.QUARANTINED)
    assert decided(AMBIGUOUS, RESEND, reclaims=3).to is State.DELAYED  # this one lived to tell


@pytest.mark.parametrize("result", [Rejected(reason=WHY), SYSTEM])
def test_a_rehearsal_that_could_not_be_shown_ends_as_an_attempt_would(result):
    """G2: that nothing could be made of it is what a rehearsal is for; only a doubt from before is a person's."""
    rehearsal = decide(result, FRESH, RetryPolicy(), NOW, jitter=0.0, rehearsed=True)
    assert rehearsal == decided(result, attempts=0, tries=0)


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        (timedelta(minutes=3), timedelta(minutes=3)),
        (timedelta(days=9), LONGEST_RETRY_AFTER),
        (timedelta(0), timedelta(seconds=5)),
        (-HOUR, timedelta(seconds=5)),
    ],
)
def test_honours_retry_after_within_reason(asked, waited):
    """Not sooner than our own first wait, not later than a day."""
    assert decided(Retryable(reason=WHY, retry_after=asked), tries=5).wait == waited


def test_back_off_doubles_and_ends():
    """5, 10, 20 seconds, …, a quarter of an hour; jitter takes up to half."""
    policy = RetryPolicy()
    assert [back_off(policy, tries, 0).total_seconds() for tries in (1, 2, 3, 4, 99)] == [5, 10, 20, 40, 900]
    assert back_off(policy, 2, 0.5).total_seconds() == 7.5


@pytest.mark.parametrize(
    ("declared", "delivery", "to"),
    [
        (HOLD, {}, None),
        (HOLD, {"expires_at": LATER}, None),
        (HOLD, {"expires_at": NOW}, State.DEAD),
        (RESEND, {"expires_at": EARLIER, **NEW_DOUBT}, None),
        (RESEND, OLD_DOUBT, None),
        (WINDOW, NEW_DOUBT, None),
        (WINDOW, OLD_DOUBT, State.HELD),
        (WINDOW_THEN_LOOKUP, OLD_DOUBT, State.DELAYED),
        (LOOKUP, NEW_DOUBT, State.DELAYED),
        (HOLD, NEW_DOUBT, State.HELD),
        (HOLD, {"step": Step.LOOKUP, **OLD_DOUBT}, None),
    ],
)
def test_forbids_an_attempt_that_time_has_overtaken(declared, delivery, to):
    """G4: a window may have closed, a promise may have been withdrawn, a dossier may have expired."""
    found = before_attempt(a_delivery(**delivery), RetryPolicy(declared=declared), NOW)
    assert (found.to if found else None) == to


def test_the_longest_pattern_declares():
    """A kind, its family, everything, in this order."""
    declarations = Declarations(by_kind={"*": LOOKUP, "dossier.*": RESEND, "dossier.amended": WINDOW})
    assert declarations.of("dossier.amended") is WINDOW
    assert declarations.of("dossier.submitted") is RESEND
    assert declarations.of("fee.paid") is LOOKUP
    assert Declarations().of("fee.paid").doubt is Doubt.HOLD


REASONS = st.builds(Reason, st.sampled_from(Why))
WAITS = st.none() | st.timedeltas(min_value=timedelta(days=-9), max_value=timedelta(days=99))
RESULTS = st.one_of(
    st.builds(Delivered),
    st.builds(Retryable, reason=REASONS, blame=st.sampled_from(Blame), retry_after=WAITS),
    st.builds(Rejected, reason=REASONS),
    st.builds(Ambiguous, reason=REASONS),
    st.builds(Absent),
    st.builds(Unknown, reason=REASONS, retry_after=WAITS),
    st.builds(Shadowed),
)
MOMENTS = st.none() | st.timedeltas(min_value=timedelta(days=-9), max_value=timedelta(days=9)).map(lambda d: NOW + d)
DELIVERIES = st.builds(
    a_delivery,
    step=st.sampled_from(Step),
    in_doubt_since=MOMENTS,
    closed_at=MOMENTS,
    expires_at=MOMENTS,
    attempts=st.integers(0, 20),
    tries=st.integers(0, 10**6),
    reclaims=st.integers(0, 5),
)
POLICIES = st.builds(
    RetryPolicy,
    first_wait=st.timedeltas(min_value=timedelta(0), max_value=HOUR),
    factor=st.floats(1, 10),
    longest_wait=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=1)),
    max_attempts=st.integers(1, 100),
    declared=st.builds(
        Declared,
        doubt=st.sampled_from(Doubt),
        dedup_window=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30)),
        quiet=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=1)),
        after_window=st.sampled_from((Doubt.LOOKUP, Doubt.HOLD)),
    ),
    exchange=st.timedeltas(min_value=timedelta(0), max_value=HOUR),
)
JITTERS = st.floats(0, 1, exclude_max=True)


@given(RESULTS, DELIVERIES, POLICIES, JITTERS)
def test_every_result_leads_somewhere_allowed(result, delivery, policy, jitter):
    """G2: the decision is total, and its move is one that there is."""
    found = decide(result, delivery, policy, NOW, jitter=jitter)
    assert found.to in MOVES[State.LEASED]
    assert timedelta(0) <= found.wait <= timedelta(hours=24)


@given(RESULTS, DELIVERIES, POLICIES, JITTERS)
def test_doubt_ends_only_by_a_final_finding(result, delivery, policy, jitter):
    """G4: in doubt nothing dies, is cancelled or forgets its doubt, unless the partner's answer is final."""
    found = decide(result, delivery, policy, NOW, jitter=jitter)
    in_doubt = delivery.in_doubt_since is not None
    is_final = isinstance(result, Delivered | Absent) or (isinstance(result, Rejected) and delivery.step is Step.LOOKUP)
    if in_doubt and not is_final:
        assert found.to not in {State.DEAD, State.CANCELLED, State.DELIVERED}
        assert found.doubt is not DoubtMark.CLEAR


@given(RESULTS, DELIVERIES, POLICIES, JITTERS)
def test_a_rehearsal_says_nothing_of_what_is_in_doubt(result, delivery, policy, jitter):
    """G4: whatever it comes to, and whichever step was due, a person decides about what may have left before."""
    found = decide(result, delivery, policy, NOW, jitter=jitter, rehearsed=True)
    if delivery.in_doubt_since is not None:
        assert (found.to, found.doubt, found.reason) == (State.HELD, DoubtMark.KEEP, Reason(Why.SHADOW))


@given(RESULTS, DELIVERIES, POLICIES, JITTERS)
def test_only_delivered_is_delivered(result, delivery, policy, jitter):
    """G5: no other value ends as delivered."""
    found = decide(result, delivery, policy, NOW, jitter=jitter)
    assert (found.to is State.DELIVERED) == isinstance(result, Delivered)


@given(DELIVERIES, POLICIES, JITTERS, REASONS, WAITS)
def test_a_systems_fault_consumes_no_attempt(delivery, policy, jitter, reason, wait):
    """A ministry that is down for a week kills no dossier that does not expire."""
    result = Retryable(reason=reason, retry_after=wait)
    found = decide(result, delivery, policy, NOW, jitter=jitter)
    assert not found.consumes
    if delivery.expires_at is None:
        assert found.to is State.DELAYED


@given(DELIVERIES, POLICIES)
def test_nothing_in_doubt_is_sent_without_a_promise(delivery, policy):
    """G4: only a partner that deduplicates now is sent a second request."""
    allowed = before_attempt(delivery, policy, NOW) is None
    if allowed and delivery.step is Step.SEND and delivery.in_doubt_since is not None:
        declared = policy.declared
        assert declared.doubt is Doubt.RESEND
        latest = NOW + policy.exchange
        assert declared.dedup_window is None or latest - delivery.in_doubt_since < declared.dedup_window


@pytest.mark.parametrize(("left", "way"), [(36, None), (32, State.HELD), (20, State.HELD), (0, State.HELD)])
def test_a_resend_must_end_inside_the_window(left, way):
    """G4: what leaves just before the window's end may arrive one time limit later, on another clock."""
    policy = RetryPolicy(declared=WINDOW, exchange=timedelta(seconds=30))
    doubtful = a_delivery(in_doubt_since=NOW - HOUR + timedelta(seconds=left))
    found = before_attempt(doubtful, policy, NOW)
    assert (found.to if found else None) is way


def test_the_declaration_of_the_longest_family_counts():
    """`x.*` stands for `x.tax.opened`, too."""
    declared = Declarations(by_kind={"*": HOLD, "x.*": RESEND, "x.tax.*": LOOKUP})
    assert [declared.of(kind) for kind in ("x.tax.opened", "x.land.opened", "fee.paid")] == [LOOKUP, RESEND, HOLD]


@given(POLICIES, st.integers(0, 10**9), JITTERS)
def test_back_off_stays_within_its_bounds(policy, tries, jitter):
    """However often, however unlucky."""
    assert timedelta(0) <= back_off(policy, tries, jitter) <= policy.longest_wait


def test_where_all_is_refused_a_person_decides():
    """G2: no message is to blame; what a look-up finds refused is final all the same."""
    policy = RetryPolicy(refuses_all=True)
    refused = Rejected(reason=Reason(Why.REFUSED_BY_PARTNER))
    assert decide(refused, FRESH, policy, NOW, jitter=0.0).to is State.HELD
    looked = a_delivery(step=Step.LOOKUP, **OLD_DOUBT)
    assert decide(refused, looked, policy, NOW, jitter=0.0).to is State.DEAD


@pytest.mark.parametrize("declared", [HOLD, RESEND])
@pytest.mark.parametrize(("before", "told"), [(Why.RESTORED, Why.RESTORED), (Why.TIMEOUT, Why.LOOKUP_UNCLEAR)])
def test_a_no_is_final_only_where_look_ups_are_declared(declared, before, told):
    """G4: once a database was put back, or a declaration taken back, nobody promises that such an answer is true."""
    absent = decided(Absent(), declared, step=Step.LOOKUP, reason=Reason(before), **OLD_DOUBT)
    assert (absent.to, absent.doubt, absent.reason) == (State.HELD, DoubtMark.KEEP, Reason(told))
