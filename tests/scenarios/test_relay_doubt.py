"""What becomes of an attempt that nobody knows the end of."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.delivery import State, Step
from gateway.core.doubt import Declarations, Declared, Doubt
from gateway.core.errors import Fenced, StoreUnavailable
from gateway.core.ids import NodeId, SystemId
from gateway.core.outcome import Absent, Rejected, Retryable, Unknown
from gateway.core.reason import Reason, Why
from gateway.core.routing import Mode
from gateway.testing.adapter import (
    TIMED_OUT,
    FakeAdapter,
    LookingAdapter,
    Scripted,
    code_of,
    fails,
    says,
    takes_but_says,
)
from gateway.testing.books import CIVIL_STATUS, CRIMINAL_RECORD, LAND, PORTAL, a_book, a_draft, a_route, a_system
from gateway.testing.clock import FakeClock
from gateway.testing.relay_house import RelayHouse, UnsteadyStore
from gateway.testing.signals import NeverHappened, until

CODE = "H01-1"
QUIET = timedelta(minutes=10)


def a_house(system, adapter, **changes) -> RelayHouse:
    """A portal, and one system that all dossiers go to."""
    book = a_book(systems=[a_system(system, **changes)], routes=[a_route(system)])
    return RelayHouse({PORTAL: FakeAdapter(), system: adapter}, book)


def promises(**declared) -> Declarations:
    return Declarations(by_kind={"*": Declared(**declared)})


async def test_resends_with_the_same_id_what_was_committed_but_not_answered():
    """G4: a partner that deduplicates sees two requests and one effect."""
    adapter = FakeAdapter(deduplicates=True)
    adapter.script(CODE, takes_but_says(TIMED_OUT))
    house = a_house(CIVIL_STATUS, adapter)
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(CIVIL_STATUS, State.DELIVERED)
    assert len(adapter.effects) == 1
    assert [item.id for item in adapter.sent] == [adapter.sent[0].id] * 2


async def test_resends_nothing_once_the_window_of_deduplication_is_over():
    """G4: past its window a RESEND partner would make a second effect."""
    adapter = FakeAdapter()
    adapter.script(CODE, takes_but_says(TIMED_OUT))
    house = a_house(
        CIVIL_STATUS,
        adapter,
        declarations=promises(doubt=Doubt.RESEND, dedup_window=timedelta(seconds=1)),
    )
    async with house.running():
        await house.accept(a_draft(CODE))
        await until(lambda: _has_settled(house), house.clock)
        (leg,) = await house.legs(CIVIL_STATUS)
    assert leg.state is State.HELD
    assert len(adapter.sent) == 1


async def _has_settled(house: RelayHouse, system: SystemId = CIVIL_STATUS) -> bool:
    (leg,) = await house.legs(system)
    return leg.state in {State.HELD, State.DELIVERED, State.DEAD}


async def test_sends_again_what_a_lookup_finally_does_not_find():
    """G4: a no counts once the quiet time is over, and then the dossier is sent."""
    adapter = LookingAdapter()
    adapter.script(CODE, says(TIMED_OUT))
    house = a_house(LAND, adapter, declarations=promises(doubt=Doubt.LOOKUP, quiet=QUIET))
    async with house.running():
        started = house.clock.now()
        await house.accept(a_draft(CODE))
        await house.until(LAND, State.DELIVERED)
    assert len(adapter.sent) == 2
    assert len(adapter.effects) == 1
    assert house.clock.now() - started >= QUIET


@pytest.mark.parametrize("seconds", [-86_400, 86_400])
async def test_a_clock_that_is_set_shortens_no_quiet_time(seconds):
    """G4: ten minutes stay ten minutes, and no more."""
    adapter = LookingAdapter()
    adapter.script(CODE, says(TIMED_OUT))
    house = a_house(LAND, adapter, declarations=promises(doubt=Doubt.LOOKUP, quiet=QUIET))
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(LAND, State.DELAYED)
        started = house.clock.monotonic()
        house.clock.jump(seconds)
        await house.until(LAND, State.DELIVERED)
    assert QUIET.total_seconds() <= house.clock.monotonic() - started <= 2 * QUIET.total_seconds()


@pytest.mark.parametrize("seconds", [-86_400, 86_400])
async def test_a_clock_that_is_set_during_an_exchange_ends_no_window(seconds):
    """G4: a delivery is measured by the clock that it was claimed by; nobody is needed because somebody set another."""
    adapter, answers = FakeAdapter(deduplicates=True), asyncio.Event()
    adapter.script(CODE, Scripted(answer=TIMED_OUT, takes=True, after=answers))
    window = timedelta(minutes=10)
    house = a_house(CIVIL_STATUS, adapter, declarations=promises(doubt=Doubt.RESEND, dedup_window=window))
    async with house.running():
        await house.accept(a_draft(CODE))
        await until(lambda: _has_sent(adapter), house.clock)
        house.clock.jump(seconds)
        answers.set()
        await house.until(CIVIL_STATUS, State.DELIVERED)
    assert len(adapter.effects) == 1
    assert len(adapter.sent) == 2


async def test_believes_no_lookup_before_the_quiet_time_is_over():
    """G4: a request may still be on its way; an early no is asked again."""
    adapter = LookingAdapter()
    adapter.script(CODE, takes_but_says(TIMED_OUT))
    adapter.find(Unknown(reason=Reason(Why.LOOKUP_UNCLEAR), retry_after=timedelta(seconds=30)))
    house = a_house(LAND, adapter, declarations=promises(doubt=Doubt.LOOKUP, quiet=QUIET))
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(LAND, State.DELIVERED)
    assert len(adapter.asked) == 2
    assert len(adapter.effects) == len(adapter.sent) == 1


async def test_delivers_by_a_lookup_that_finds_the_dossier():
    """G4: what has arrived is not sent again, and its codes are bound."""
    adapter = LookingAdapter()
    adapter.script(CODE, takes_but_says(TIMED_OUT))
    house = a_house(LAND, adapter)
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(LAND, State.DELIVERED)
    assert len(adapter.sent) == 1
    assert len(await house.store.dossiers("land-H01-1")) == 1


async def test_is_refused_for_good_by_a_lookup_that_finds_the_refusal():
    """A look-up's refusal is a final answer about the first send."""
    adapter = LookingAdapter()
    adapter.script(CODE, says(TIMED_OUT))
    adapter.find(Rejected(reason=Reason(Why.REFUSED_BY_PARTNER)))
    house = a_house(LAND, adapter)
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(LAND, State.DEAD)
    assert (await house.legs(LAND))[0].in_doubt_since is None


