"""Partners that are down, closed or paused: nothing is burned meanwhile, and everything goes on by itself."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from gateway.core.acts import By
from gateway.core.breaker import Phase
from gateway.core.delivery import State
from gateway.core.message import Actor, ActorKind
from gateway.core.outcome import Rejected, Retryable, Unknown
from gateway.core.rate import Rate
from gateway.core.reason import Reason, Why
from gateway.core.terms import Terms
from gateway.core.window import Window
from gateway.ports.adapter import Health
from gateway.testing.adapter import TIMED_OUT, FakeAdapter, FakePolls, LookingAdapter, says
from gateway.testing.books import CIVIL_STATUS, CRIMINAL_RECORD, LAND, OFFICE, PORTAL, a_book, a_draft, a_route
from gateway.testing.relay_house import RelayHouse
from gateway.testing.signals import until

DOWN = Retryable(reason=Reason(Why.CONNECTION_REFUSED))
LAN = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan"), reason="Bảo trì theo công văn 12")


class Weathered(FakeAdapter):
    """A partner that is down while a test says so: whatever is sent then ends like that."""

    def __init__(self, clock=None) -> None:
        super().__init__(deduplicates=True)
        self.down = None
        self.clock = clock
        self.calls = []

    async def send(self, delivery, *, deadline):
        self.calls.append(self.clock.now())
        if self.down is not None:
            self.sent.append(delivery)
            return self.down
        return await super().send(delivery, deadline=deadline)


class Looked(Weathered, LookingAdapter):
    """It can be asked what it has, unless it is down."""

    async def lookup(self, delivery, *, deadline):
        self.calls.append(self.clock.now())
        if self.down is not None:
            return Unknown(reason=Reason(Why.TIMEOUT))
        return await super().lookup(delivery, deadline=deadline)


class Probed(Weathered):
    """It can be asked whether it is there."""

    def __init__(self) -> None:
        super().__init__()
        self.probed = 0

    async def probe(self, *, deadline):
        del deadline
        self.probed += 1
        self.calls.append(self.clock.now())
        return Health(reachable=self.down is None)


def a_house(ministry, system=CIVIL_STATUS, **terms) -> RelayHouse:
    book = a_book(routes=[a_route(system)])
    given = {system: Terms(concurrency=4, **terms)}
    house = RelayHouse({PORTAL: FakeAdapter(), system: ministry}, book, terms=given)
    ministry.clock = house.clock
    return house


async def passes(clock, hours, step=30.0):
    """Let time pass, and everybody act meanwhile."""
    for _ in range(int(hours * 3600 / step)):
        clock.advance(step)
        for _ in range(12):
            await asyncio.sleep(0)


def gate(house, system=CIVIL_STATUS):
    return house.links[system].gate


def phase(house, expected, system=CIVIL_STATUS):
    async def stands() -> bool:
        return gate(house, system).breaker.phase is expected

    return until(stands, house.clock)


def codes(count, start=0):
    return [f"H01-{number}" for number in range(start, start + count)]


async def accept(house, *names):
    await house.accept(*(a_draft(name) for name in names))


async def test_a_system_that_answers_nobody_is_left_alone():
    """No attempt is burned while it is open: what is accepted meanwhile waits, untried."""
    ministry = Weathered()
    ministry.down = DOWN
    house = a_house(ministry)
    async with house.running():
        await accept(house, *codes(6))
        await phase(house, Phase.OPEN)
        called = len(ministry.calls)
        await accept(house, *codes(5, 10))
        house.clock.advance(1)
        legs = await house.legs(CIVIL_STATUS)
        assert len(ministry.calls) == called
        assert {leg.tries for leg in legs if leg.state is State.READY} == {0}
        ministry.down = None
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 11)


async def test_one_lane_alone_never_opens_it():
    """G6: a poisonous dossier that always times out delays no other."""
    ministry = Weathered()
    ministry.script("POISON", *[says(DOWN)] * 50)
    house = a_house(ministry)
    async with house.running():
        await accept(house, "POISON")
        await house.until(CIVIL_STATUS, State.DELAYED)
        house.clock.advance(40_000)
        await accept(house, *codes(3))

        async def relayed() -> bool:
            return len(ministry.effects) >= 3

        await until(relayed, house.clock)
        assert gate(house).breaker.phase is Phase.CLOSED


async def test_only_one_finds_out_whether_it_answers_again():
    """Half open, one delivery is let through; the others wait."""
    ministry = Weathered()
    ministry.down = DOWN
    house = a_house(ministry)
    async with house.running():
        await accept(house, *codes(20))
        await phase(house, Phase.OPEN)
        called = len(ministry.calls)
        await until(lambda: _is_true(len(ministry.calls) > called), house.clock)
        house.clock.advance(1)
        assert len(ministry.calls) == called + 1


async def test_what_was_open_before_a_crash_is_tried_with_one_delivery():
    """G11: the next incarnation does not begin as if nothing had happened."""
    ministry = Weathered()
    ministry.down = TIMED_OUT
    house = a_house(ministry)
    async with house.doomed("node-1"):
        await accept(house, *codes(20))
        await phase(house, Phase.OPEN)
        house.clock.advance(0.1)
        await until(lambda: _is_told(house), house.clock)
    called = len(ministry.calls)
    async with house.running("node-2"):
        await until(lambda: _is_true(len(ministry.calls) > called), house.clock)
        await phase(house, Phase.OPEN)
    assert len(ministry.calls) == called + 1


async def test_a_harmless_call_finds_out_first_where_there_is_one():
    """G4: a HOLD partner has nothing more in doubt once its breaker is open; it is asked ever less often."""
    ministry = Probed()
    ministry.down = TIMED_OUT
    house = a_house(ministry, CRIMINAL_RECORD)
    async with house.running():
        await accept(house, *codes(20))
        await phase(house, Phase.OPEN, CRIMINAL_RECORD)
        called = len(ministry.calls)
        await until(lambda: _is_true(ministry.probed > 3), house.clock)
        assert len(ministry.calls) == called + ministry.probed
        waits = [(later - earlier).total_seconds() for earlier, later in pairwise(ministry.calls[called:])]
        assert [wait >= least for wait, least in zip(waits, (15, 30, 60), strict=False)] == [True] * 3
        ministry.down = None
        await phase(house, Phase.CLOSED, CRIMINAL_RECORD)


async def test_a_trial_that_is_in_doubt_itself_is_the_last_until_somebody_has_asked():
    """G4: a HOLD partner that cannot be probed adds one held delivery to its outage, then waits for a person's word."""
    ministry = Weathered()
    ministry.down = TIMED_OUT
    house = a_house(ministry, CRIMINAL_RECORD)
    async with house.running() as relay:
        await accept(house, *codes(30))
        await phase(house, Phase.OPEN, CRIMINAL_RECORD)
        held = (await states(house, CRIMINAL_RECORD))[State.HELD]
        await until(lambda: _is_true(gate(house, CRIMINAL_RECORD).pause is not None), house.clock)
        await passes(house.clock, 24)
        assert (await states(house, CRIMINAL_RECORD))[State.HELD] == held + 1
        ministry.down = None
        await house.store.resume(CRIMINAL_RECORD, by=LAN)
        await relay.weather.beat()
        await until(lambda: _stands(house, CRIMINAL_RECORD, held + 1), house.clock)


