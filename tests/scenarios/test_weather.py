"""Partners that are down, closed or paused: nothing is burned meanwhile, and everything goes on by itself."""

from dataclasses import replace

from gateway.core.acts import By
from gateway.core.breaker import Phase
from gateway.core.delivery import State
from gateway.core.message import Actor, ActorKind
from gateway.core.outcome import Retryable
from gateway.core.reason import Reason, Why
from gateway.ports.adapter import Health
from gateway.testing.adapter import TIMED_OUT, FakeAdapter, says
from gateway.testing.books import CIVIL_STATUS, CRIMINAL_RECORD, PORTAL, a_book, a_draft, a_route
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


class Probed(Weathered):
    """It can be asked whether it is there."""

    def __init__(self) -> None:
        super().__init__()
        self.probed = 0

    async def probe(self, *, deadline):
        del deadline
        self.probed += 1
        return Health(reachable=self.down is None)


def a_house(ministry, system=CIVIL_STATUS) -> RelayHouse:
    house = RelayHouse({PORTAL: FakeAdapter(), system: ministry}, a_book(routes=[a_route(system)]))
    ministry.clock = house.clock
    return house


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
    """A HOLD partner has nothing more in doubt once its breaker is open."""
    ministry = Probed()
    ministry.down = TIMED_OUT
    house = a_house(ministry, CRIMINAL_RECORD)
    house.links[CRIMINAL_RECORD] = replace(house.links[CRIMINAL_RECORD], probes=ministry)
    async with house.running():
        await accept(house, *codes(20))
        await phase(house, Phase.OPEN, CRIMINAL_RECORD)
        called = len(ministry.calls)
        await until(lambda: _is_true(ministry.probed > 3), house.clock)
        assert len(ministry.calls) == called
        ministry.down = None
        await phase(house, Phase.CLOSED, CRIMINAL_RECORD)


async def test_a_paused_system_is_not_called_and_goes_on_when_resumed():
    """New deliveries are accepted and wait; a restart changes nothing about it."""
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


async def _is_true(value) -> bool:
    return value


async def _is_told(house) -> bool:
    told = (await house.store.fleet()).tallies.get(CIVIL_STATUS)
    return told is not None and told.phase is Phase.OPEN