async def test_asks_a_person_where_the_adapter_cannot_look_up():
    """A promise that the adapter cannot use is no promise."""
    adapter = FakeAdapter()
    adapter.script(CODE, says(TIMED_OUT))
    house = a_house(LAND, adapter)
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(LAND, State.HELD)
    (leg,) = await house.legs(LAND)
    assert leg.reason == Reason(Why.LOOKUP_MISSING)
    assert leg.step is Step.LOOKUP


async def test_holds_what_nothing_was_declared_for():
    """G4: without a promise a person decides, and nothing is sent twice."""
    adapter = FakeAdapter()
    adapter.script(CODE, takes_but_says(TIMED_OUT))
    house = a_house(CRIMINAL_RECORD, adapter, declarations=Declarations())
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(CRIMINAL_RECORD, State.HELD)
        house.clock.advance(3600)
        await asyncio.sleep(0)
    assert len(adapter.sent) == 1
    assert (await house.legs(CRIMINAL_RECORD))[0].in_doubt_since is not None


@pytest.mark.parametrize("error", [RuntimeError("boom"), TimeoutError(), ConnectionResetError(), KeyError("x")])
async def test_an_adapter_that_raises_has_never_delivered(error):
    """G5: whatever the adapter raises is doubt, never a delivery."""
    adapter = FakeAdapter()
    adapter.script(CODE, fails(error))
    house = a_house(CRIMINAL_RECORD, adapter, declarations=Declarations())
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(CRIMINAL_RECORD, State.HELD)
    (leg,) = await house.legs(CRIMINAL_RECORD)
    assert leg.reason is not None
    assert leg.reason.code is Why.ADAPTER_BUG


