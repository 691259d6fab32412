"""The relay from durable to delivered, on the memory store."""

import asyncio
import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.core.acts import By
from gateway.core.delivery import State
from gateway.core.errors import StoreFull
from gateway.core.ids import FileId
from gateway.core.keeping import MOST
from gateway.core.message import Actor, ActorKind, Payload, PendingFile
from gateway.core.outcome import Ambiguous, Blame, Delivered, Rejected, Retryable, Trace
from gateway.core.rate import Rate
from gateway.core.reason import Reason, Why
from gateway.core.routing import Mode
from gateway.core.terms import Terms
from gateway.exchange.pipeline import Pipeline
from gateway.relay.link import Link
from gateway.relay.relay import Relay
from gateway.testing.adapter import TIMED_OUT, FakeAdapter, Scripted, code_of, says
from gateway.testing.books import (
    CIVIL_STATUS,
    CRIMINAL_RECORD,
    LAND,
    PORTAL,
    TAX,
    a_book,
    a_draft,
    a_route,
    a_status,
    a_system,
)
from gateway.testing.relay_house import RelayHouse, UnsteadyStore
from gateway.testing.signals import until

LAN = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan"), reason="Bảo trì theo công văn 12")
DOWN = Retryable(reason=Reason(Why.CONNECTION_REFUSED))
REFUSED = Rejected(reason=Reason(Why.REFUSED_BY_PARTNER, "thiếu giấy tờ"))


def a_house(**adapters) -> RelayHouse:
    """The portal and all three systems that are called; dossiers go to all of them."""
    known = {CIVIL_STATUS: FakeAdapter(), LAND: FakeAdapter(), CRIMINAL_RECORD: FakeAdapter()}
    routed = [system for system in known if system in adapters]
    partners = {PORTAL: adapters.get(PORTAL, FakeAdapter())} | {name: adapters[name] for name in routed}
    return RelayHouse(partners, a_book(routes=[a_route(*routed)]))


class SlowAdapter(FakeAdapter):
    """A partner that takes a quarter of a lease for each."""

    async def send(self, delivery, *, deadline):
        await self.clock.sleep(15)
        return await super().send(delivery, deadline=deadline)


def amendment(code, text):
    return a_draft(code, text=text, kind="dossier.amended")


async def burst(house: RelayHouse, relay: Relay, number: int):
    """Accept so many, each offered all the seats that were free before the first."""
    slots = relay.slots()
    for one in range(number):
        found = await house.store.accept((a_draft(f"H01-{one}"),), plan=house.plan, slots=slots)
        await relay.take(found.leased, slots)


async def test_relays_a_dossier_and_tells_the_portal():
    """The first question of the portal is answered by an event of the gateway."""
    ministry, portal = FakeAdapter(), FakeAdapter()
    house = a_house(civil_status=ministry, portal=portal)
    async with house.running():
        await house.accept(a_draft())
        await house.until(CIVIL_STATUS, State.DELIVERED)
        await house.until(PORTAL, State.DELIVERED)
    (told,) = portal.effects
    data = json.loads(told.message.payload.body)["data"]
    assert told.message.kind == "relay.delivered"
    assert data["system"] == CIVIL_STATUS
    assert data["partner_code"] == "civil_status-H01-1"


async def test_statuses_in_a_reply_go_back_in_the_same_settlement():
    """What a partner answers at once is accepted together with the delivery's end."""
    ministry, portal = FakeAdapter(), FakeAdapter()
    ministry.script("H01-1", says(Delivered(replies=(a_status(),))))
    house = a_house(civil_status=ministry, portal=portal)
    async with house.running():
        await house.accept(a_draft())
        await house.until(PORTAL, State.DELIVERED, State.DELIVERED)
    assert {item.message.kind for item in portal.effects} == {"status.changed", "relay.delivered"}


