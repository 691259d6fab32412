"""Erasing by age while a gateway serves: little by little, only what may go, and nothing because a clock jumped."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.core.delivery import State
from gateway.core.errors import Fenced
from gateway.core.ids import NodeId
from gateway.core.retention import Rule
from gateway.relay.sweeper import Sweeper
from gateway.testing.adapter import FakeAdapter
from gateway.testing.books import CIVIL_STATUS, PORTAL, TAX, a_draft, a_status
from gateway.testing.relay_house import RelayHouse, UnsteadyStore
from gateway.testing.signals import until

YEAR = 365 * 86_400.0


def a_house() -> RelayHouse:
    house = RelayHouse({CIVIL_STATUS: FakeAdapter(), PORTAL: FakeAdapter()})
    house.retention = Rule(term=timedelta(days=365))
    return house


async def finish(house: RelayHouse, *codes: str) -> None:
    """Let dossiers come, be sent and be finished."""
    await house.accept(*(a_draft(code) for code in codes))
    await house.until(CIVIL_STATUS, *[State.DELIVERED] * len(codes))
    await house.accept(*(a_status(code, 9) for code in codes))
    await house.until(PORTAL, *[State.DELIVERED] * len(codes), kinds=["status.changed"])


async def erased(house: RelayHouse, code: str) -> bool:
    (view,) = await house.store.dossiers(code)
    return view.erased is not None


async def test_what_reached_its_age_goes_and_what_is_open_stays():
    """One line for each transaction, without a code or a name; with no rule nothing goes."""
    house = a_house()
    async with house.running():
        await finish(house, "A", "B")
        await house.accept(a_draft("C"), a_status("D", source=TAX))
    house.clock.advance(2 * YEAR)
    with capture_logs() as lines:
        async with house.running("node-2"):

            async def are_gone() -> bool:
                return await erased(house, "A") and await erased(house, "B")

            await until(are_gone, house.clock)
    assert not await erased(house, "C")
    told = [line for line in lines if line["event"] == "erased"]
    assert [(line["dossiers"], line["parked"], line["rule"]) for line in told] == [(2, 1, "dossiers 365d")]
    assert house.metrics.value("relay_erased_total") == 3


async def test_without_a_rule_nothing_is_erased():
    house = a_house()
    house.retention = None
    async with house.running():
        await finish(house, "A")
        house.clock.advance(20 * YEAR)
        await house.accept(a_draft("B"))
        await house.until(CIVIL_STATUS, State.DELIVERED, State.DELIVERED)
    assert not await erased(house, "A")


async def test_a_clock_that_jumps_erases_nothing_until_somebody_could_look():
    """Everything would be old at once; and what is erased cannot be had again."""
    house = a_house()
    with capture_logs() as lines:
        async with house.running():
            await finish(house, "A")
            house.clock.jump(2 * YEAR)

            async def is_told() -> bool:
                return any(line["event"] == "erasing_suspended" for line in lines)

            await until(is_told, house.clock, step=60)
            assert not await erased(house, "A")
            told_at = house.clock.monotonic()

            async def is_gone() -> bool:
                return await erased(house, "A")

            await until(is_gone, house.clock, within=200_000, step=1800)
            assert house.clock.monotonic() - told_at >= 86_400


class Halting(UnsteadyStore):
    """Whoever has looked for what may go stands still until another node has joined."""

    async def survey(self, rule, *, after, limit):
        found = await super().survey(rule, after=after, limit=limit)
        self._clock.advance(31)
        await self.join(NodeId("node-3"), config="config-2")
        return found


async def test_a_node_that_was_ended_while_it_stood_still_erases_nothing():
    """G2: another rule may be in force since; and what is erased cannot be had again."""
    house = a_house()
    house.store = Halting(clock=house.clock, ids=house.ids, notify=house.wakeups.wake)
    house.retention = None
    async with house.running():
        await finish(house, "A")
    house.clock.advance(2 * YEAR)
    house.retention = Rule(term=timedelta(days=365))
    with pytest.raises(ExceptionGroup) as ended:
        await house.relay("node-2").run()
    assert ended.group_contains(Fenced)
    assert not await erased(house, "A")


async def test_the_bytes_of_an_erased_file_stay_while_a_request_may_name_it_still():
    """G1: the portal names its old upload again, and its request has looked it up just before the erasure."""
    house = a_house()
    named, other = (house.blobs.hold(data, name="tờ khai.pdf") for data in (b"named", b"other"))
    async with house.running():
        await house.accept(a_draft("A", blobs=(named, other)))
        await house.until(CIVIL_STATUS, State.DELIVERED)
        await house.accept(a_status("A", 9))
        await house.until(PORTAL, State.DELIVERED, kinds=["status.changed"])
    house.clock.advance(2 * YEAR)
    assert house.retention is not None
    (case,) = (await house.store.survey(house.retention, after=None, limit=1)).ripe
    await house.store.erase([case.root], rule=house.retention)
    sweeper = Sweeper(house.store, house.blobs, house.clock)
    await sweeper.sweep()
    await house.accept(a_draft("B", blobs=(named,)))
    await sweeper.sweep()
    assert set(house.blobs.objects) == {named.key}
