"""Our books and a partner's, compared by the relay: what was planted is found exactly, and nothing is touched."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.core.acts import By
from gateway.core.delivery import State
from gateway.core.message import Actor, ActorKind, SourceStatus
from gateway.core.outcome import Absent, Delivered, Rejected, Unknown
from gateway.core.rate import Rate
from gateway.core.reason import Reason, Why
from gateway.core.reconcile import Reconciliation, ReconciliationState
from gateway.core.terms import Terms
from gateway.ports.adapter import ListPage, Record
from gateway.testing.adapter import FakeAdapter, ListingAdapter, LookingAdapter, says
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, a_book, a_draft, a_route, a_status
from gateway.testing.relay_house import RelayHouse
from gateway.testing.signals import until

LAN = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan"), reason="Đối chiếu cuối tháng")
REFUSED = says(Rejected(reason=Reason(Why.REFUSED_BY_PARTNER)))
UNANSWERED = Unknown(reason=Reason(Why.TIMEOUT))
DAY = timedelta(days=1)


def a_house(**terms) -> RelayHouse:
    given = {LAND: Terms(concurrency=4, **terms)}
    return RelayHouse({LAND: LookingAdapter(), PORTAL: FakeAdapter()}, a_book(routes=[a_route(LAND)]), terms=given)


async def settled(house: RelayHouse, delivered: list[str], dead: list[str] | None = None) -> None:
    for code in dead or []:
        house.adapters[LAND].script(code, REFUSED)
    codes = [*delivered, *(dead or [])]
    await house.accept(*(a_draft(code) for code in codes))

    async def all_ended() -> bool:
        legs = await house.legs(LAND)
        return len(legs) == len(codes) and all(leg.state in {State.DELIVERED, State.DEAD} for leg in legs)

    await until(all_ended, house.clock)


async def ended(house: RelayHouse, asked: Reconciliation) -> Reconciliation:
    async def is_over() -> bool:
        return (await house.store.reconciliation(asked.id)).state is not ReconciliationState.ASKED

    await until(is_over, house.clock)
    return await house.store.reconciliation(asked.id)


def a_word(number: int) -> Delivered:
    return Delivered(codes={}, replies=(a_status(None, number, source=LAND),))


async def test_what_was_planted_is_found_exactly_and_nothing_is_touched():
    """Missing, extra and different by k each; agreement and silence are no finding."""
    house = a_house()
    partner = house.adapters[LAND]
    async with house.running():
        await settled(house, ["ok", "m1", "m2", "d1", "d2", "silent"], ["e1", "e2", "none"])
        for code in ("ok", "d1", "d2"):
            await house.accept(a_status(code, 4, source=LAND))
        words = {
            "ok": a_word(4),
            "m1": Absent(),
            "m2": Absent(),
            "d1": a_word(9),
            "d2": a_word(5),
            "silent": UNANSWERED,
            "e1": Delivered(codes={}),
            "e2": Delivered(codes={}),
            "none": Absent(),
        }
        newest_first = [leg.message_id for leg in await house.store.find(destination=LAND)]
        codes = [(await house.store.message(message)).codes[0].value for message in newest_first]
        partner.find(*(words[code] for code in codes))
        before = await house.legs(LAND)
        done = await ended(house, await house.store.ask(LAND, by=LAN))
        assert done.counts == {"missing": 2, "extra": 2, "different": 2}
        for divergence, number in done.counts.items():
            counted = house.metrics.value("relay_divergences_total", system=LAND, divergence=divergence)
            assert counted == number
        assert (done.compared, done.unanswered, done.state) == (8, 1, ReconciliationState.FINISHED)
        found = [(item.code, str(item.repair)) for _, item in await house.store.divergences(done.id)]
        assert sorted(found) == [
            ("d1", "status"),
            ("d2", "status"),
            ("e1", "judge"),
            ("e2", "judge"),
            ("m1", "resend"),
            ("m2", "resend"),
        ]
        assert await house.legs(LAND) == before


def a_page(number: int, *codes: str, more: bool = True) -> ListPage:
    records = [Record(codes=(code,), status=SourceStatus(status=9 if code == "d1" else 4)) for code in codes]
    return ListPage(records=records, cursor=str(number), more=more)


@pytest.mark.parametrize(
    ("last", "counts", "state"),
    [
        (a_page(2, "d1", "e1", "x", more=False), {"missing": 1, "extra": 2, "different": 1}, "finished"),
        (ConnectionError(), {"missing": 0, "extra": 0, "different": 0}, "broken_off"),
    ],
)
async def test_a_system_that_lists_what_it_has_is_read_page_by_page(last, counts, state):
    """A list that was not read to its end proves no absence."""
    partner = ListingAdapter(a_page(1, "ok"), last)
    house = RelayHouse({LAND: partner, PORTAL: FakeAdapter()}, a_book(routes=[a_route(LAND)]))
    house.links[LAND] = replace(house.links[LAND], lists=partner)
    async with house.running():
        await settled(house, ["ok", "m1", "d1"], ["e1"])
        for code in ("ok", "d1"):
            await house.accept(a_status(code, 4, source=LAND))
        house.clock.advance(60)
        done = await ended(house, await house.store.ask(LAND, by=LAN))
    assert (done.counts, done.state) == (counts, state)
    assert partner.asked == []


async def test_it_is_done_by_the_clock_within_the_sample():
    """Once a day, about so many; nobody need think of it, and what it finds is an alert."""
    house = a_house()
    house.links[LAND] = replace(house.links[LAND], reconcile_every=DAY, reconcile_sample=2)
    async with house.running():
        await settled(house, ["A", "B", "C"])
        house.adapters[LAND].find(Absent())

        async def done_twice() -> bool:
            found = await house.store.reconciliations(LAND)
            return len(found) >= 3 and found[0].asked_at - found[1].asked_at >= DAY

        with capture_logs() as lines:
            await until(done_twice, house.clock, within=3 * 86_400, step=600)
        told = [(line["missing"], line.get("alert")) for line in lines if line["event"] == "reconciled"]
        assert sorted(told, reverse=True)[:2] == [(1, True), (0, None)]
        found = await house.store.reconciliations(LAND)
        assert {item.compared for item in found[1:-1]} == {2}
        assert {item.by for item in found} == {None}


@pytest.mark.parametrize("dossiers", [6, 9])
async def test_a_system_that_does_not_answer_is_left_alone(dossiers):
    """Five in a row, and no more, though they be the last; what was compared by then stands."""
    house = a_house()
    partner = house.adapters[LAND]
    async with house.running():
        await settled(house, [f"H{number}" for number in range(dossiers)])
        partner.find(Absent(), *(UNANSWERED for _ in range(9)))
        done = await ended(house, await house.store.ask(LAND, by=LAN))
        assert (done.state, done.compared, done.unanswered) == (ReconciliationState.BROKEN_OFF, 1, 5)
        assert done.counts["missing"] == 1
        assert len(partner.asked) == 6


async def test_a_system_that_takes_no_calls_is_asked_when_it_does():
    """Weather: a comparison that somebody wants is no reason to call a system that is paused; it waits."""
    house = a_house()
    partner = house.adapters[LAND]
    async with house.running() as relay:
        await settled(house, ["A", "B"])
        await house.store.pause(LAND, by=LAN)
        await relay.weather.refresh()
        asked = await house.store.ask(LAND, by=LAN)
        for _ in range(5):
            await passes(house, 60)
        assert (await house.store.reconciliation(asked.id)).state is ReconciliationState.ASKED
        assert partner.asked == []
        await house.store.resume(LAND, by=LAN)
        await relay.weather.refresh()
        assert (await ended(house, asked)).compared == 2


async def test_a_system_that_is_paused_meanwhile_is_asked_no_further():
    """Weather: who reads that a comparison is finished would take what was not asked about for agreement."""

    class Paused(LookingAdapter):
        async def lookup(self, delivery, *, deadline):
            await house.store.pause(LAND, by=LAN)
            await relay.weather.refresh()
            return await super().lookup(delivery, deadline=deadline)

    house = RelayHouse({LAND: Paused(), PORTAL: FakeAdapter()}, a_book(routes=[a_route(LAND)]))
    async with house.running() as relay:
        await settled(house, ["A", "B"])
        done = await ended(house, await house.store.ask(LAND, by=LAN))
        assert (done.state, done.compared, done.unanswered) == (ReconciliationState.BROKEN_OFF, 1, 0)


async def test_look_ups_keep_to_the_rate_and_prove_no_refusal():
    """Weather: and what one finds refused was refused long ago: the system does not refuse everything now."""
    house = a_house(rate=Rate(calls=60, period=timedelta(minutes=1)), refusals=5)
    partner = house.adapters[LAND]
    async with house.running():
        await settled(house, [f"A{number}" for number in range(4)], [f"R{number}" for number in range(4)])
        partner.find(*(Rejected(reason=Reason(Why.REFUSED_BY_PARTNER)) for _ in range(8)))
        began = house.clock.now()
        done = await ended(house, await house.store.ask(LAND, by=LAN))
        assert done.compared == 8
        assert house.clock.now() - began >= timedelta(seconds=7)
        assert not house.links[LAND].gate.refuses_all


async def test_a_system_that_answers_slowly_keeps_no_other_waiting():
    """G6: each system's comparison is its own."""
    slow = Stuck()
    book = a_book(routes=[a_route(LAND), a_route(CIVIL_STATUS)])
    house = RelayHouse({LAND: slow, CIVIL_STATUS: LookingAdapter(), PORTAL: FakeAdapter()}, book)
    async with house.running():
        await settled(house, ["A"])
        waits = await house.store.ask(LAND, by=LAN)
        assert (await ended(house, await house.store.ask(CIVIL_STATUS, by=LAN))).compared == 1
        assert (await house.store.reconciliation(waits.id)).state is ReconciliationState.ASKED


