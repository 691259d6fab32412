"""The circuit breaker: what opens it, what lets one through, and what closes it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.breaker import Breaker, BreakerPolicy, Phase
from gateway.core.ids import DeliveryId, DossierId
from gateway.core.reason import Why

POLICY = BreakerPolicy(failures=5, lanes=3, sample=10, ratio=0.5, first_open=timedelta(seconds=10))


def lane(number):
    return DossierId(f"dossier-{number}")


def delivery(number):
    return DeliveryId(f"delivery-{number}")


def fails(breaker, *lanes, now=0.0, jitter=0.0):
    for number in lanes:
        breaker = breaker.failed(delivery(number), lane(number), Why.TIMEOUT, now=now, jitter=jitter)
    return breaker


def answers(breaker, *lanes, concurrency=8):
    for number in lanes:
        breaker = breaker.answered(lane(number), concurrency)
    return breaker


def opened(now=0.0):
    return fails(Breaker(policy=POLICY), *range(5), now=now)


def half_open():
    return opened().half_opened().taken(delivery(1))


def test_failures_of_several_lanes_open_it():
    """Five without an answer between them, of three lanes."""
    assert fails(Breaker(policy=POLICY), 1, 2, 3, 1).phase is Phase.CLOSED
    breaker = fails(Breaker(policy=POLICY), 1, 2, 3, 1, 1, now=7.0)
    assert (breaker.phase, breaker.until, breaker.reason) == (Phase.OPEN, 17.0, Why.TIMEOUT)


@pytest.mark.parametrize("lanes", [[1] * 1000, [1, 2] * 500])
def test_few_lanes_alone_never_open_it(lanes):
    """G6: one poisonous message delays no other lane, however often it fails."""
    assert fails(Breaker(policy=POLICY), *lanes).phase is Phase.CLOSED


def test_an_answer_between_clears_the_system():
    """What answers now and then is slow or picky, not down."""
    breaker = Breaker(policy=POLICY)
    for round_ in range(20):
        breaker = answers(fails(breaker, round_), 100, 101)
    assert breaker.phase is Phase.CLOSED


def test_lanes_that_failed_while_others_were_answered_are_to_blame_themselves():
    """G6: fifty poisonous dossiers that are tried again and again do not close a system to the others."""
    poison = range(50)
    breaker = Breaker(policy=POLICY)
    for number in poison:
        breaker = answers(fails(breaker, number), 100, 101, 102)
    assert fails(breaker, *poison, *poison).phase is Phase.CLOSED
    assert fails(breaker, 200, 201, 202, 203, 204).phase is Phase.OPEN


def test_a_suspect_that_is_answered_counts_again():
    """Suspicion ends with the next answer."""
    breaker = answers(fails(Breaker(policy=POLICY), 1), 2)
    assert lane(1) in breaker.suspicion.suspects
    assert answers(breaker, 1).suspicion.suspects == ()


def test_half_of_the_last_exchanges_open_it():
    """A system that loses every second call is not well either."""
    breaker = Breaker(policy=POLICY)
    for number in range(5):
        assert breaker.phase is Phase.CLOSED
        breaker = answers(fails(breaker, number), 100)
    assert fails(breaker, 5).phase is Phase.OPEN


def test_while_open_nothing_is_admitted_and_stragglers_change_nothing():
    """What began before says nothing new."""
    breaker = opened()
    assert breaker.allows(8) == 0
    assert not breaker.admits(delivery(1))
    assert fails(breaker, 6, now=3.0) == breaker


def test_an_answer_while_it_is_open_lets_one_find_out():
    """A slow exchange that succeeded after all is as good as a call from the system."""
    assert answers(opened(), 9).phase is Phase.HALF_OPEN


def test_it_stays_open_longer_each_time_up_to_the_longest():
    """10, 20, 40 … 300 seconds; jitter takes up to a quarter off."""
    policy = replace(POLICY, longest_open=timedelta(seconds=60))
    assert [policy.open_for(times, 0.0) for times in (1, 2, 3, 4, 1000)] == [10.0, 20.0, 40.0, 60.0, 60.0]
    assert policy.open_for(1, 1.0) == 7.5


def test_only_time_ripens_it():
    """G4: and then one, no more, is let through."""
    breaker = opened(now=100.0)
    assert not breaker.is_ripe(109.9)
    assert breaker.is_ripe(110.0)
    half = breaker.half_opened()
    assert (half.phase, half.allows(8)) == (Phase.HALF_OPEN, 1)
    taken = half.taken(delivery(1))
    assert taken.admits(delivery(1))
    assert not taken.taken(delivery(2)).admits(delivery(2))


def test_a_call_from_the_system_ripens_it_sooner():
    """But not at once each time: a system that calls and never answers is tried ever more rarely."""
    breaker = opened(now=100.0)
    assert breaker.heard(101.0).until == 102.5
    assert breaker.heard(101.0).heard(101.1).heard(101.2).until == 102.5
    assert breaker.heard(105.0).until == 105.0
    assert Breaker(policy=POLICY).heard(1.0) == Breaker(policy=POLICY)


def test_a_failed_probe_opens_it_for_longer_and_others_failures_do_not():
    """Only the one that was let through finds out."""
    breaker = half_open()
    assert fails(breaker, 2) == breaker
    again = fails(breaker, 1, now=20.0)
    assert (again.phase, again.until, again.opened) == (Phase.OPEN, 40.0, 2)


def test_a_probe_that_found_out_nothing_is_given_back():
    """An expired dossier, say: the next one finds out."""
    breaker = half_open()
    assert breaker.given_back(delivery(2)) == breaker
    assert breaker.given_back(delivery(1)).admits(delivery(2))


def test_after_an_outage_one_more_goes_through_with_each_answer():
    """Slow start: twice as many with each round of answers, up to the limit."""
    breaker = answers(half_open(), 1, concurrency=4)
    assert (breaker.phase, breaker.allows(4)) == (Phase.CLOSED, 2)
    breaker = answers(breaker, 2, concurrency=4)
    assert breaker.allows(4) == 3
    breaker = answers(breaker, 3, 4, concurrency=4)
    assert (breaker.ramp, breaker.allows(4)) == (None, 4)


def test_what_is_whole_costs_nothing():
    """The answer of a system that nothing is known against changes nothing."""
    breaker = Breaker(policy=POLICY)
    assert breaker.answered(lane(1), 8) is breaker


def test_a_harmless_call_that_fails_keeps_it_open():
    """Without a delivery: the waits grow all the same."""
    again = opened().reopened(10.0, 0.0)
    assert (again.phase, again.until, again.reason) == (Phase.OPEN, 30.0, Why.TIMEOUT)
