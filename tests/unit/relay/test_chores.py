"""Chores beside the relay: a fault is told when it begins, every hour while it lasts, and when it is over."""

import pytest
from structlog.testing import capture_logs

from gateway.core.errors import Fenced, StoreFull, StoreUnavailable
from gateway.observability.metrics import MemoryMetrics
from gateway.relay.chores import Chores
from gateway.testing.clock import FakeClock

MINUTE, HOUR = 60, 3600
POSTPONED = {"chore_postponed", "chore_stays_postponed", "chore_resumed"}


async def works() -> None:
    pass


async def fails() -> None:
    raise KeyError("a citizen's name")


async def fails_elsewhere() -> None:
    raise KeyError("a citizen's name")


async def is_away() -> None:
    raise StoreUnavailable("disk")


async def is_full() -> None:
    raise StoreFull("disk")


class Turns:
    """A chore that has its turn every second."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.metrics = MemoryMetrics()
        self.chores = Chores(self.clock, self.metrics)

    async def told(self, work, seconds: int) -> list[str]:
        """Do it for so long; return what was told."""
        with capture_logs() as lines:
            for _ in range(seconds):
                await self.chores.attempt("replay", work)
                self.clock.advance(1)
        assert "citizen" not in str(lines)
        assert all(line["chore"] == "replay" for line in lines)
        assert all(line.get("alert", False) is (line["event"] not in POSTPONED) for line in lines)
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
    chores = Chores(FakeClock(), MemoryMetrics())
    with capture_logs() as lines:
        for chore in ("sweep", "expire", "sweep"):
            await chores.attempt(chore, fails)
    assert [line["chore"] for line in lines] == ["sweep", "expire"]


async def test_a_store_that_is_away_is_neither_a_fault_nor_its_end():
    turns = Turns()
    await turns.told(fails, 1)
    assert await turns.told(is_away, 1) == ["chore_postponed"]
    turns.clock.advance(HOUR)
    assert await turns.told(fails, 1) == ["chore_stays_failed"]


async def test_a_store_that_is_away_is_told_once_then_every_hour_and_when_it_is_over():
    """A chore of every second would fill the log of an outage; a store that comes and goes is away once."""
    turns = Turns()
    assert await turns.told(is_away, HOUR) == ["chore_postponed"]
    assert await turns.told(works, MINUTE) == []
    assert await turns.told(is_away, HOUR) == ["chore_stays_postponed"]
    assert await turns.told(is_full, 1) == ["chore_postponed"]
    assert await turns.told(works, 11 * MINUTE) == ["chore_resumed"]
    assert await turns.told(is_away, 1) == ["chore_postponed"]


async def test_an_alert_can_be_built_on_a_chore_that_fails():
    turns = Turns()
    seen = []
    for work, seconds in ((is_away, 1), (fails, 1), (works, 1), (works, 11 * MINUTE)):
        await turns.told(work, seconds)
        seen.append(turns.metrics.value("relay_chore_failing", chore="replay"))
    assert seen == [0, 1, 1, 0]


async def test_who_is_fenced_ends():
    async def is_fenced() -> None:
        raise Fenced

    with pytest.raises(Fenced):
        await Chores(FakeClock(), MemoryMetrics()).attempt("beat", is_fenced)