async def test_a_lost_worker_leaves_doubt_that_the_next_start_resolves():
    """G11: a process that vanished while sending is replaced; the partner sees one effect."""
    adapter = FakeAdapter(deduplicates=True)
    adapter.script(CODE, Scripted(takes=True, hangs=True))
    house = a_house(CIVIL_STATUS, adapter)
    async with house.doomed("node-1"):
        await house.accept(a_draft(CODE))
        await until(lambda: _has_sent(adapter), house.clock)
    assert [leg.state for leg in await house.legs(CIVIL_STATUS)] == [State.LEASED]
    async with house.running("node-2"):
        await house.until(CIVIL_STATUS, State.DELIVERED)
    assert len(adapter.sent) == 2
    assert len(adapter.effects) == 1


async def test_the_window_of_deduplication_goes_on_while_the_gateway_is_down():
    """G4, G11: doubt dates from the lost worker's claim, not from the next start."""
    adapter = FakeAdapter()
    adapter.script(CODE, Scripted(takes=True, hangs=True))
    promise = promises(doubt=Doubt.RESEND, dedup_window=timedelta(days=1))
    house = a_house(CIVIL_STATUS, adapter, declarations=promise)
    async with house.doomed("node-1"):
        await house.accept(a_draft(CODE))
        await until(lambda: _has_sent(adapter), house.clock)
    house.clock.advance(timedelta(days=2).total_seconds())
    async with house.running("node-2"):
        await house.until(CIVIL_STATUS, State.HELD)
    assert len(adapter.effects) == 1


async def test_a_lost_worker_of_an_undeclared_system_leaves_a_decision():
    """G4, G11: after ``begin`` nothing is sent again without a person."""
    adapter = FakeAdapter()
    adapter.script(CODE, Scripted(takes=True, hangs=True))
    house = a_house(CRIMINAL_RECORD, adapter)
    async with house.doomed("node-1"):
        await house.accept(a_draft(CODE))
        await until(lambda: _has_sent(adapter), house.clock)
    async with house.running("node-2"):
        await house.until(CRIMINAL_RECORD, State.HELD)
    assert len(adapter.sent) == 1


async def test_a_delivery_whose_workers_die_three_times_is_set_aside():
    """A poisonous dossier does not kill the gateway for ever."""
    adapter = FakeAdapter(deduplicates=True)
    adapter.script(CODE, *[Scripted(hangs=True)] * 9)
    house = a_house(CIVIL_STATUS, adapter)
    await house.accept(a_draft(CODE))
    for number in range(3):
        async with house.doomed(f"node-{number}"):
            await until(lambda expected=number + 1: _has_sent(adapter, expected), house.clock)
    async with house.running("node-9"):
        await house.until(CIVIL_STATUS, State.HELD)
    (leg,) = await house.legs(CIVIL_STATUS)
    assert leg.reason is not None
    assert leg.reason.code is Why.QUARANTINED


class Deadly(FakeAdapter):
    """Kills who rehearses the poison; rehearses the others."""

    async def rehearse(self, delivery):
        shown = await super().rehearse(delivery)
        if code_of(delivery) == "POISON":
            await asyncio.Event().wait()
        return shown


async def test_what_kills_three_times_who_rehearses_it_is_set_aside_without_doubt():
    """G6: also where nothing is ever sent; whoever was on its way beside it is rehearsed to its end."""
    adapter = Deadly()
    house = a_house(CIVIL_STATUS, adapter, mode=Mode.SHADOW)
    for code in (CODE, "POISON"):
        await house.accept(a_draft(code))
    for number in range(3):

        async def is_rehearsed(expected=number + 1):
            return [code_of(one) for one in adapter.rehearsed].count("POISON") == expected

        async with house.doomed(f"node-{number}"):
            await until(is_rehearsed, house.clock)
    async with house.running("node-9"):
        await house.until(CIVIL_STATUS, State.HELD, State.CANCELLED)
    poison, other = await house.legs(CIVIL_STATUS)
    assert (poison.reason, poison.in_doubt_since) == (Reason(Why.QUARANTINED), None)
    assert other.reason == Reason(Why.SHADOW)


