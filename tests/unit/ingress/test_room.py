"""Room for bodies: bounded, first come first served, and nothing of it is ever lost."""

import asyncio
import random

from gateway.ingress.room import Budget, Hold

LONG, SHORT = 5.0, 0.01


async def test_who_finds_no_room_gets_it_in_turn():
    budget = Budget(10)
    assert budget.take_now(8)
    order: list[int] = []

    async def take(amount: int) -> None:
        assert await budget.take(amount, seconds=LONG)
        order.append(amount)

    waiting = [asyncio.create_task(take(amount)) for amount in (9, 1)]
    await asyncio.sleep(0)
    assert not budget.take_now(2), "nobody passes those who wait"
    budget.give_back(8)
    await asyncio.gather(*waiting)
    assert (order, budget.used) == ([9, 1], 10)


async def test_who_has_waited_enough_goes_and_lets_others_pass():
    budget = Budget(10)
    budget.take_now(5)
    large = asyncio.create_task(budget.take(9, seconds=SHORT))
    await asyncio.sleep(0)
    small = asyncio.create_task(budget.take(5, seconds=LONG))
    assert not await large
    assert await small
    assert budget.used == 10


async def test_what_is_given_to_one_who_leaves_in_that_moment_goes_back():
    budget = Budget(10)
    budget.take_now(10)
    leaving = asyncio.create_task(budget.take(4, seconds=LONG))
    await asyncio.sleep(0)
    budget.give_back(10)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    assert budget.used == 0


async def test_whatever_comes_and_goes_it_never_exceeds_its_limit_and_ends_empty():
    """Requests that grow, wait, give up, are cancelled and end, in any order."""
    budget, dice, most = Budget(100), random.Random(7), 0  # noqa: S311 - repeatable on purpose

    async def visit() -> None:
        nonlocal most
        hold = Hold(budget)
        try:
            for _ in range(dice.randrange(1, 4)):
                amount = dice.randrange(1, 40)
                if not hold.grow_now(amount):
                    await hold.grow(amount, seconds=dice.choice((SHORT, 10 * SHORT)))
                most = max(most, budget.used)
                await asyncio.sleep(0)
        finally:
            hold.end()

    visits = [asyncio.create_task(visit()) for _ in range(300)]
    for task in dice.sample(visits, 60):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    assert 0 < most <= 100
    assert budget.used == 0