async def test_nothing_is_told_about_the_way_back():
    """A status that reached the portal is not told to the ministry that stated it, nor news about news."""
    portal = FakeAdapter()
    house = a_house(civil_status=FakeAdapter(), portal=portal)
    async with house.running():
        await house.accept(a_draft(), a_status())
        await house.until(PORTAL, State.DELIVERED, State.DELIVERED)
        await house.until(CIVIL_STATUS, State.DELIVERED)
    assert sorted(item.message.kind for item in portal.effects) == ["relay.delivered", "status.changed"]


async def test_tells_of_a_delay_once():
    """Three failed tries are one delay."""
    ministry, portal = FakeAdapter(), FakeAdapter()
    ministry.script("H01-1", *[says(DOWN)] * 3)
    house = a_house(civil_status=ministry, portal=portal)
    async with house.running():
        await house.accept(a_draft())
        await house.until(PORTAL, State.DELIVERED, State.DELIVERED)
    assert [item.message.kind for item in portal.effects] == ["relay.delayed", "relay.delivered"]
    assert "next_try" in json.loads(portal.effects[0].message.payload.body)["data"]


async def test_tells_of_a_refusal_with_the_partners_words():
    """A dead dossier says why, in the words of the one who refused it."""
    ministry, portal = FakeAdapter(), FakeAdapter()
    ministry.script("H01-1", says(REFUSED))
    house = a_house(civil_status=ministry, portal=portal)
    async with house.running():
        await house.accept(a_draft())
        await house.until(CIVIL_STATUS, State.DEAD)
        await house.until(PORTAL, State.DELIVERED)
    assert portal.effects[0].message.kind == "relay.refused"
    assert json.loads(portal.effects[0].message.payload.body)["data"]["words"] == "thiếu giấy tờ"


async def test_honours_retry_after():
    """A partner that asks for ten minutes gets ten minutes."""
    ministry = FakeAdapter()
    wait = timedelta(minutes=10)
    ministry.script("H01-1", says(Retryable(reason=Reason(Why.THROTTLED), retry_after=wait)))
    house = a_house(civil_status=ministry)
    async with house.running():
        started = house.clock.now()
        await house.accept(a_draft())
        await house.until(CIVIL_STATUS, State.DELIVERED)
        assert wait <= house.clock.now() - started < wait + timedelta(seconds=5)


async def test_a_system_that_is_down_for_a_day_consumes_no_attempt():
    """G2: patience with a system has no end by itself."""
    ministry = FakeAdapter()
    ministry.script("H01-1", *[says(Retryable(reason=DOWN.reason, retry_after=timedelta(hours=1)))] * 24)
    house = a_house(civil_status=ministry)
    async with house.running():
        await house.accept(a_draft())
        await until(lambda: _has_sent(ministry, 25), house.clock, within=200_000, step=60)
        await house.until(CIVIL_STATUS, State.DELIVERED)
    (leg,) = await house.legs(CIVIL_STATUS)
    assert (leg.attempts, leg.tries) == (0, 25)


async def test_a_message_that_is_to_blame_is_dead_after_eight_tries():
    """G2: what cannot be sent stays visible."""
    ministry = FakeAdapter()
    ministry.script("H01-1", *[says(Retryable(reason=Reason(Why.RETRY_BY_PARTNER), blame=Blame.MESSAGE))] * 8)
    house = a_house(civil_status=ministry)
    async with house.running():
        await house.accept(a_draft())
        await house.until(CIVIL_STATUS, State.DEAD)
    assert len(ministry.sent) == 8