async def test_what_was_on_its_way_at_every_outage_is_not_set_aside():
    """An attempt that ends, however it ends, shows that the delivery does not kill who sends it."""
    adapter = FakeAdapter(deduplicates=True)
    adapter.script(CODE, *[Scripted(hangs=True), says(Retryable(reason=Reason(Why.CONNECTION_REFUSED)))] * 3)
    house = a_house(CIVIL_STATUS, adapter)
    await house.accept(a_draft(CODE))
    for number in range(3):
        async with house.doomed(f"node-{number}"):
            await until(lambda expected=2 * number + 1: _has_sent(adapter, expected), house.clock)
    async with house.running("node-9"):
        await house.until(CIVIL_STATUS, State.DELIVERED)


async def test_what_was_on_its_way_beside_poison_is_not_set_aside_with_it():
    """G11: what has lost two workers in a row is tried alone: the third dies over the one that kills them."""
    adapter, answers = FakeAdapter(deduplicates=True), asyncio.Event()
    adapter.script(CODE, Scripted(hangs=True), Scripted(hangs=True), Scripted(after=answers))
    adapter.script("POISON", *[Scripted(hangs=True)] * 3)
    house = a_house(CIVIL_STATUS, adapter)
    for code in (CODE, "POISON"):
        await house.accept(a_draft(code))
    for number in range(2):
        async with house.doomed(f"node-{number}"):
            await until(lambda expected=2 * number + 2: _has_sent(adapter, expected), house.clock)
    async with house.doomed("node-2"):
        await until(lambda: _has_sent(adapter, 5), house.clock)
        with pytest.raises(NeverHappened):
            await until(lambda: _has_sent(adapter, 6), house.clock, within=20)
        answers.set()
        await until(lambda: _has_sent(adapter, 3, "POISON"), house.clock)
    async with house.running("node-9"):
        await house.until(CIVIL_STATUS, State.HELD, State.DELIVERED)
        reasons = [leg.reason for leg in await house.legs(CIVIL_STATUS)]
    assert (reasons, code_of(adapter.effects[0])) == ([Reason(Why.QUARANTINED), None], CODE)


async def test_shadow_mode_rehearses_and_never_sends():
    """A system in shadow mode hears nothing; its deliveries end cancelled."""
    adapter = FakeAdapter()
    house = a_house(CIVIL_STATUS, adapter, mode=Mode.SHADOW)
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(CIVIL_STATUS, State.CANCELLED)
    assert len(adapter.rehearsed) == 1
    assert adapter.sent == []


async def test_a_rehearsal_that_a_crash_ends_is_rehearsed_again():
    """G11: nothing was sent, so there is no doubt and nothing for a person to decide."""
    house = a_house(CIVIL_STATUS, FakeAdapter(), mode=Mode.SHADOW)
    await house.accept(a_draft(CODE))
    assert len(await house.store.claim(house.relay("node-1").slots())) == 1  # and is never heard of again
    async with house.running("node-2"):
        await house.until(CIVIL_STATUS, State.CANCELLED)


async def test_a_kind_of_ones_own_is_in_doubt_only_once_it_has_begun():
    """G4, G11: no list of kinds is complete; what was claimed and never begun is sent, not held."""
    adapter = FakeAdapter()
    house = a_house(CRIMINAL_RECORD, adapter)
    async with house.running("node-1"):
        await house.accept(a_draft(CODE))
        await house.until(CRIMINAL_RECORD, State.DELIVERED)
    await house.accept(a_draft(CODE, text="x", kind="x.portal.appointment", document=None))
    claimed = await house.store.claim(house.relay("node-1").slots())  # and is never heard of again
    assert CRIMINAL_RECORD in {delivery.destination for delivery in claimed}
    async with house.running("node-2"):
        await house.until(CRIMINAL_RECORD, State.DELIVERED, State.DELIVERED)
    assert len(adapter.effects) == 2
    assert adapter.sent[-1].reclaims == 0, "it cannot have killed who had not begun it"


