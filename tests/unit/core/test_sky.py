"""How a system stands, in one word."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.acts import By
from gateway.core.breaker import Phase
from gateway.core.ids import SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.reason import Why
from gateway.core.sky import sky_of
from gateway.core.terms import Terms
from gateway.core.weather import Pause, Tally
from gateway.core.window import Window
from gateway.testing.books import OFFICE
from gateway.testing.clock import MONDAY_MORNING

TERMS = Terms(concurrency=8, window=Window(hours=OFFICE))
NIGHT = MONDAY_MORNING + timedelta(hours=14)
BY = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan"), reason="Bảo trì")
PAUSE = Pause(system=SystemId("land"), by=BY, since=MONDAY_MORNING)
OPEN = Tally(phase=Phase.OPEN, reason=Why.TIMEOUT)


@pytest.mark.parametrize(
    ("tally", "pause", "now", "allowed", "word"),
    [
        (OPEN, PAUSE, NIGHT, 0, "paused"),
        (OPEN, None, NIGHT, 0, "closed"),
        (OPEN, None, MONDAY_MORNING, 0, "open"),
        (replace(OPEN, phase=Phase.HALF_OPEN), None, MONDAY_MORNING, 1, "half_open"),
        (Tally(), None, MONDAY_MORNING, 2, "slow_start"),
        (Tally(), None, MONDAY_MORNING, 8, "clear"),
        (Tally(), None, MONDAY_MORNING, None, "clear"),
    ],
)
def test_the_first_word_that_fits(tally, pause, now, allowed, word):
    assert sky_of(TERMS, tally, pause, now, allowed=allowed).condition == word


def test_it_says_when_the_window_opens_and_closes():
    """And that nothing may be called meanwhile."""
    night, day = (sky_of(TERMS, OPEN, None, now, allowed=8) for now in (NIGHT, MONDAY_MORNING))
    assert (night.allowed, night.window_opens_at, night.window_closes_at) == (0, OFFICE.next_opening(NIGHT), None)
    assert (day.allowed, day.window_opens_at) == (8, None)
    assert day.window_closes_at == OFFICE.next_closing(MONDAY_MORNING)
    assert day.reason is Why.TIMEOUT
    assert sky_of(TERMS, replace(OPEN, phase=Phase.CLOSED), None, NIGHT).reason is None