async def test_a_hold_partner_that_surely_takes_nothing_is_tried_until_it_answers():
    """A refused connection leaves no doubt: nobody is needed."""
    ministry = Weathered()
    ministry.down = DOWN
    house = a_house(ministry, CRIMINAL_RECORD)
    async with house.running():
        await accept(house, *codes(6))
        await phase(house, Phase.OPEN, CRIMINAL_RECORD)
        await passes(house.clock, 2)
        ministry.down = None
        await phase(house, Phase.CLOSED, CRIMINAL_RECORD)
        await house.until(CRIMINAL_RECORD, *[State.DELIVERED] * 6)


async def test_a_paused_system_is_not_called_and_goes_on_when_resumed():
    """Weather: new deliveries are accepted and wait; a restart changes nothing about it."""
    ministry = Weathered()
    house = a_house(ministry)
    async with house.running() as relay:
        await house.store.pause(CIVIL_STATUS, by=LAN)
        await relay.weather.beat()
        await accept(house, *codes(3))
        house.clock.advance(3600)
    async with house.running("node-2") as relay:
        house.clock.advance(3600)
        assert ministry.calls == []
        await house.store.resume(CIVIL_STATUS, by=LAN)
        await relay.weather.beat()
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 3)
        assert {leg.tries for leg in await house.legs(CIVIL_STATUS)} == {1}