async def passes(house: RelayHouse, seconds: float) -> None:
    house.clock.advance(seconds)
    for _ in range(20):
        await asyncio.sleep(0)


class Stuck(LookingAdapter):
    """Never answers a question while ``stuck``."""

    stuck = True

    async def lookup(self, delivery, *, deadline):
        found = await super().lookup(delivery, deadline=deadline)
        if self.stuck:
            await asyncio.Event().wait()
        return found


async def test_one_that_a_crash_cut_short_is_done_anew():
    """G11: nothing was kept of the first half, so nothing is counted twice."""
    partner = Stuck()
    house = RelayHouse({LAND: partner, PORTAL: FakeAdapter()}, a_book(routes=[a_route(LAND)]))
    async with house.running("node-1"):
        await settled(house, ["A", "B"])
    asked = await house.store.ask(LAND, by=LAN)

    async def is_asking() -> bool:
        return bool(partner.asked)

    async with house.doomed("node-2"):
        await until(is_asking, house.clock)
    partner.stuck = False
    async with house.running("node-3"):
        done = await ended(house, asked)
    assert (done.compared, done.state) == (2, ReconciliationState.FINISHED)


async def test_a_system_that_is_not_called_cannot_be_asked():
    """Said, not waited for without end."""
    house = a_house()
    async with house.running():
        done = await ended(house, await house.store.ask(PORTAL, by=LAN))
        assert done.state is ReconciliationState.FINISHED
        assert done.compared == 0