async def test_of_a_large_reply_to_one_of_many_tries_the_beginning_is_kept():
    """G10: what was said first, what began the doubt and what decided stay whole; of the others all can be proved."""
    page = Payload(body=bytes(MOST) + b"end", media_type="text/html")
    trace = Trace(reply=page)
    told = says(Retryable(reason=DOWN.reason, trace=trace))
    lost = says(Ambiguous(reason=Reason(Why.SERVER_ERROR), trace=trace))
    ministry = FakeAdapter(deduplicates=True)
    ministry.script("H01-1", told, told, lost, lost, says(Delivered(trace=trace)))
    house = a_house(civil_status=ministry)
    async with house.running():
        await house.accept(a_draft())
        await house.until(CIVIL_STATUS, State.DELIVERED)
    (leg,) = await house.legs(CIVIL_STATUS)
    _, attempts = await house.store.delivery(leg.id)
    kept = [view.attempt for view in attempts]
    cut = [len(one.reply.body) == MOST for one in kept]
    assert cut == [False, True, False, True, False]
    whole = {"reply_bytes": str(len(page.body)), "reply_sha256": hashlib.sha256(page.body).hexdigest()}
    assert [one.proof for one in kept] == [whole if is_cut else {} for is_cut in cut]


async def test_keeps_the_order_of_a_lane_through_retries():
    """G3: what was said later waits until what was said before is settled."""
    ministry = FakeAdapter(deduplicates=True)
    ministry.script("H01-1", says(DOWN), says(TIMED_OUT), says(DOWN), Scripted(), says(DOWN), says(TIMED_OUT))
    house = a_house(civil_status=ministry)
    async with house.running():
        await house.accept(a_draft(), amendment("H01-1", "two"), amendment("H01-1", "three"))
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 3)
    texts = [json.loads(item.message.payload.body)["text"] for item in ministry.effects]
    assert texts == ["", "two", "three"]
    numbers = [item.lane_seq for item in ministry.sent]
    assert numbers == sorted(numbers)


async def test_a_dead_submission_stops_its_lane_only():
    """G3, G6: nothing follows a refused dossier; other dossiers go on."""
    ministry = FakeAdapter()
    ministry.script("H01-1", says(REFUSED))
    house = a_house(civil_status=ministry)
    async with house.running():
        await house.accept(a_draft("H01-1"), amendment("H01-1", "two"), a_draft("H01-2"))
        await until(lambda: _has_effects(ministry, 1), house.clock)
        states = [leg.state for leg in await house.legs(CIVIL_STATUS)]
    assert sorted(states) == sorted([State.DEAD, State.WAITING, State.DELIVERED])
    assert [code_of(item) for item in ministry.effects] == ["H01-2"]


async def test_other_lanes_and_systems_go_on_beside_a_stuck_one():
    """G6: one hanging exchange delays nobody else."""
    ministry, land = FakeAdapter(), FakeAdapter()
    stuck = asyncio.Event()
    ministry.script("H01-1", Scripted(after=stuck))
    house = a_house(civil_status=ministry, land=land)
    async with house.running():
        drafts = [a_draft(f"H01-{number}") for number in range(1, 21)]
        await house.accept(*drafts)
        await until(lambda: _has_effects(ministry, 19), house.clock)
        await until(lambda: _has_effects(land, 20), house.clock)
        stuck.set()
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 20)


async def test_a_single_seat_is_taken_by_turns():
    """G6: retries, which have always waited for longer, do not keep the only seat from what comes first."""
    book = a_book(routes=[a_route(CIVIL_STATUS)])
    partner, free = FakeAdapter(), asyncio.Event()
    house = RelayHouse({CIVIL_STATUS: partner, PORTAL: FakeAdapter()}, book, terms={CIVIL_STATUS: Terms(concurrency=1)})
    for code in ("R1", "R2", "R3"):
        partner.script(code, says(DOWN))
    partner.script("B", Scripted(after=free))
    async with house.running():
        await house.accept(*(a_draft(code) for code in ("R1", "R2", "R3")))
        await house.until(CIVIL_STATUS, *[State.DELAYED] * 3)
        house.clock.advance(1)
        await house.accept(*(a_draft(code) for code in ("B", "F1", "F2", "F3")))

        async def is_taken() -> bool:
            return len(partner.sent) == 4

        await until(is_taken, house.clock, step=0.01)
        house.clock.advance(20)
        free.set()
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 7)
    assert [code_of(one) for one in partner.sent[4:]] == ["R1", "F1", "R2", "F2", "R3", "F3"]