async def test_three_days_of_outage_drain_by_themselves():
    """G4, G11: no manual step, nothing more in doubt once open, never above the rate, every dossier once."""
    ministries = {CIVIL_STATUS: Weathered(), LAND: Looked(), CRIMINAL_RECORD: Probed()}
    terms = Terms(concurrency=4, rate=Rate(calls=30, period=timedelta(minutes=1)))
    book = a_book(routes=[a_route(*ministries)])
    house = RelayHouse({PORTAL: FakeAdapter(), **ministries}, book, terms=dict.fromkeys(ministries, terms))
    for ministry in ministries.values():
        ministry.clock, ministry.down = house.clock, TIMED_OUT
    async with house.running():
        await accept(house, *codes(20))
        for system in ministries:
            await phase(house, Phase.OPEN, system)
        await passes(house.clock, 0.2)
        held = await states(house, CRIMINAL_RECORD)
        for hour in range(72):
            await accept(house, f"LATER-{hour}")
            await passes(house.clock, 1, step=120)
        assert (await states(house, CRIMINAL_RECORD))[State.HELD] == held[State.HELD]
        for ministry in ministries.values():
            ministry.down = None
        await taken(house, ministries[CIVIL_STATUS], 92, step=2)
        await taken(house, ministries[LAND], 92, step=2)
        await taken(house, ministries[CRIMINAL_RECORD], 92 - held[State.HELD], step=2)
        await passes(house.clock, 0.1)
        assert await states(house, CIVIL_STATUS) == await states(house, LAND) == {State.DELIVERED: 92}
        assert (await states(house, CRIMINAL_RECORD))[State.HELD] == held[State.HELD]
    for ministry in ministries.values():
        assert len({item.id for item in ministry.effects}) == len(ministry.effects)
        assert most_in_a_minute(ministry.calls) <= 30


async def test_no_call_is_made_inside_a_closed_window():
    """Weather: not a delivery, not a look-up, not a poll; what is accepted meanwhile goes when it opens."""
    ministry = Weathered()
    polls = FakePolls()
    house = a_house(ministry, window=Window(hours=OFFICE), exchange=timedelta(minutes=10))
    house.links[CIVIL_STATUS] = replace(house.links[CIVIL_STATUS], polls=polls)
    asked = []
    polls.poll = noted(polls.poll, asked, house.clock)
    async with house.running():
        for hour in range(48):
            await accept(house, *codes(3, hour * 10))
            await passes(house.clock, 1)
    assert len(ministry.effects) > 100
    assert len(asked) > 100
    for moment in (*ministry.calls, *asked):
        assert OFFICE.is_open(moment)
        assert OFFICE.is_open(moment + timedelta(minutes=10, seconds=-1))


async def test_the_rate_is_kept_however_much_waits():
    """And what waits leaves evenly, not in bursts."""
    ministry = Weathered()
    house = a_house(ministry, rate=Rate(calls=60, period=timedelta(minutes=1)))
    async with house.running():
        await accept(house, *codes(90))
        await taken(house, ministry, 90, step=0.25)
    assert most_in_a_minute(ministry.calls) <= 60
    assert timedelta(seconds=88) < ministry.calls[-1] - ministry.calls[0] < timedelta(seconds=120)


async def test_a_system_that_refuses_everything_kills_no_dossier():
    """G2: an hour of 404, or a wrong configuration: held, those that were dead already, too; the portal is told."""
    ministry = Weathered()
    ministry.down = Rejected(reason=Reason(Why.REFUSED_BY_PARTNER, "không tồn tại"))
    house = a_house(ministry)
    async with house.running() as relay:
        await accept(house, *codes(30))
        await until(lambda: _is_true(gate(house).pause is not None), house.clock)
        await passes(house.clock, 1)
        found = await states(house)
        assert found[State.DEAD] == 0
        assert 10 <= found[State.HELD] <= 13
        assert gate(house).pause.by.actor.kind is ActorKind.GATEWAY
        ministry.down = None
        await house.store.resume(CIVIL_STATUS, by=LAN)
        await relay.weather.beat()
        await until(lambda: _stands(house, CIVIL_STATUS, found[State.HELD]), house.clock)
    told = Counter(item.message.kind for item in house.adapters[PORTAL].effects)
    assert told["relay.held"] == found[State.HELD]


async def test_refusals_between_which_others_are_taken_are_the_dossiers_own():
    """A careless batch is refused dossier by dossier."""
    ministry = Weathered()
    for name in codes(30):
        ministry.script(name, says(Rejected(reason=Reason(Why.REFUSED_BY_PARTNER))))
    house = a_house(ministry)
    async with house.running():
        for name in codes(30):
            await accept(house, name, f"GOOD-{name}")
            await passes(house.clock, 0.01)
        found = await states(house)
        assert (found[State.DEAD], found[State.DELIVERED]) == (30, 30)
        assert gate(house).pause is None


async def test_what_a_system_shows_ends_with_its_connection():
    """An alert about one that is configured no more would never end; one that comes back shows what it did."""
    ministry = Weathered()
    ministry.down = DOWN
    house = a_house(ministry)

    def shown() -> list[float]:
        gauges = ("relay_breaker_open", "relay_paused")
        return [house.metrics.value(gauge, system=CIVIL_STATUS) for gauge in gauges]

    async with house.running() as relay:
        await accept(house, *codes(8))
        await until(lambda: _is_told(house), house.clock)
        await house.store.pause(CIVIL_STATUS, by=LAN)
        await relay.weather.beat()
        assert shown() == [1, 1]
        config = house.config("node-1")
        relay.turn(replace(config, links={}), house.plan)
        assert shown() == [0, 0]
        await relay.meet(config)
        assert shown() == [0, 0], "who has only looked at a change has not made it"
        relay.turn(config, house.plan)
        assert shown() == [1, 1]


