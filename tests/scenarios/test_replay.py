"""A replay over a whole relay: partners refuse and recover, the process dies in the middle, every item is counted."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.core.acts import By
from gateway.core.delivery import State
from gateway.core.judging import Decision
from gateway.core.message import Actor, ActorKind
from gateway.core.outcome import Rejected
from gateway.core.reason import Reason, Why
from gateway.core.replay import ItemState, Run, RunPlan, RunState, Selection, Steering, Tally, order
from gateway.core.terms import Terms
from gateway.ops.replaying import ReplayDesk
from gateway.testing.adapter import TIMED_OUT, FakeAdapter, says, takes_but_says
from gateway.testing.books import CIVIL_STATUS, CRIMINAL_RECORD, PORTAL, a_book, a_draft, a_route
from gateway.testing.relay_house import RelayHouse
from gateway.testing.signals import until

LAN = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan"), reason="Bộ đã sửa bảng mã")
REFUSED = says(Rejected(reason=Reason(Why.REFUSED_BY_PARTNER)))
PLAN = RunPlan(steps=(1, 2, 4), rate=60)


def a_house(system=CIVIL_STATUS) -> RelayHouse:
    adapters = {system: FakeAdapter(), PORTAL: FakeAdapter()}
    terms = Terms(concurrency=4, refusals=0)  # what it refuses dies one by one, however many in a row
    return RelayHouse(adapters, a_book(routes=[a_route(system)]), terms={system: terms})


async def refused(house: RelayHouse, codes: list[str], system=CIVIL_STATUS) -> None:
    """Let the partner refuse each of these once."""
    for code in codes:
        house.adapters[system].script(code, REFUSED)
    await house.accept(*(a_draft(code) for code in codes))

    async def all_dead() -> bool:
        return len(await house.store.find(state=State.DEAD, destination=system)) == len(codes)

    await until(all_dead, house.clock)


async def begun(house: RelayHouse, plan: RunPlan = PLAN) -> Run:
    run = await ReplayDesk(store=house.store, systems=house.adapters).begin(Selection(), plan, by=LAN)
    assert isinstance(run, Run)
    return run


async def comes_to(house: RelayHouse, run: Run, state: RunState) -> Tally:
    async def stands() -> bool:
        return (await house.store.run(run.id))[0].state is state

    await until(stands, house.clock)
    return (await house.store.run(run.id))[1]


CODES = [f"H{number}" for number in range(10)]


async def test_the_relay_goes_on_with_a_replay_by_itself():
    """Nobody's terminal is needed: everything that was refused arrives, once."""
    house = a_house()
    with capture_logs() as lines:
        async with house.running():
            await refused(house, CODES)
            run = await begun(house)
            assert await comes_to(house, run, RunState.FINISHED) == Tally(done=10)
    assert [line["replay"] for line in lines if line["event"] == "replay_finished"] == [run.id]
    assert sorted(item.message.codes[0].value for item in house.adapters[CIVIL_STATUS].effects) == sorted(CODES)


async def test_a_replay_outlives_the_process_and_sends_nothing_twice():
    """G4, G11: killed in the middle, the next incarnation goes on where it was."""
    house = a_house(CRIMINAL_RECORD)
    partner = house.adapters[CRIMINAL_RECORD]
    async with house.doomed("node-1"):
        await refused(house, CODES, CRIMINAL_RECORD)
        run = await begun(house)

        async def in_the_middle() -> bool:
            return len(partner.effects) >= 3

        await until(in_the_middle, house.clock)
    async with house.running("node-2"):
        tally = await comes_to(house, run, RunState.FINISHED)
    assert tally.requested == tally.done + tally.failed + tally.skipped == 10
    sent = [item.id for item in partner.effects]
    assert len(sent) == len(set(sent))


async def test_it_stops_by_itself_and_a_person_lets_it_go_on():
    """The partner is not yet repaired: one canary shows it, and the others are left alone."""
    house = a_house()
    async with house.running():
        await refused(house, CODES)
        house.adapters[CIVIL_STATUS].script("H0", REFUSED)
        run = await begun(house)
        assert await comes_to(house, run, RunState.STOPPED) == Tally(chosen=9, failed=1)
        await house.store.steer_run(run.id, Steering.RESUME, by=LAN)
        assert await comes_to(house, run, RunState.FINISHED) == Tally(done=9, failed=1)