async def test_a_resend_is_judged_again_after_a_store_was_away():
    """G4: between the decision and the first byte the lease is renewed, which may take as long as the lease."""
    adapter = FakeAdapter(deduplicates=True)
    adapter.script(CODE, takes_but_says(TIMED_OUT))
    promise = promises(doubt=Doubt.RESEND, dedup_window=timedelta(seconds=75))
    house = a_house(CIVIL_STATUS, adapter, declarations=promise)
    async with house.running("node-1"):
        await house.accept(a_draft(CODE))
        await house.until(CIVIL_STATUS, State.DELAYED)
    house.clock.advance(10)
    relay = house.relay("node-2")
    slots = relay.slots()
    leased = await house.store.claim(slots)
    house.clock.advance(25)
    house.store.up = False
    await relay.take(leased, slots)
    for _ in range(20):
        await asyncio.sleep(0)
        house.clock.advance(1)
    house.store.up = True
    await house.until(CIVIL_STATUS, State.HELD)
    assert len(adapter.sent) == 1


async def test_a_node_that_was_ended_while_it_stood_still_sends_nothing():
    """G4: what it leases before it knows is another's at once, though the lease has not lapsed."""
    adapter = FakeAdapter(deduplicates=True)
    house = a_house(CIVIL_STATUS, adapter)
    await house.store.join(NodeId("node-1"), config="config-1")
    relay = house.relay("node-1")
    house.clock.advance(31)
    async with house.running("node-2"):
        slots = relay.slots()
        accepted = await house.store.accept((a_draft(CODE),), plan=house.plan, slots=slots)
        assert len(accepted.leased) == 1
        await relay.take(accepted.leased, slots)
        for _ in range(20):
            await asyncio.sleep(0)
        assert adapter.sent == []
        await house.until(CIVIL_STATUS, State.DELIVERED)
    assert len(adapter.sent) == 1


async def test_a_node_that_was_ended_while_it_stood_still_claims_nothing():
    """G4: what it had claimed would be in doubt, though nothing of it was sent."""
    house = a_house(CIVIL_STATUS, FakeAdapter(deduplicates=True))
    relay = house.relay("node-1")
    life = asyncio.create_task(relay.run())
    await relay.ready.wait()
    relay.wake()  # it looks as soon as it goes on
    house.clock.advance(31)
    await house.store.join(NodeId("node-2"), config="config-1")
    await house.accept(a_draft(CODE))
    with pytest.raises(ExceptionGroup) as ended:
        await life
    assert ended.group_contains(Fenced)
    assert [leg.state for leg in await house.legs(CIVIL_STATUS)] == [State.READY]


class Drowsy(FakeClock):
    """The machine's uptime counts the time in which it sleeps; the monotonic clock does not."""

    slept = 0.0

    def uptime(self) -> float:
        return super().uptime() + self.slept


async def test_a_node_whose_machine_slept_asks_before_it_sends():
    """G4: no deadline of its own has passed meanwhile, and another node may have ended it."""
    adapter, clock = FakeAdapter(deduplicates=True), Drowsy()
    book = a_book(systems=[a_system(CIVIL_STATUS)], routes=[a_route(CIVIL_STATUS)])
    house = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: adapter}, book, clock=clock)
    await house.store.join(NodeId("node-1"), config="config-1")
    relay = house.relay("node-1")
    clock.slept += 31
    await house.store.join(NodeId("node-2"), config="config-1")
    slots = relay.slots()
    accepted = await house.store.accept((a_draft(CODE),), plan=house.plan, slots=slots)
    assert len(accepted.leased) == 1
    await relay.take(accepted.leased, slots)
    for _ in range(20):
        await asyncio.sleep(0)
    assert adapter.sent == []