async def test_sends_at_once_what_an_accept_has_leased():
    """A new dossier for an idle system needs no claim."""
    ministry = FakeAdapter()
    house = a_house(civil_status=ministry)
    async with house.running() as relay:
        slots = relay.slots()
        accepted = await house.store.accept((a_draft(),), plan=house.plan, slots=slots)
        assert len(accepted.leased) == 1
        await relay.take(accepted.leased, slots)
        assert relay.in_flight == 1
        await house.until(CIVIL_STATUS, State.DELIVERED)


async def test_preleased_work_beyond_the_limit_waits_here():
    """A partner never sees more requests at once than its limit says."""
    ministry = FakeAdapter()
    gate = asyncio.Event()
    house = a_house(civil_status=ministry)
    for number in range(12):
        ministry.script(f"H01-{number}", Scripted(after=gate))
    async with house.running() as relay:
        await burst(house, relay, 12)
        await asyncio.sleep(0.01)
        assert len(ministry.sent) == 4
        assert dict(relay.slots().free).get(CIVIL_STATUS, 0) == 0
        gate.set()
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 12)


@pytest.mark.parametrize("is_kept", [True, False])
async def test_what_waits_for_a_seat_while_the_configuration_changes_goes_as_it_was_claimed(is_kept):
    """G8: by the version that claimed it, since its adapter may be closed; where that is gone, it is claimed anew."""
    ministry, former, gate, asked = FakeAdapter(), FakeAdapter(), asyncio.Event(), []
    house = a_house(civil_status=ministry)
    for number in range(4):
        ministry.script(f"H01-{number}", Scripted(after=gate))

    async def past(version: str, link: Link) -> Pipeline | None:
        asked.append(version)
        way = Pipeline.for_system(former, gate=link.gate, clock=house.clock, metrics=house.metrics)
        return way if is_kept else None

    house.past = past
    async with house.running() as relay:
        await burst(house, relay, 5)
        await until(lambda: _has_sent(ministry, 4), house.clock)
        relay.turn(replace(house.config("node-1"), version="config-2"), house.plan)
        gate.set()
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 5)
    assert asked == ["config-1"]
    assert (len(ministry.effects), len(former.effects)) == ((4, 1) if is_kept else (5, 0))
    assert house.metrics.value("relay_reclaimed_total", system=CIVIL_STATUS) == 0


async def test_a_system_that_is_turned_off_is_sent_nothing_until_it_is_on_again():
    """G4: a person has said so, of what waits for it already, too; it goes by itself once they say otherwise."""
    ministry, other = FakeAdapter(), FakeAdapter()
    house = a_house(civil_status=ministry, land=other)
    live = house.config("node-1")
    off = {**house.links, CIVIL_STATUS: replace(house.links[CIVIL_STATUS], mode=Mode.OFF)}
    async with house.running() as relay:
        relay.turn(replace(live, version="config-2", links=off), house.plan)
        await house.accept(a_draft())
        await house.until(LAND, State.DELIVERED)
        house.clock.advance(3600)
        await house.accept(a_draft("H01-2"))
        await house.until(LAND, State.DELIVERED, State.DELIVERED)
        assert ministry.sent == []
        relay.turn(replace(live, version="config-3"), house.plan)
        await house.until(CIVIL_STATUS, State.DELIVERED, State.DELIVERED)


async def test_what_waits_for_a_seat_is_given_back_while_its_system_is_paused():
    """G4: at once and as it was; left to its lease, what was never sent would be in doubt."""
    ministry, gate = FakeAdapter(), asyncio.Event()
    house = a_house(civil_status=ministry)
    for number in range(4):
        ministry.script(f"H01-{number}", Scripted(after=gate))
    async with house.running() as relay:
        await burst(house, relay, 5)
        await until(lambda: _has_sent(ministry, 4), house.clock)
        await house.store.pause(CIVIL_STATUS, by=LAN)
        await relay.weather.beat()
        gate.set()

        async def is_still() -> bool:
            return not relay.in_flight

        await until(is_still, house.clock)
        found = [(leg.state, leg.tries) for leg in await house.legs(CIVIL_STATUS)]
        assert sorted(found) == [(State.DELIVERED, 1)] * 4 + [(State.READY, 0)]


