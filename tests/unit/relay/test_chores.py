"""Chores beside the relay: a fault is told when it begins, every hour while it lasts, and when it is over."""

import pytest
from structlog.testing import capture_logs

from gateway.core.errors import Fenced, StoreUnavailable
from gateway.relay.chores import Chores
from gateway.testing.clock import FakeClock

MINUTE, HOUR = 60, 3600


async def works() -> None:
    pass


async def fails() -> None:
    raise KeyError("a citizen's name")


async def fails_elsewhere() -> None:
    raise KeyError("a citizen's name")


async def is_away() -> None:
    raise StoreUnavailable("disk")


class Turns:
    """A chore that has its turn every second."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.chores = Chores(self.clock)

    async def told(self, work, seconds: int) -> list[str]:
        """Do it for so long; return what was told."""
        with capture_logs() as lines:
            for _ in range(seconds):
                await self.chores.attempt("replay", work)
                self.clock.advance(1)
        assert "citizen" not in str(lines)
        assert all(line["chore"] == "replay" and line["alert"] for line in lines)
        return [line["event"] for line in lines]


async def test_a_fault_is_told_once_then_every_hour_and_when_it_is_over():
    turns = Turns()
    assert await turns.told(fails, HOUR) == ["chore_failed"]
    assert await turns.told(fails, HOUR) == ["chore_stays_failed"]
    assert await turns.told(works, HOUR) == ["chore_resolved"]
    assert await turns.told(fails, 1) == ["chore_failed"]


async def test_a_fault_that_comes_and_goes_is_one():
    """It is over once the chore has worked for ten minutes."""
    turns = Turns()
    assert await turns.told(fails, 1) == ["chore_failed"]
    for _ in range(5):
        assert await turns.told(works, 9 * MINUTE) == []
        assert await turns.told(fails, 1) == []


async def test_another_fault_is_told_at_once():
    """Also of the same class: where it was raised tells them apart."""
    turns = Turns()
    assert await turns.told(fails, 5) == ["chore_failed"]
    assert await turns.told(fails_elsewhere, 5) == ["chore_failed"]
    assert await turns.told(fails, 5) == []


async def test_one_chore_says_nothing_about_another():
    chores = Chores(FakeClock())
    with capture_logs() as lines:
        for chore in ("sweep", "expire", "sweep"):
            await chores.attempt(chore, fails)
    assert [line["chore"] for line in lines] == ["sweep", "expire"]


async def test_a_store_that_is_away_is_neither_a_fault_nor_its_end():
    turns = Turns()
    await turns.told(fails, 1)
    with capture_logs() as lines:
        await turns.chores.attempt("replay", is_away)
    assert [line["event"] for line in lines] == ["chore_postponed"]
    turns.clock.advance(HOUR)
    assert await turns.told(fails, 1) == ["chore_stays_failed"]


async def test_who_is_fenced_ends():
    async def is_fenced() -> None:
        raise Fenced

    with pytest.raises(Fenced):
        await Chores(FakeClock()).attempt("beat", is_fenced)