class Slow(UnsteadyStore):
    """Answers one sign of life so late that another node has joined meanwhile, and ended the one that gave it."""

    is_slow = False

    async def beat(self, node, tallies):
        fleet = await super().beat(node, tallies)
        if self.is_slow:
            self.is_slow = False
            self._clock.advance(31)
            await self.join(NodeId("node-2"), config="config-1")
        return fleet


async def test_a_sign_of_life_that_was_answered_late_lets_nothing_leave():
    """G4: between it and its answer another node may have ended this one, and taken over what it sends."""
    adapter = FakeAdapter(deduplicates=True)
    house = a_house(CIVIL_STATUS, adapter)
    store = house.store = Slow(clock=house.clock, ids=house.ids, notify=house.wakeups.wake)
    await store.join(NodeId("node-1"), config="config-1")
    relay = house.relay("node-1")
    house.clock.advance(21)
    slots = relay.slots()
    accepted = await store.accept((a_draft(CODE),), plan=house.plan, slots=slots)
    store.is_slow = True
    await relay.take(accepted.leased, slots)
    for _ in range(20):
        await asyncio.sleep(0)
    assert (store.is_slow, adapter.sent) == (False, [])


async def begun_and_lost(house: RelayHouse, number: int) -> None:
    """Leave so many deliveries behind, as a node does of which nobody hears again: begun, and their leases lapsed."""
    await house.accept(*(a_draft(f"H{one}") for one in range(number)))
    slots = replace(house.relay("node-0").slots(), free={CIVIL_STATUS: number}, hold_kinds={CIVIL_STATUS: {"*"}})
    assert len(await house.store.claim(slots)) == number
    house.clock.advance(house.lease.total_seconds() + 1)


async def left(house: RelayHouse) -> int:
    """Return how many deliveries nobody has taken over and settled."""
    return len(await house.store.find(state=State.LEASED))


async def test_a_node_that_was_ended_while_it_stood_still_takes_nothing_over():
    """G11: what it took over would be lost by it in turn, and count as one worker more."""
    house = a_house(CIVIL_STATUS, FakeAdapter(deduplicates=True))
    store = house.store = Slow(clock=house.clock, ids=house.ids, notify=house.wakeups.wake)
    await begun_and_lost(house, 1)
    store.is_slow = True
    with pytest.raises(Fenced):
        await house.relay("node-1").run()
    assert await left(house) == 1


class Halting(UnsteadyStore):
    """Takes so long to hand over what was lost that another node joins meanwhile, and ends the one that asked."""

    async def reclaim(self, slots, *, limit):
        taken = await super().reclaim(slots, limit=limit)
        self._clock.advance(31)
        await self.join(NodeId("node-2"), config="config-1")
        return taken


async def test_a_node_asks_before_each_batch_that_it_takes_over():
    """G11: many that were lost take long."""
    house = a_house(CIVIL_STATUS, FakeAdapter(deduplicates=True))
    house.store = Halting(clock=house.clock, ids=house.ids, notify=house.wakeups.wake)
    await begun_and_lost(house, 101)
    with pytest.raises(Fenced):
        await house.relay("node-1").run()
    assert await left(house) == 1


async def test_one_takeover_that_fails_ends_neither_the_start_nor_the_others():
    """G11: a fault of our own over one delivery leaves it to its lease; it is taken over again."""
    house = a_house(CIVIL_STATUS, FakeAdapter(deduplicates=True))
    await house.accept(a_draft("A"), a_draft("B"))
    assert len(await house.store.claim(house.relay("node-1").slots())) == 2  # and are never heard of again
    link, faults = house.links[CIVIL_STATUS], [ValueError("our own fault")]

    def policy(kind):
        if faults:
            raise faults.pop()
        return link.policy(kind)

    house.links[CIVIL_STATUS] = replace(link, policy=policy)
    async with house.running("node-2"):
        await house.until(CIVIL_STATUS, State.DELIVERED, State.DELIVERED)
    assert faults == []