async def test_what_the_rate_lets_wait_for_long_is_given_back():
    """G4: several accepts were offered the one call that is earned; a lease that lapsed meanwhile would be doubt."""
    ministry, terms = FakeAdapter(), Terms(concurrency=4, rate=Rate(calls=1, period=timedelta(minutes=2)))
    house = RelayHouse({CIVIL_STATUS: ministry}, a_book(routes=[a_route(CIVIL_STATUS)]), terms={CIVIL_STATUS: terms})
    async with house.running() as relay:
        house.clock.advance(120)
        await burst(house, relay, 3)
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 3)
    assert [leg.tries for leg in await house.legs(CIVIL_STATUS)] == [1] * 3
    assert house.metrics.value("relay_reclaimed_total", system=CIVIL_STATUS) == 0


class CrammedStore(UnsteadyStore):
    """Its disk is so full that nothing can even be given back."""

    async def release(self, _leases):
        raise StoreFull("crammed by the test")

    async def leave(self, _node):
        raise StoreFull("crammed by the test")


class CrammedHouse(RelayHouse):
    def _new_store(self, silence):
        return CrammedStore(clock=self.clock, ids=self.ids, notify=self.wakeups.wake, silence=silence)


async def test_a_full_disk_cuts_no_orderly_end_short():
    """G4: what cannot be given back is left to its lease; what is at the partner has its time all the same."""
    ministry, never = FakeAdapter(), asyncio.Event()
    house = CrammedHouse({CIVIL_STATUS: ministry}, a_book(routes=[a_route(CIVIL_STATUS)]))
    for number in range(6):
        ministry.script(f"H01-{number}", Scripted(after=never))
    with capture_logs() as lines:
        async with house.running() as relay:
            await burst(house, relay, 6)
    told = {line["event"]: line.get("deliveries") for line in lines if line["log_level"] == "warning"}
    assert told == {"left_to_their_leases": 2, "cut_off": 4, "not_left": None}


async def test_what_waits_for_a_seat_is_given_back_before_its_lease_lapses():
    """G4: a burst may bring more than a partner takes within a lease; what was never sent must not be in doubt."""
    ministry = SlowAdapter()
    house = a_house(civil_status=ministry)
    ministry.clock = house.clock
    async with house.running() as relay:
        await burst(house, relay, 24)
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 24)
    assert [leg.tries for leg in await house.legs(CIVIL_STATUS)] == [1] * 24


async def test_a_partner_need_not_wait_for_our_disk():
    """What only waits for its settlement keeps no seat; while the store is away, no more than as many again do."""
    ministry = FakeAdapter()
    gate = asyncio.Event()
    house = a_house(civil_status=ministry)
    for number in range(12):
        ministry.script(f"H01-{number}", Scripted(after=gate))
    async with house.running() as relay:
        await burst(house, relay, 12)
        house.store.up = False
        gate.set()
        await until(lambda: _has_sent(ministry, 8), house.clock)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(ministry.sent) == 8
        house.store.up = True
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 12)
    assert len(ministry.effects) == 12


async def test_shutdown_lets_what_is_in_flight_finish():
    """An orderly end waits a little for the answers that are due."""
    ministry = FakeAdapter()
    gate = asyncio.Event()
    ministry.script("H01-1", Scripted(after=gate))
    house = a_house(civil_status=ministry)
    async with house.running() as relay:
        await house.accept(a_draft())
        await until(lambda: _has_sent(ministry, 1), house.clock)
        relay.stop()
        gate.set()
    assert [leg.state for leg in await house.legs(CIVIL_STATUS)] == [State.DELIVERED]


