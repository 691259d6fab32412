"""Two nodes over one store keep a partner's terms together, and tell each other how it stands."""

from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest

from gateway.core.breaker import Phase
from gateway.core.delivery import State
from gateway.core.rate import Rate
from gateway.core.reason import Why
from gateway.core.signs import Sign
from gateway.core.terms import Terms
from gateway.testing.adapter import FakeAdapter
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_book, a_draft, a_route
from gateway.testing.clock import WrongClock
from gateway.testing.relay_house import RelayHouse
from gateway.testing.signals import until

SEATS = 3


class Busy(FakeAdapter):
    """Answers after a second; counts how many ask at once, and when."""

    def __init__(self) -> None:
        super().__init__(deduplicates=True)
        self.clock = None
        self.now, self.most, self.calls = 0, 0, []

    async def send(self, delivery, *, deadline):
        self.calls.append(self.clock.monotonic())
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.clock.sleep(1)
        finally:
            self.now -= 1
        return await super().send(delivery, deadline=deadline)


@asynccontextmanager
async def two_nodes(ministries, *, off=timedelta(0), **terms):
    """Run two relays that both know of the other; the second one's clock is off by so much."""
    given = {CIVIL_STATUS: Terms(concurrency=SEATS, **terms)}
    book = a_book(routes=[a_route(CIVIL_STATUS)])
    silence = timedelta(seconds=30)
    one = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: ministries[0]}, book, terms=given, silence=silence)
    wrong = WrongClock(one.clock, off)
    two = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: ministries[1]}, book, terms=given, beside=one, clock=wrong)
    for ministry in ministries:
        ministry.clock = one.clock
    async with AsyncExitStack() as stack:
        relays = [await stack.enter_async_context(house.running(f"node-{n}")) for n, house in enumerate((one, two))]
        one.clock.advance(1)
        await learn(*relays)
        yield one, two, relays


async def learn(*relays):
    """Let each say how it sees the systems, and hear of the others."""
    for relay in (*relays, *relays):
        await relay.weather.beat()


async def test_two_nodes_call_no_more_at_once_than_the_system_allows():
    """Its limit is the system's, not each node's."""
    ministry = Busy()
    async with two_nodes((ministry, ministry)) as (one, _, _):
        await one.accept(*(a_draft(f"H01-{number}") for number in range(12)))
        await one.until(CIVIL_STATUS, *[State.DELIVERED] * 12)
    assert ministry.most == SEATS


async def test_two_nodes_keep_one_rate():
    """Never above it, whoever calls; and each has its part of it."""
    ministry = Busy()
    rate = Rate(calls=6, period=timedelta(seconds=60))
    async with two_nodes((ministry, ministry), rate=rate) as (one, _, _):
        await one.accept(*(a_draft(f"H01-{number}") for number in range(12)))
        await one.until(CIVIL_STATUS, *[State.DELIVERED] * 12)
    for begin in ministry.calls:
        assert sum(begin <= at < begin + 60 for at in ministry.calls) <= 6


async def test_a_node_that_joins_waits_until_the_others_have_made_room():
    """G6: for no moment is a system called more than it allows."""
    ministry = Busy()
    given = {CIVIL_STATUS: Terms(concurrency=SEATS)}
    book = a_book(routes=[a_route(CIVIL_STATUS)])
    one = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: ministry}, book, terms=given, silence=timedelta(seconds=30))
    two = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: ministry}, book, terms=given, beside=one)
    ministry.clock = one.clock
    async with one.running("node-1"):
        await one.accept(*(a_draft(f"H01-{number}") for number in range(24)))
        await until(lambda: is_busy(ministry), one.clock)
        async with two.running("node-2"):
            await one.until(CIVIL_STATUS, *[State.DELIVERED] * 24)
            seats = [house.links[CIVIL_STATUS].gate.seats for house in (one, two)]
    assert (ministry.most, seats) == (SEATS, [1, 2])


async def test_a_node_with_long_leases_is_held_for_alive():
    """G6: it gives signs of life as often as the others expect them, however long its leases are, and idle."""
    one = RelayHouse({}, a_book(), silence=timedelta(seconds=30))
    one.lease = timedelta(minutes=10)
    two, three = (RelayHouse({}, a_book(), beside=one) for _ in range(2))

    async def is_later():
        return one.clock.monotonic() > 95

    async with one.running("node-1") as relay, two.running("node-2"):
        await until(is_later, one.clock)
        async with three.running("node-3"):
            await relay.weather.beat()
            assert set((await one.store.fleet()).nodes) == {"node-1", "node-2", "node-3"}


async def is_busy(ministry):
    return ministry.now == SEATS


async def test_a_node_alone_again_has_all_seats():
    """The share of one that ends is the others'."""
    ministry = Busy()
    async with two_nodes((ministry, ministry)) as (one, two, relays):
        assert sorted(house.links[CIVIL_STATUS].gate.seats for house in (one, two)) == [1, 2]
        relays[1].stop()

        async def is_alone():
            await relays[0].weather.beat()
            return one.links[CIVIL_STATUS].gate.seats == SEATS

        await until(is_alone, one.clock)


async def test_what_one_node_finds_out_the_other_knows():
    """It leaves the system alone untried, and goes on when the first one has seen it answer."""
    ministries = Busy(), Busy()
    async with two_nodes(ministries) as (one, two, relays):
        first, second = (house.links[CIVIL_STATUS].gate for house in (one, two))
        fail(first)
        await learn(*relays)
        assert first.breaker.phase is second.breaker.phase is Phase.OPEN
        first.half_open()
        first.learn("probe", "dossier", Sign.ANSWERED, Why.NOT_SENT)
        await learn(*relays)
        assert first.breaker.phase is second.breaker.phase is Phase.CLOSED
        assert second.breaker.ramp is not None


async def test_a_node_that_is_answered_does_not_take_anothers_word():
    """Where one node alone cannot reach the system, the others go on, and say nothing for it."""
    ministries = Busy(), Busy()
    async with two_nodes(ministries) as (one, two, relays):
        first, second = (house.links[CIVIL_STATUS].gate for house in (one, two))
        second.learn("call", "dossier", Sign.ANSWERED, Why.NOT_SENT)
        fail(first)
        await learn(*relays)
        assert (first.breaker.phase, second.breaker.phase) == (Phase.OPEN, Phase.CLOSED)


@pytest.mark.parametrize("off", [-timedelta(minutes=5), timedelta(minutes=5)])
async def test_a_clock_that_is_wrong_neither_holds_a_breaker_open_nor_shuts_it(off):
    """What the nodes tell one another is compared by the store's clock."""
    ministries = Busy(), Busy()
    async with two_nodes(ministries, off=off) as (one, two, relays):
        right, wrong = (house.links[CIVIL_STATUS].gate for house in (one, two))
        fail(right)
        await relays[0].weather.beat()
        await relays[1].weather.beat()
        wrong.half_open()
        wrong.learn("probe", "dossier", Sign.ANSWERED, Why.NOT_SENT)
        await learn(*reversed(relays))
        assert right.breaker.phase is wrong.breaker.phase is Phase.CLOSED
        one.clock.advance(60)
        fail(right)
        await relays[0].weather.beat()
        wrong.learn("call", "dossier", Sign.FAILED, Why.TIMEOUT)
        await learn(*reversed(relays))
        assert right.breaker.phase is wrong.breaker.phase is Phase.OPEN


def fail(gate):
    """Let a node find nobody there, lane after lane."""
    for number in range(5):
        gate.learn(f"call-{number}", f"dossier-{number}", Sign.FAILED, Why.CONNECTION_REFUSED)