async def test_shadow_mode_leaves_what_was_in_doubt_to_a_person():
    """What may have left before the mode changed is not cancelled by itself."""
    adapter = FakeAdapter()
    adapter.script(CODE, takes_but_says(TIMED_OUT))
    house = a_house(CIVIL_STATUS, adapter)
    async with house.running("node-1"):
        await house.accept(a_draft(CODE))
        await house.until(CIVIL_STATUS, State.DELAYED)
    dark = a_house(CIVIL_STATUS, adapter, mode=Mode.SHADOW)
    house.links = dark.links
    async with house.running("node-2"):
        await house.until(CIVIL_STATUS, State.HELD)
    assert len(adapter.sent) == 1


class Unwritable(LookingAdapter):
    """Can be asked; of what is rehearsed its mapping lacks something."""

    async def rehearse(self, delivery):
        await super().rehearse(delivery)
        return Rejected(reason=Reason(Why.CANNOT_RENDER))


async def test_a_rehearsal_that_is_refused_says_nothing_of_what_was_in_doubt():
    """G4: nobody was asked: only a look-up that finds the refusal is the partner's no."""
    adapter = Unwritable()
    adapter.script(CODE, takes_but_says(TIMED_OUT))
    house = a_house(LAND, adapter)
    async with house.running("node-1"):
        await house.accept(a_draft(CODE))
        await house.until(LAND, State.DELAYED)
    house.links, house.version = a_house(LAND, adapter, mode=Mode.SHADOW).links, "config-2"
    async with house.running("node-2"):
        await until(lambda: _has_settled(house, LAND), house.clock)
    (leg,) = await house.legs(LAND)
    assert (leg.state, leg.reason, len(adapter.rehearsed)) == (State.HELD, Reason(Why.SHADOW), 1)
    assert leg.in_doubt_since is not None


async def test_what_an_accept_leased_to_be_rehearsed_is_sent_only_once_it_has_begun():
    """G4, G11: the route goes live while the accept is under way; its lease says that nothing can have left."""
    adapter = LookingAdapter()
    adapter.script(CODE, Scripted(takes=True, hangs=True))
    house = a_house(LAND, adapter)
    live, dark = house.book, a_book(systems=[a_system(LAND)], routes=[a_route(LAND, shadow=True)])
    house.book = dark
    async with house.doomed("node-1") as relay:
        slots = relay.slots()
        found = await house.store.accept((a_draft(CODE),), plan=house.plan, slots=slots)
        house.book, house.version = live, "config-2"
        relay.turn(house.config("node-1"), house.plan)
        await relay.take(found.leased, slots)
        await until(lambda: _has_sent(adapter), house.clock)
    async with house.running("node-2"):
        await house.until(LAND, State.DELIVERED)
    assert (len(adapter.effects), len(adapter.sent), len(adapter.asked)) == (1, 1, 1)


async def test_shadow_mode_leaves_what_a_lost_worker_had_sent_to_a_person():
    """G4, G11: the version that claimed it has sent it; that the one of now rehearses all makes it no rehearsal."""
    adapter = FakeAdapter()
    adapter.script(CODE, Scripted(takes=True, hangs=True))
    house = a_house(CIVIL_STATUS, adapter)
    async with house.doomed("node-1"):
        await house.accept(a_draft(CODE))
        await until(lambda: _has_sent(adapter), house.clock)
    house.links, house.version = a_house(CIVIL_STATUS, adapter, mode=Mode.SHADOW).links, "config-2"
    async with house.running("node-2"):
        await house.until(CIVIL_STATUS, State.HELD)
    (leg,) = await house.legs(CIVIL_STATUS)
    assert leg.in_doubt_since is not None
    assert len(adapter.sent) == 1


async def test_absence_and_refusal_after_doubt_do_not_kill_a_resend():
    """A resend that is refused proves nothing about the first send: a person decides."""
    adapter = FakeAdapter()
    adapter.script(CODE, says(TIMED_OUT), says(Rejected(reason=Reason(Why.REFUSED_BY_PARTNER))))
    house = a_house(CIVIL_STATUS, adapter)
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(CIVIL_STATUS, State.HELD)
    assert (await house.legs(CIVIL_STATUS))[0].in_doubt_since is not None