async def test_shutdown_settles_in_doubt_what_it_cuts_off():
    """G5, G11: an exchange cut off by us may have arrived."""
    ministry = FakeAdapter()
    ministry.script("H01-1", Scripted(takes=True, hangs=True))
    house = a_house(civil_status=ministry)
    async with house.running():
        await house.accept(a_draft())
        await until(lambda: _has_sent(ministry, 1), house.clock)
    (leg,) = await house.legs(CIVIL_STATUS)
    assert leg.state is State.DELAYED
    assert leg.in_doubt_since is not None


async def test_shutdown_releases_what_never_began():
    """G11: what only waited for a seat is ready again, without doubt."""
    ministry = FakeAdapter()
    house = a_house(civil_status=ministry)
    async with house.running() as relay:
        for number in range(8):
            ministry.script(f"H01-{number}", Scripted(hangs=True))
        await burst(house, relay, 8)
        await asyncio.sleep(0.01)
    legs = await house.legs(CIVIL_STATUS)
    assert sum(leg.state is State.READY for leg in legs) == 4
    assert sum(leg.in_doubt_since is not None for leg in legs) == 4
    assert not relay.slots().free


async def test_an_accept_that_ends_after_the_end_leaves_no_lease():
    """G11: what nobody will send any more is ready again at once, for the next start, without doubt."""
    house = a_house(civil_status=FakeAdapter())
    async with house.running() as relay:
        slots = relay.slots()
    found = await house.store.accept((a_draft(),), plan=house.plan, slots=slots)
    await relay.take(found.leased, slots)
    (leg,) = await house.legs(CIVIL_STATUS)
    assert (leg.state, leg.in_doubt_since) == (State.READY, None)
    assert relay.in_flight == 0


async def test_a_lease_is_counted_from_before_its_accept():
    """G4: the accept took most of it; what is sent now must renew it first, or another would send it, too."""
    ministry = FakeAdapter()
    house = a_house(civil_status=ministry)
    async with house.running() as relay:
        slots = relay.slots()
        found = await house.store.accept((a_draft(),), plan=house.plan, slots=slots)
        house.clock.advance(slots.lease_for.total_seconds() - 1)
        gate = asyncio.Event()
        ministry.script("H01-1", Scripted(after=gate))
        await relay.take(found.leased, slots)
        await until(lambda: _has_sent(ministry, 1), house.clock)
        for _ in range(10):  # the first lease has ended, and the janitor has looked
            house.clock.advance(2)
            await asyncio.sleep(0)
        gate.set()
        await house.until(CIVIL_STATUS, State.DELIVERED)
    assert len(ministry.sent) == 1
    assert house.metrics.value("relay_reclaimed_total", system=CIVIL_STATUS) == 0


async def test_goes_on_when_the_store_comes_back():
    """G2: a store that is away for a while loses nothing; the settlement is repeated."""
    ministry = FakeAdapter()
    gate = asyncio.Event()
    ministry.script("H01-1", Scripted(after=gate))
    house = a_house(civil_status=ministry)
    async with house.running():
        await house.accept(a_draft())
        await until(lambda: _has_sent(ministry, 1), house.clock)
        house.store.up = False
        gate.set()
        for _ in range(10):
            await asyncio.sleep(0)
            house.clock.advance(1)
        house.store.up = True
        await house.until(CIVIL_STATUS, State.DELIVERED)
    assert len(ministry.sent) == 1
    assert house.metrics.value("relay_store_unavailable_total") > 0


