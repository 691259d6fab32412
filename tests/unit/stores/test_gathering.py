"""When jobs that were gathered on the event loop go to the writer's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Sequence

import pytest

from gateway.stores.sql.gathering import LARGEST, Gathering

_MANY = 200  # rounds of the loop: more than a job ever waits for one at rest


class _Loop(asyncio.SelectorEventLoop):
    """Its clock goes on by so much whenever it is asked."""

    now, step = 0.0, 0.0

    def time(self) -> float:
        self.now += self.step
        return self.now


class _Desk:
    """A gathering on a loop, and the batches that it handed over."""

    def __init__(self, loop: _Loop) -> None:
        self.loop = loop
        self.batches: list[list[int]] = []
        self.gathering = Gathering[int](loop, self._take)

    def _take(self, batch: Sequence[int]) -> None:
        self.batches.append(list(batch))

    def rounds(self, each: Callable[[int], None] = lambda _: None) -> None:
        """Let the loop go round many times, with this in each."""

        async def go() -> None:
            for number in range(_MANY):
                each(number)
                await asyncio.sleep(0)

        self.loop.run_until_complete(go())


@pytest.fixture
def desk() -> Generator[_Desk]:
    loop = _Loop()
    yield _Desk(loop)
    loop.close()


def test_one_job_alone_goes_as_soon_as_the_loop_rests(desk: _Desk) -> None:
    desk.gathering.add(1)
    assert desk.batches == []
    desk.rounds()
    assert desk.batches == [[1]]


def test_what_comes_a_few_rounds_later_joins_the_batch(desk: _Desk) -> None:
    """A request takes some rounds from its socket to the store; those that came together share a sync."""

    def every_third(number: int) -> None:
        if number < 30 and number % 3 == 0:
            desk.gathering.add(number)

    desk.rounds(every_third)
    assert desk.batches == [list(range(0, 30, 3))]


def test_no_batch_goes_before_the_last_is_answered(desk: _Desk) -> None:
    desk.gathering.add(1)
    desk.rounds()
    desk.gathering.add(2)
    desk.rounds(lambda number: desk.gathering.add(3) if number == 50 else None)
    assert desk.batches == [[1]]
    desk.gathering.answered()
    desk.rounds()
    assert desk.batches == [[1], [2, 3]]


def test_a_loop_that_never_rests_keeps_no_job_longer_than_30_ms(desk: _Desk) -> None:
    desk.loop.step = 0.001
    gone_at: list[float] = []

    def one_more(number: int) -> None:
        if not desk.batches:
            desk.gathering.add(number)
        elif not gone_at:
            gone_at.append(desk.loop.now)

    desk.rounds(one_more)
    assert len(desk.batches) == 1
    assert 0.03 <= gone_at[0] <= 0.04


def test_a_batch_that_is_large_enough_waits_for_nothing_and_leaves_the_rest(desk: _Desk) -> None:
    for number in range(LARGEST + 1):
        desk.gathering.add(number)
    desk.rounds(lambda number: desk.gathering.answered() if number == 1 else None)
    assert [len(batch) for batch in desk.batches] == [LARGEST, 1]
    assert [number for batch in desk.batches for number in batch] == list(range(LARGEST + 1))


def test_what_is_taken_at_the_end_does_not_go_again(desk: _Desk) -> None:
    desk.gathering.add(1)
    assert desk.gathering.take_all() == [1]
    desk.rounds()
    assert desk.batches == []
    assert len(desk.gathering) == 0
