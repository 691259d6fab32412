"""What a replay may release, when it stops by itself, and why something is left out: every case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.acts import By
from gateway.core.delivery import State
from gateway.core.ids import OPERATORS, KeyId, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.proposals import ALONE, UNNAMED, may_be_same, needs_two
from gateway.core.reason import Why
from gateway.core.replay import (
    OPEN_RUNS,
    RUN_MOVES,
    Choice,
    ItemState,
    Left,
    NothingChosen,
    Run,
    RunClosed,
    RunId,
    RunPlan,
    RunState,
    Standing,
    Steering,
    Tally,
    due,
    end_of,
    left,
    moved,
    order,
    room,
    steered,
)

NOW = datetime(2026, 11, 25, 1, tzinfo=UTC)
BY = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan"), reason="Bộ đã sửa")


def a_run(**changes) -> Run:
    return Run(**{"id": RunId("r"), "by": BY, "made_at": NOW, "words": {}, "plan": RunPlan(), **changes})


def standing(state: State = State.DEAD, **changes) -> Standing:
    given = {"in_doubt": False, "destination": SystemId("land"), "reason": Why.TIMEOUT, "stopped_at": NOW}
    return Standing(state=state, **{**given, **changes})


@pytest.mark.parametrize(
    ("released", "sent", "expected"),
    [(0, 0, 1), (1, 1, 0), (1, 0, 5), (3, 2, 3), (6, 0, 20), (6, 1, 0), (26, 0, 60), (126, 0, 60)],
)
def test_steps_grow_and_wait_for_each_other(released, sent, expected):
    """1-5-20-100: within a step it goes on, over its end only when all have ended; never above the rate."""
    assert room(a_run(released=released), Tally(chosen=1000, sent=sent), 0) == expected


@given(
    steps=st.lists(st.integers(1, 50), min_size=1, max_size=5),
    rate=st.integers(1, 100),
    ends=st.lists(st.booleans(), max_size=60),
    chosen=st.integers(0, 300),
)
def test_whatever_happens_no_step_and_no_rate_is_overrun(steps, rate, ends, chosen):
    """Released in one minute: at most the rate; at once on their way: at most the step."""
    plan = RunPlan(steps=tuple(steps), rate=rate)
    released = sent = lately = 0
    for ends_one in ends:
        more = room(a_run(plan=plan, released=released), Tally(chosen=chosen - released, sent=sent), lately)
        assert 0 <= more <= chosen - released
        released, sent, lately = released + more, sent + more, lately + more
        assert lately <= rate
        assert sent <= max(steps)
        sent -= min(sent, 1) if ends_one else sent
        lately = 0 if not ends_one else lately


@pytest.mark.parametrize(
    ("tally", "forgiven", "expected"),
    [
        (Tally(chosen=9), Tally(), RunState.RUNNING),
        (Tally(chosen=9, failed=1), Tally(), RunState.STOPPED),
        (Tally(chosen=9, done=3, failed=1), Tally(), RunState.RUNNING),
        (Tally(chosen=9, done=4, failed=1), Tally(), RunState.RUNNING),
        (Tally(chosen=9, done=3, failed=2), Tally(), RunState.STOPPED),
        (Tally(chosen=9, done=3, failed=2), Tally(done=3, failed=2), RunState.RUNNING),
        (Tally(chosen=9, done=3, failed=3), Tally(done=3, failed=2), RunState.STOPPED),
        (Tally(done=3, failed=2, skipped=4), Tally(), RunState.FINISHED),
        (Tally(sent=1, done=3), Tally(), RunState.RUNNING),
    ],
)
def test_a_run_stops_by_itself_when_too_much_fails(tally, forgiven, expected):
    """Above a fifth once five have ended, or where nothing at all went through."""
    assert due(a_run(forgiven=forgiven), tally) is expected


def test_a_run_that_never_stops_is_possible():
    assert due(a_run(plan=RunPlan(stop_at=1)), Tally(chosen=1, failed=9)) is RunState.RUNNING


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (standing(), None),
        (standing(State.HELD), None),
        (standing(State.HELD, in_doubt=True), Left.IN_DOUBT),
        (standing(State.DELIVERED), Left.DELIVERED),
        (standing(State.CANCELLED), Left.CANCELLED),
        (standing(State.READY), Left.ON_ITS_WAY),
        (standing(State.LEASED, in_doubt=True), Left.IN_DOUBT),
        (standing(State.HELD, destination=OPERATORS), Left.NO_DESTINATION),
        (standing(taken=True), Left.OTHER_RUN),
    ],
)
def test_only_what_surely_had_no_effect_is_chosen(now, expected):
    """G4: dead or held, not in doubt, and in no other run."""
    assert left(now) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (None, Left.UNKNOWN),
        (standing(), None),
        (standing(stopped_at=NOW + timedelta(seconds=1)), Left.MOVED),
        (standing(State.READY), Left.MOVED),
        (standing(State.CANCELLED, reason=Why.EDITED), Left.EDITED),
        (standing(State.DELIVERED, reason=Why.JUDGED), Left.JUDGED),
        (standing(State.HELD, in_doubt=True), Left.IN_DOUBT),
    ],
)
def test_an_item_goes_only_as_it_was_chosen(now, expected):
    """G4: at the same stop, not at a later one that nobody has looked at."""
    assert moved(now, NOW) is expected


@pytest.mark.parametrize("state", State)
def test_an_item_ends_as_its_delivery_does(state):
    expected = {
        State.DELIVERED: (ItemState.DONE, None),
        State.DEAD: (ItemState.FAILED, None),
        State.HELD: (ItemState.FAILED, None),
        State.CANCELLED: (ItemState.SKIPPED, Left.CANCELLED),
    }
    assert end_of(state) == expected.get(state)


@pytest.mark.parametrize("state", RunState)
@pytest.mark.parametrize("steering", Steering)
def test_a_run_is_steered_as_its_moves_allow(state, steering):
    to = {"pause": RunState.PAUSED, "resume": RunState.RUNNING, "cancel": RunState.CANCELLED}[steering]
    if to in RUN_MOVES[state]:
        assert steered(a_run(state=state), steering) is to
    else:
        with pytest.raises(RunClosed):
            steered(a_run(state=state), steering)
    assert (state in OPEN_RUNS) == bool(RUN_MOVES[state])


@pytest.mark.parametrize("plan", [{"steps": ()}, {"steps": (0,)}, {"rate": 0}, {"stop_at": 1.5}, {"rate": 10_001}])
def test_a_plan_that_could_not_go_is_refused(plan):
    with pytest.raises(ValueError, match="steps and rate"):
        RunPlan(**plan)


def test_none_needs_nobody():
    with pytest.raises(NothingChosen):
        order(Choice(chosen=(), left_out=()), {}, RunPlan())


@pytest.mark.parametrize(("asked", "lately"), [(ALONE, 0), (1, ALONE - 1)])
def test_many_need_two_whether_at_once_or_one_after_the_other(asked, lately):
    assert not needs_two(asked, lately)
    assert needs_two(asked + 1, lately)


def test_what_nobody_in_particular_did_may_be_anybodys():
    """Four eyes: by a machine's own key, or where none was asked for, two people cannot be told apart."""
    lan, binh, local = (
        Actor(kind=ActorKind.OPERATOR, name=name, key_id=KeyId(name)) for name in ("Lan", "Bình", UNNAMED)
    )
    assert not may_be_same(lan, binh)
    assert may_be_same(lan, local)
    assert may_be_same(lan, replace(local, name="local.1a2b3c4d")), "the key of one of several machines"
    assert may_be_same(Actor(kind=ActorKind.OPERATOR, name="root"), binh)