async def test_a_store_that_stays_away_leaves_the_delivery_to_its_lease():
    """G11: what could not be settled comes back in doubt, and a true promise resolves it."""
    ministry = FakeAdapter(deduplicates=True)
    house = a_house(civil_status=ministry)
    gate = asyncio.Event()
    ministry.script("H01-1", Scripted(after=gate))
    async with house.running():
        await house.accept(a_draft())
        await until(lambda: _has_sent(ministry, 1), house.clock)
        house.store.up = False
        gate.set()
        for _ in range(400):
            await asyncio.sleep(0)
            house.clock.advance(1)
        house.store.up = True
        await house.until(CIVIL_STATUS, State.DELIVERED)
    assert len(ministry.sent) == 2
    assert len(ministry.effects) == 1


async def test_an_expired_dossier_is_not_sent():
    """What is past its time is dead before a byte leaves."""
    ministry = FakeAdapter()
    book = a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(minutes=1))])
    house = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: ministry}, book)
    await house.accept(a_draft())
    house.clock.advance(61)
    async with house.running():
        await house.until(CIVIL_STATUS, State.DEAD)
    assert ministry.sent == []


async def test_a_dossier_waits_for_the_files_that_are_still_to_be_fetched():
    """G1: nothing is sent before its files are here, and a file that is late is asked for again."""
    ministry = FakeAdapter()
    house = a_house(civil_status=ministry)
    pending = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1", name="don.pdf")
    async with house.running():
        (receipt,) = await house.accept(a_draft(pending=(pending,)))
        assert receipt.files_pending
        await until(lambda: _has_asked(house, 3), house.clock)
        assert ministry.sent == []
        house.fetches.files[pending.url] = b"%PDF-1.7"
        await house.until(CIVIL_STATUS, State.DELIVERED)
    assert [blob.name for blob in ministry.effects[0].message.blobs] == ["don.pdf"]


async def test_a_file_that_is_not_the_one_promised_is_not_attached():
    """A wrong digest is a missing file."""
    house = a_house(civil_status=FakeAdapter())
    pending = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1", sha256="0" * 64)
    house.fetches.files[pending.url] = b"%PDF-1.7"
    async with house.running():
        await house.accept(a_draft(pending=(pending,)))
        await until(lambda: _has_asked(house, 3), house.clock)
        assert [leg.state for leg in await house.legs(CIVIL_STATUS)] == [State.WAITING]


async def test_its_source_is_told_why_a_file_does_not_come():
    """G2: once (model rule 2), however often it is asked for in vain, and what the host said of it."""
    portal = FakeAdapter()
    house = a_house(civil_status=FakeAdapter(), portal=portal)
    pending = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1", name="don.pdf")
    house.fetches.says[pending.url] = Reason(Why.FILE_NOT_THERE, "HTTP 404")
    async with house.running():
        await house.accept(a_draft(pending=(pending,)))
        await until(lambda: _has_asked(house, 4), house.clock)
        (leg,) = await house.legs(CIVIL_STATUS)
        assert [(file.name, file.missed and file.missed.reason) for file in leg.files] == [
            ("don.pdf", Reason(Why.FILE_NOT_THERE, "HTTP 404"))
        ]
        house.fetches.files[pending.url] = b"%PDF-1.7"
        await house.until(PORTAL, State.DELIVERED, State.DELIVERED)
    assert [item.message.kind for item in portal.effects] == ["relay.delayed", "relay.delivered"]
    data = json.loads(portal.effects[0].message.payload.body)["data"]
    assert (data["system"], data["delivery_id"], data["reason"], data["words"]) == (
        CIVIL_STATUS,
        leg.id,
        "file_not_there",
        "HTTP 404",
    )
    assert "next_try" in data


async def test_a_trouble_of_our_own_with_a_file_is_not_told_as_one_of_the_file():
    """A full disk is no fault of who named it."""
    portal = FakeAdapter()
    house = a_house(civil_status=FakeAdapter(), portal=portal)
    pending = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1")
    house.fetches.says[pending.url] = Reason(Why.STORE_FULL)
    async with house.running():
        await house.accept(a_draft(pending=(pending,)))
        await until(lambda: _has_asked(house, 3), house.clock)
        (leg,) = await house.legs(CIVIL_STATUS)
        assert [file.missed for file in leg.files] == [None]
        house.fetches.files[pending.url] = b"%PDF-1.7"
        await house.until(PORTAL, State.DELIVERED)
    assert [item.message.kind for item in portal.effects] == ["relay.delivered"]


