"""What a person may decide about a delivery, for every state, with and without doubt."""

import itertools

import pytest

from gateway.core.delivery import FINAL, MOVES, STOPS, DoubtMark, State
from gateway.core.ids import OPERATORS, SystemId
from gateway.core.judging import VERBS, Decision, Obstacle, Standing, Undecidable, decided
from gateway.core.reason import Reason, Why
from gateway.testing.books import CIVIL_STATUS

EVERY = list(itertools.product(Decision, State, (False, True)))


def obstacle(
    decision: Decision, state: State, *, in_doubt: bool, destination: SystemId = CIVIL_STATUS
) -> Obstacle | None:
    try:
        decided(decision, Standing(state=state, in_doubt=in_doubt, destination=destination))
    except Undecidable as refusal:
        return refusal.obstacle
    return None


@pytest.mark.parametrize("case", EVERY)
def test_every_decision_is_refused_by_name_or_ends_the_doubt(case: tuple[Decision, State, bool]):
    """G2, G4: total; leased and ended ones are nobody's to decide."""
    decision, state, in_doubt = case
    found = obstacle(decision, state, in_doubt=in_doubt)
    if state is State.LEASED:
        assert found is Obstacle.LEASED
    elif state in FINAL:
        assert found is Obstacle.FINAL
    elif found is None and in_doubt:
        transition = decided(decision, Standing(state=state, in_doubt=True, destination=CIVIL_STATUS))
        assert transition.doubt is DoubtMark.CLEAR


@pytest.mark.parametrize("case", EVERY)
def test_a_decision_moves_only_where_the_table_of_moves_leads(case: tuple[Decision, State, bool]):
    """WAITING means «again, in its place»; a delayed one is made ready first."""
    decision, state, in_doubt = case
    if obstacle(decision, state, in_doubt=in_doubt) is not None:
        return
    to = decided(decision, Standing(state=state, in_doubt=in_doubt, destination=CIVIL_STATUS)).to
    ways = MOVES[state] | (MOVES[State.READY] if state is State.DELAYED else frozenset())
    again = to is State.WAITING and (state in STOPS or State.READY in (state, *MOVES[state]))
    assert again or to in ways


@pytest.mark.parametrize("decision", [Decision.RETRY, Decision.SKIP, Decision.REPLACE])
def test_what_is_in_doubt_is_judged_first(decision: Decision):
    """G4: a new message would have a new id, and the partner could not tell that it has it already."""
    assert obstacle(decision, State.HELD, in_doubt=True) is Obstacle.IN_DOUBT
    assert obstacle(decision, State.HELD, in_doubt=False) is None


def test_absent_needs_a_doubt():
    assert obstacle(Decision.ABSENT, State.DEAD, in_doubt=False) is Obstacle.NOT_IN_DOUBT
    assert obstacle(Decision.ABSENT, State.DELAYED, in_doubt=True) is None


@pytest.mark.parametrize("state", [State.WAITING, State.DELAYED, State.READY])
def test_what_is_on_its_way_is_only_cancelled(state: State):
    """Nobody says «delivered» of what has not been tried, or surely was not taken."""
    allowed = {decision for decision in Decision if obstacle(decision, state, in_doubt=False) is None}
    assert allowed == {Decision.CANCELLED}


def test_what_is_for_the_operators_is_not_sent():
    for decision in (Decision.RETRY, Decision.REPLACE):
        assert obstacle(decision, State.HELD, in_doubt=False, destination=OPERATORS) is Obstacle.NO_DESTINATION


def test_only_delivered_binds_the_partner_s_code():
    codes = {"national": "G01"}
    standing = Standing(state=State.HELD, in_doubt=True, destination=CIVIL_STATUS)
    assert decided(Decision.DELIVERED, standing, codes).codes == codes
    assert decided(Decision.CANCELLED, standing, codes).codes == {}
    assert decided(Decision.ABSENT, standing).reason == Reason(Why.JUDGED)


def test_every_decision_is_kept_under_a_verb():
    assert set(VERBS) == set(Decision)
