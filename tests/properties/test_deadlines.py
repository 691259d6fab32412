"""Due dates, whatever is said of them in whatever order; and the order of sending, whatever is due when."""

import heapq
import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.deadline import Said, Term, Turn, outlook
from gateway.core.message import Known
from gateway.core.routing import Order
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, a_book, a_draft, a_planner, a_system
from gateway.testing.clock import MONDAY_MORNING
from gateway.testing.ids import FakeIds

from .test_calendar import calendars

NO_TIME = timedelta(0)
HOURS = st.integers(0, 24 * 40).map(lambda hours: timedelta(hours=hours))
MOMENTS = HOURS.map(lambda after: MONDAY_MORNING + after)
SAYINGS = st.lists(
    st.builds(
        Said,
        source=st.sampled_from([PORTAL, CIVIL_STATUS, LAND]),
        at=MOMENTS,
        due_at=st.none() | MOMENTS,
        turn=st.none() | st.sampled_from(Turn),
    ),
    max_size=12,
)


def heard(sayings: list[Said], due) -> Term:
    term = Term(due_at=due)
    for said in sayings:
        term = term.hear(said)
    return term


@given(calendars(), SAYINGS, MOMENTS, st.lists(MOMENTS, min_size=2, max_size=6), st.integers(0, 5))
def test_time_left_is_never_negative_and_never_grows_by_waiting(calendar, sayings, due, looks, lead):
    """Whatever permutation of pauses, supplements and new dates came before."""
    term = heard(sayings, due)
    seen = [outlook(term, now, calendar, lead=lead) for now in sorted(looks)]
    for before, after in itertools.pairwise(seen):
        assert NO_TIME <= after.left <= before.left
        assert 0 <= after.days_left <= before.days_left
        assert after.days_over >= before.days_over >= 0


@given(SAYINGS, MOMENTS)
def test_days_are_counted_once_every_pause_has_ended(sayings, due):
    """No order of events leaves a dossier standing still for ever."""
    ends = [Said(source=PORTAL, at=MONDAY_MORNING, turn=turn) for turn in (Turn.RESUME, Turn.ANSWER)]
    assert heard([*sayings, *ends], due).paused_at is None
    assert (heard(sayings, due).paused_at is None) == (not heard(sayings, due).holds)


@given(SAYINGS, MOMENTS)
def test_the_due_date_is_the_last_one_stated(sayings, due):
    """It belongs to portal and ministry: nothing here ever computes one."""
    assert heard(sayings, due).due_at == [due, *(said.due_at for said in sayings if said.due_at)][-1]


@given(
    st.lists(st.tuples(st.integers(0, 90), st.none() | st.integers(-600, 9000)), min_size=1, max_size=60),
    st.integers(0, 300),
    st.sampled_from(Order),
)
def test_nothing_waits_longer_than_its_longest_wait_for_what_came_later(arrivals, longest, order):
    """G6: no starvation; nobody is overtaken by what came ``longest_wait`` later."""
    system = a_system(CIVIL_STATUS, longest_wait=timedelta(minutes=longest), order=order)
    plan = a_planner(FakeIds(), a_book(systems=[system]))
    queue, at = [], MONDAY_MORNING
    for place, (gap, due) in enumerate(arrivals):
        at += timedelta(minutes=gap)
        due_at = None if due is None else at + timedelta(minutes=due)
        (leg,) = plan(a_draft(due_at=due_at), Known(now=at)).submissions[0].legs
        heapq.heappush(queue, (leg.priority_at, place, at))
    served = [heapq.heappop(queue)[1:] for _ in arrivals]
    for turn, (place, accepted) in enumerate(served):
        overtakers = [other for before, other in served[:turn] if before > place]
        assert all(other - accepted <= timedelta(minutes=longest) for other in overtakers)
        assert order is Order.DUE or not overtakers