class FaultyStore(UnsteadyStore):
    """A fault of ours spoils the first file that it is to keep."""

    faults = 1

    async def attach(self, *file):
        if self.faults:
            self.faults -= 1
            raise ValueError("our own fault")
        await super().attach(*file)


class FaultyHouse(RelayHouse):
    def _new_store(self, silence):
        return FaultyStore(clock=self.clock, ids=self.ids, notify=self.wakeups.wake, silence=silence)


async def test_a_file_that_was_fetched_and_could_not_be_kept_is_fetched_again():
    """G1: after a rest, as one that the disk had no room for."""
    house = FaultyHouse({CIVIL_STATUS: FakeAdapter()}, a_book(routes=[a_route(CIVIL_STATUS)]))
    pending = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1")
    house.fetches.files[pending.url] = b"%PDF-1.7"
    with capture_logs() as lines:
        async with house.running():
            await house.accept(a_draft(pending=(pending,)))
            await house.until(CIVIL_STATUS, State.DELIVERED)
    assert [line["reason"] for line in lines if line["event"] == "file_not_fetched"] == ["store_full"]
    assert len(house.fetches.asked) == 2


async def test_files_that_never_end_keep_no_other_file_waiting():
    """G6: a host that drips for ever takes a few places, and no dossier but its own waits for it."""
    ministry = FakeAdapter()
    house = a_house(civil_status=ministry)
    house.fetches.endless.add("slow.example")
    async with house.running():
        slow = [_named(number, "slow.example") for number in range(20)]
        await house.accept(*(a_draft(f"S{number}", pending=(one,)) for number, one in enumerate(slow)))
        await until(lambda: _has_asked(house, 4), house.clock)
        for number in range(20, 40):
            good = _named(number, "portal.example")
            house.fetches.files[good.url] = b"%PDF-1.7"
            await house.accept(a_draft(f"G{number}", pending=(good,)))
        await until(lambda: _has_effects(ministry, 20), house.clock)
    assert {code_of(item)[0] for item in ministry.effects} == {"G"}
    asked = [url for url in house.fetches.asked if "slow.example" in url]
    assert len(asked) == len(set(asked)) == 4  # none of them twice at once


def _named(number: int, host: str) -> PendingFile:
    return PendingFile(file_id=FileId(f"f-{number}"), url=f"https://{host}/f-{number}", name=f"{number}.pdf")


async def _has_sent(adapter: FakeAdapter, times: int) -> bool:
    return len(adapter.sent) >= times


async def _has_effects(adapter: FakeAdapter, times: int) -> bool:
    return len(adapter.effects) >= times


async def _has_asked(house: RelayHouse, times: int) -> bool:
    return len(house.fetches.asked) >= times


async def test_a_system_that_turns_from_the_feed_to_calls_gets_what_was_waiting():
    """G2, G3: a change of its file strands nothing; the next start sends what it has not read, in order."""
    feed = RelayHouse({PORTAL: FakeAdapter()}, a_book(routes=[a_route(TAX)]))
    async with feed.running("node-1"):
        await feed.accept(a_draft(), amendment("H01-1", "new"))
    taken = FakeAdapter()
    called = RelayHouse(
        {PORTAL: FakeAdapter(), TAX: taken}, a_book(systems=[a_system(TAX, feed=False)], routes=[a_route(TAX)])
    )
    called.store, called.clock = feed.store, feed.clock
    called.links = {system: replace(link) for system, link in called.links.items()}
    async with called.running("node-2"):
        await called.until(TAX, State.DELIVERED, State.DELIVERED)
    assert [item.message.kind for item in taken.effects] == ["dossier.submitted", "dossier.amended"]