async def test_what_ends_in_doubt_has_failed_and_is_not_sent_again_by_the_next_run():
    """G4: a person must say what the partner has."""
    house = a_house(CRIMINAL_RECORD)
    async with house.running():
        await refused(house, ["H0"], CRIMINAL_RECORD)
        house.adapters[CRIMINAL_RECORD].script("H0", takes_but_says(TIMED_OUT))
        run = await begun(house)
        assert await comes_to(house, run, RunState.FINISHED) == Tally(failed=1)
        choice = await house.store.choose(Selection())
        assert choice.chosen == ()
        assert [item.why for item in choice.left_out] == ["in_doubt"]


@pytest.mark.parametrize("rate", [3])
async def test_the_rate_holds_over_minutes(rate):
    """At most so many sends in any minute."""
    house = a_house()
    async with house.running():
        await refused(house, CODES)
        before = len(house.adapters[CIVIL_STATUS].sent)
        run = await begun(house, RunPlan(steps=(100,), rate=rate))
        start = house.clock.now()
        await comes_to(house, run, RunState.FINISHED)
        items = await house.store.run_items(run.id)
        minutes = [int((item.sent_at - start).total_seconds() // 60) for item in items if item.sent_at]
        assert len(house.adapters[CIVIL_STATUS].sent) - before == 10
        assert max(minutes.count(minute) for minute in minutes) <= rate


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    fates=st.lists(st.sampled_from(["good", "bad", "judged", "retried"]), min_size=1, max_size=12),
    deaths=st.lists(st.integers(0, 12), max_size=3),
    steps=st.lists(st.integers(1, 4), min_size=1, max_size=3),
)
async def test_requested_is_done_failed_and_skipped_exactly(fates, deaths, steps):
    """G4, G11: whatever fails, whoever decides meanwhile, whenever it crashes; and what stops later is not included."""
    house = a_house(CRIMINAL_RECORD)
    partner = house.adapters[CRIMINAL_RECORD]
    codes = [f"H{number}" for number in range(len(fates))]
    async with house.running("node-0"):
        await refused(house, codes, CRIMINAL_RECORD)
        choice = await house.store.choose(Selection())
    await decided(house, codes, fates, choice)
    run = await house.store.begin_run(order(choice, {}, RunPlan(steps=tuple(steps), rate=100, stop_at=1)), by=LAN)
    for code, fate in zip(codes, fates, strict=True):
        if fate == "bad":
            partner.script(code, REFUSED)
    for number, effects in enumerate(deaths, start=1):
        async with house.doomed(f"node-{number}"):
            await any_turns(house, partner, effects)
    async with house.running("node-last"):
        await refused_later(house, partner)
        tally = await comes_to(house, run, RunState.FINISHED)
    items = await house.store.run_items(run.id, limit=1000)
    assert tally.requested == tally.done + tally.failed + tally.skipped == len(items) == len(fates)
    assert tally.done <= fates.count("good")
    assert tally.skipped >= fates.count("judged")
    sent = [item.id for item in partner.effects]
    assert len(sent) == len(set(sent))
    done = {item.delivery for item in items if item.state is ItemState.DONE}
    assert done <= set(sent)


async def decided(house, codes, fates, choice) -> None:
    """Let a person decide about some between the choice and the run."""
    by_code = {item.code: item.id for item in choice.chosen}
    for code, fate in zip(codes, fates, strict=True):
        if fate in {"judged", "retried"}:
            decision = Decision.CANCELLED if fate == "judged" else Decision.RETRY
            await house.store.decide(by_code[code], decision, by=LAN, plan=house.plan)


async def any_turns(house, partner, effects) -> None:
    async def far_enough() -> bool:
        return len(partner.effects) >= effects or house.clock.monotonic() > limit

    limit = house.clock.monotonic() + 20
    await until(far_enough, house.clock)


async def refused_later(house, partner) -> None:
    """Let one more be refused once the run has begun: it is nobody's item."""
    partner.script("later", REFUSED)
    await house.accept(a_draft("later"))