async def test_a_partner_that_is_down_while_asked_is_asked_again():
    """A look-up that fails is repeated, as patiently as a send."""
    adapter = LookingAdapter()
    adapter.script(CODE, says(TIMED_OUT), says(Retryable(reason=Reason(Why.CONNECTION_REFUSED))))
    adapter.find(*[Unknown(reason=Reason(Why.CONNECTION_REFUSED))] * 5, Absent())
    house = a_house(LAND, adapter)
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(LAND, State.DELIVERED)
    assert len(adapter.asked) == 6
    assert len(adapter.effects) == 1


async def _has_sent(adapter: FakeAdapter, times: int = 1, code: str = "") -> bool:
    return sum(code in {"", code_of(one)} for one in adapter.sent) >= times


class Severing(FakeAdapter):
    """Its answers arrive, and the store is gone."""

    house: RelayHouse

    async def send(self, delivery, *, deadline):
        outcome = await super().send(delivery, deadline=deadline)
        self.house.store.up = False
        return outcome


async def test_an_answer_that_is_known_is_no_doubt_when_the_end_cuts_its_settlement_off():
    """G4: no person is asked what the gateway has heard itself."""
    adapter = Severing()
    house = adapter.house = a_house(CRIMINAL_RECORD, adapter)
    async with house.running():
        await house.accept(a_draft(CODE))
        await until(lambda: _has_sent(adapter), house.clock)
        with pytest.raises(NeverHappened):
            await until(lambda: _has_sent(adapter, 2), house.clock, within=0, step=0.01)
        house.store.up = True
    assert [leg.state for leg in await house.legs(CRIMINAL_RECORD)] == [State.DELIVERED]


class Spoilt(UnsteadyStore):
    """Has a row that nobody can read."""

    claims, is_spoilt = 0, True

    async def claim(self, slots):
        self.claims += 1
        if self.is_spoilt:
            raise ValueError("unreadable")
        return await super().claim(slots)


async def test_a_claim_that_a_fault_of_our_own_spoils_ends_nothing():
    """G11: the doors stay open, it is told once, and tried again until somebody has mended it."""
    house = a_house(CIVIL_STATUS, FakeAdapter())
    store = house.store = Spoilt(clock=house.clock, ids=house.ids, notify=house.wakeups.wake)

    async def is_tried_again():
        return store.claims > 2

    async with house.running():
        await house.accept(a_draft(CODE))
        await until(is_tried_again, house.clock)
        store.is_spoilt = False
        await house.until(CIVIL_STATUS, State.DELIVERED)
    assert house.metrics.value("relay_chore_failing", chore="claim") == 1


class Late(UnsteadyStore):
    """Is away for a while when a delivery is to begin."""

    back_at = 45.0

    async def begin(self, lease):
        if self._clock.monotonic() < self.back_at:
            raise StoreUnavailable("taken away by the test")
        return await super().begin(lease)


class Watched(FakeAdapter):
    """Notes how long each exchange may last."""

    clock: FakeClock

    async def send(self, delivery, *, deadline):
        self.allowed = deadline - self.clock.monotonic()
        return await super().send(delivery, deadline=deadline)


async def test_an_exchange_has_its_whole_time_however_late_its_beginning_was_noted():
    """G4: one that the end of the lease cuts short would be in doubt though the partner answers in time."""
    adapter = Watched()
    house = a_house(CRIMINAL_RECORD, adapter)
    adapter.clock = house.clock
    house.store = Late(clock=house.clock, ids=house.ids, notify=house.wakeups.wake)
    async with house.running():
        await house.accept(a_draft(CODE))
        await house.until(CRIMINAL_RECORD, State.DELIVERED)
    assert adapter.allowed == house.links[CRIMINAL_RECORD].timeout.total_seconds()