async def test_a_change_meets_new_systems_as_the_store_knows_them_and_leaves_the_others_as_they_are():
    """One that is paused is not called until the next beat tells so; one that is silent is not tried sooner."""
    silent = Weathered()
    silent.down = DOWN
    house = RelayHouse({CIVIL_STATUS: FakeAdapter(), LAND: silent}, a_book(routes=[a_route(LAND)]))
    silent.clock, links = house.clock, house.links
    house.links = {LAND: links[LAND]}
    async with house.running() as relay:
        await accept(house, *codes(8))
        await phase(house, Phase.OPEN, LAND)
        await house.store.pause(CIVIL_STATUS, by=LAN)
        house.clock.advance(1)
        before, house.links = gate(house, LAND).breaker, links
        await relay.meet(house.config("node-1"))
        assert gate(house).pause is not None
        assert gate(house, LAND).breaker == before


async def test_where_no_number_of_refusals_says_anything_none_is_remembered():
    """G6: it may refuse a million one after the other; what is remembered must not grow with them."""
    ministry = Weathered()
    ministry.down = Rejected(reason=Reason(Why.REFUSED_BY_PARTNER))
    house = a_house(ministry, refusals=0)
    async with house.running():
        await accept(house, *codes(30))
        await passes(house.clock, 1)
        assert (await states(house))[State.DEAD] == 30
        assert gate(house).refused == ()


async def test_one_lanes_credentials_and_a_404_that_no_rule_names_kill_nothing():
    """Both are the system's fault: they are tried again."""
    ministry = Weathered()
    ministry.script("H01-0", *[says(Retryable(reason=Reason(Why.CREDENTIALS)))] * 3)
    house = a_house(ministry)
    async with house.running():
        ministry.down = Retryable(reason=Reason(Why.CLIENT_ERROR))
        await accept(house, *codes(12))
        await passes(house.clock, 1)
        ministry.down = None
        await taken(house, ministry, 12, step=10)


async def test_a_call_from_the_system_has_it_tried_sooner():
    """It is there: why wait for five minutes?"""
    ministry = Weathered()
    ministry.down = DOWN
    house = a_house(ministry)
    async with house.running() as relay:
        await accept(house, *codes(6))
        await phase(house, Phase.OPEN)
        await passes(house.clock, 1)
        await phase(house, Phase.OPEN)
        ministry.down = None
        house.clock.advance(100)
        relay.weather.heard(CIVIL_STATUS)
        relay.weather.heard(PORTAL)
        before = house.clock.now()
        await phase(house, Phase.CLOSED)
        assert house.clock.now() - before < timedelta(seconds=5)


async def test_an_operator_has_it_tried_at_once():
    """What a call without effect finds is said; without one the next delivery finds out."""
    ministry = Probed()
    ministry.down = TIMED_OUT
    house = a_house(ministry, CRIMINAL_RECORD)
    async with house.running() as relay:
        await accept(house, *codes(6))
        await phase(house, Phase.OPEN, CRIMINAL_RECORD)
        assert not (await relay.weather.probe(CRIMINAL_RECORD)).reachable
        assert gate(house, CRIMINAL_RECORD).breaker.phase is Phase.OPEN
        ministry.down = None
        assert (await relay.weather.probe(CRIMINAL_RECORD)).reachable
        assert relay.weather.skies()[CRIMINAL_RECORD].condition == "half_open"
        await phase(house, Phase.CLOSED, CRIMINAL_RECORD)
    assert await relay.weather.probe(PORTAL) is None


async def taken(house, ministry, count, step):
    await until(lambda: _is_true(len(ministry.effects) == count), house.clock, step=step)


def most_in_a_minute(calls):
    minute = timedelta(minutes=1)
    return max(sum(start <= other < start + minute for other in calls) for start in calls)


def noted(poll, asked, clock):
    async def noting(*given, **named):
        asked.append(clock.now())
        return await poll(*given, **named)

    return noting


async def states(house, system=CIVIL_STATUS):
    found = await house.store.find(destination=system, limit=1000)
    return Counter(leg.state for leg in found)


async def _stands(house, system, held) -> bool:
    found = await states(house, system)
    return found == {State.DELIVERED: found[State.DELIVERED], State.HELD: held}


async def _is_true(value) -> bool:
    return value


async def _is_told(house) -> bool:
    told = (await house.store.fleet()).tallies.get(CIVIL_STATUS)
    return told is not None and told.phase is Phase.OPEN
