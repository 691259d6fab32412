"""Systems that are asked for news, and the house-keeping of the relay."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.core.delivery import State
from gateway.core.errors import Fenced
from gateway.core.ids import OPERATORS, FileId, NodeId
from gateway.core.message import Code, Receipt
from gateway.core.reason import Reason, Why
from gateway.core.routing import UnknownDossier
from gateway.ports.adapter import NoAnswer, Page, Unread
from gateway.testing.adapter import FakeAdapter, FakeAsks, FakePolls, garbage
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, a_book, a_draft, a_route, a_status, a_system
from gateway.testing.relay_house import RelayHouse
from gateway.testing.signals import until


def a_house(polls: FakePolls, **changes) -> RelayHouse:
    """A portal, and a ministry that is asked for news every minute."""
    book = a_book(systems=[a_system(CIVIL_STATUS, **changes), a_system(LAND)])
    house = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: FakeAdapter()}, book)
    house.links[CIVIL_STATUS] = replace(house.links[CIVIL_STATUS], polls=polls, poll_every=timedelta(minutes=1))
    return house


def a_page(cursor, *drafts, unreadable=(), more=False) -> Page:
    told = [Unread(raw=raw, problem="dossier.code: missing") for raw in unreadable]
    return Page(drafts=drafts, unreadable=told, cursor=cursor, more=more)


async def test_relays_what_a_poll_brings_and_goes_on_from_there():
    """Pages follow each other, and the bookmark is durable with what it stands for."""
    polls = FakePolls(a_page("1", a_status(number=2), more=True), a_page("2", a_status(number=4)))
    house = a_house(polls)
    await house.accept(a_draft())
    async with house.running():
        await house.until(PORTAL, *[State.DELIVERED] * 2, kinds=["status.changed"])
        await until(lambda: _was_asked(polls, 3), house.clock)
    assert polls.asked[:3] == ["", "1", "2"]


async def test_a_poll_that_fails_is_repeated_from_the_same_bookmark():
    """A partner's bad day costs time, no news."""
    polls = FakePolls(RuntimeError("down"), TimeoutError(), a_page("1", a_status()))
    house = a_house(polls)
    await house.accept(a_draft())
    async with house.running():
        await house.until(PORTAL, State.DELIVERED, kinds=["status.changed"])
    assert polls.asked[:3] == ["", "", ""]
    assert house.metrics.value("relay_poll_failures_total", system=CIVIL_STATUS) == 2


@pytest.mark.parametrize("error", [SystemExit("S3CRET"), asyncio.CancelledError("S3CRET"), BaseException("S3CRET")])
async def test_an_adapter_that_would_end_the_polling_is_asked_again(error):
    """G2: it ended the gateway, or was asked for news no more, without a word."""
    polls = FakePolls(error, a_page("1", a_status()))
    house = a_house(polls)
    await house.accept(a_draft())
    with capture_logs() as lines:
        async with house.running():
            await house.until(PORTAL, State.DELIVERED, kinds=["status.changed"])
    told = [(line["error"], line["where"].rpartition(" ")[2]) for line in lines if line["event"] == "poll_failed"]
    assert told == [(type(error).__name__, "poll")]
    assert "S3CRET" not in str(lines)


@pytest.mark.parametrize("error", [RuntimeError("S3CRET"), SystemExit("S3CRET")])
async def test_an_adapter_that_cannot_say_what_is_polled_stops_no_other(error):
    """G6: it ended the relay, and with it the gateway."""

    class Lost(FakePolls):
        def streams(self):
            raise error

    polls = FakePolls(a_page("1", a_status()))
    house = a_house(polls)
    house.links[LAND] = replace(house.links[CIVIL_STATUS], id=LAND, polls=Lost())
    await house.accept(a_draft())
    with capture_logs() as lines:
        async with house.running():
            await house.until(PORTAL, State.DELIVERED, kinds=["status.changed"])
    told = [(line["system"], line["error"]) for line in lines if line["event"] == "adapter_bug"]
    assert told == [(LAND, type(error).__name__)]
    assert "S3CRET" not in str(lines)


async def test_what_cannot_be_read_is_kept_for_a_person_and_blocks_nothing():
    """G2: an unreadable item is held as it came; its neighbours go on."""
    polls = FakePolls(a_page("1", a_status(), unreadable=(garbage(),)))
    house = a_house(polls)
    await house.accept(a_draft())
    async with house.running():
        await house.until(PORTAL, State.DELIVERED, kinds=["status.changed"])
        (leg,) = await house.legs(OPERATORS)
        message = await house.store.message(leg.message_id)
    assert leg.state is State.HELD
    assert leg.reason is not None
    assert (leg.reason.code, leg.reason.detail) == (Why.UNREADABLE, "dossier.code: missing")
    assert message is not None
    assert (message.kind, message.payload) == ("x.gateway.unreadable", garbage())


async def test_what_is_refused_of_a_poll_is_kept_for_a_person():
    """G2: a partner that is only asked cannot be told no, so a person is."""
    polls = FakePolls(a_page("1", a_status("H01-404")))
    house = a_house(polls, unknown_dossier=UnknownDossier.REFUSE)
    async with house.running():
        await house.until(OPERATORS, State.HELD)
        (leg,) = await house.legs(OPERATORS)
        assert await house.store.dossiers("H01-404") == ()
    assert leg.reason is not None
    assert leg.reason.code is Why.UNKNOWN_DOSSIER


async def test_a_refused_poll_changes_nothing():
    """What a system says about a dossier it has no part in is shown to operators and has no effect."""
    polls = FakePolls(a_page("1", a_status("H01-1")))
    house = a_house(polls)
    house.plan = replace(house.plan, book=replace(house.book, routes=(a_route(LAND),)))
    await house.accept(a_draft("H01-1"))
    async with house.running():
        await house.until(OPERATORS, State.HELD)
        (leg,) = await house.legs(OPERATORS)
        (dossier,) = await house.store.dossiers("H01-1")
    assert leg.reason is not None
    assert leg.reason.code is Why.NOT_AUTHORISED
    assert dossier.statuses == ()
    assert dossier.codes == (Code("province", "H01-1"),)


async def test_sweeps_objects_that_nobody_refers_to():
    """An upload that broke off leaves nothing, also where no gateway lives for an hour; one that is known stays."""
    house = a_house(FakePolls())
    house.blobs.hold(b"orphan", name="a.pdf")
    kept = house.blobs.hold(b"kept", name="b.pdf")
    await house.store.register(FileId("f-1"), kept, owner=PORTAL)
    async with house.running():
        begun = house.clock.monotonic()
        await until(lambda: _has_objects(house, 1), house.clock, within=1200, step=10)
        assert house.clock.monotonic() - begun >= 900, "a request may be about to name it"
    assert list(house.blobs.objects) == [kept.key]


async def test_ends_when_another_incarnation_has_taken_over():
    """G3: two nodes never relay from one embedded store."""
    house = a_house(FakePolls())
    life = asyncio.create_task(house.relay("node-1").run())
    await asyncio.sleep(0.01)
    await house.store.join(NodeId("node-2"), config="config-1")
    await until(lambda: _is_done(life), house.clock)
    with pytest.raises(ExceptionGroup) as caught:
        await life
    assert caught.group_contains(Fenced)


async def test_waits_at_the_start_for_a_store_that_is_away():
    """A slow disk at boot is no reason to give up."""
    house = a_house(FakePolls())
    house.store.up = False
    relay = house.relay("node-1")
    life = asyncio.create_task(relay.run())
    await asyncio.sleep(0.01)
    assert not relay.ready.is_set()
    house.store.up = True
    await until(lambda: _is_ready(relay), house.clock)
    relay.stop()
    await life


async def test_each_open_dossier_has_its_turn_in_every_round():
    """G6: with more open than one question holds, none is asked about twice before all others were."""
    polls = FakeAsks("1.000894", limit=2)
    house = a_house(polls)
    for number in range(1, 6):
        await house.accept(a_draft(f"H01-{number}"))
    async with house.running():
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 5)
        await until(lambda: _has_asked_twice_of_all(polls), house.clock)
    pages = [question for question in polls.questions if question]
    last_rounds = [code for question in pages for code in question][-10:]
    assert sorted(last_rounds) == sorted([f"H01-{number}" for number in range(1, 6)] * 2)
    assert max(map(len, pages)) == 2


async def test_a_finished_dossier_is_asked_about_no_more():
    """A round holds what is open, however much is finished."""
    polls = FakeAsks("1.000894", limit=2)
    house = a_house(polls)
    await house.accept(a_draft("H01-1"), a_draft("H01-2"))
    async with house.running():
        await house.until(CIVIL_STATUS, *[State.DELIVERED] * 2)
        await house.accept(a_status("H01-1", 9))
        twice_more = len(polls.asked) + 2
        await until(lambda: _was_asked(polls, twice_more), house.clock)
    assert polls.questions[-1] == ("H01-2",)


async def test_an_unreadable_item_that_comes_with_every_answer_is_held_once():
    """A partner that repeats itself fills nobody's list."""
    polls = FakePolls(*(a_page(str(number), unreadable=(garbage(),), more=True) for number in range(1, 4)))
    house = a_house(polls)
    async with house.running():
        await until(lambda: _was_asked(polls, 4), house.clock)
        held = await house.store.find(destination=OPERATORS)
    assert len(held) == 1


@pytest.mark.parametrize("key", ["e-1", None])
async def test_what_is_refused_with_every_answer_is_held_once(key):
    """G7: a ministry that is asked every minute fills no list; what it says is not used up by being held."""
    said = replace(a_status(), dedup_key=key)
    polls = FakePolls(*(a_page(str(number), said, said, more=True) for number in range(1, 4)))
    house = a_house(polls, unknown_dossier=UnknownDossier.REFUSE)
    async with house.running():
        await until(lambda: _was_asked(polls, 4), house.clock)
        assert [leg.state for leg in await house.legs(OPERATORS)] == [State.HELD]
    await house.accept(a_draft())
    (taken,) = (await house.store.accept([said], plan=house.plan)).results
    assert isinstance(taken, Receipt)
    assert not taken.duplicate


@pytest.mark.parametrize("keys", [("e-1", "e-2", "e-3"), (None, None, None)])
async def test_what_is_refused_and_unsaid_and_said_again_are_three_events(keys):
    """G7: also of a dossier that is another system's; each is held once, however often it is read."""
    said = [replace(a_status(number=number), dedup_key=key) for number, key in zip((2, 4, 2), keys, strict=True)]
    polls = FakePolls(*(a_page(str(place), one, one, more=True) for place, one in enumerate(said, start=1)))
    house = a_house(polls)
    house.plan = replace(house.plan, book=replace(house.book, routes=(a_route(LAND),)))
    await house.accept(a_draft())
    async with house.running():
        await until(lambda: _was_asked(polls, 4), house.clock)
        legs = await house.legs(OPERATORS)
    assert [leg.reason.code for leg in legs if leg.reason] == [Why.NOT_AUTHORISED] * 3


async def test_a_large_page_goes_in_parts_so_that_others_write_in_between():
    """G6: forty thousand items of one answer kept others waiting for half a minute. Read again, they are the same."""
    items = [garbage(str(number)) for number in range(1100)]
    polls = FakePolls(a_page("1", unreadable=items), a_page("2", unreadable=items), a_page("3"))
    house = a_house(polls)
    async with house.running():
        await until(lambda: _was_asked(polls, 3), house.clock)
        held = await house.store.find(destination=OPERATORS, limit=2000)
    assert polls.asked[:3] == ["", "1", "2"]
    assert len(held) == 1100
    assert house.store.largest == 500


@pytest.mark.parametrize(
    "page",
    [
        a_page("1", *[a_status(number=2)] * 1001),
        a_page("1", unreadable=[garbage(str(number)) for number in range(10_001)]),
    ],
    ids=["of what does not say which it is", "of too much"],
)
async def test_a_page_that_cannot_go_in_parts_is_no_answer(page):
    """G6: it is told, and asked for again; nothing of it is kept."""
    house = a_house(polls := FakePolls(page))
    await house.accept(a_draft())
    async with house.running():
        await until(lambda: _was_asked(polls, 2), house.clock)
    assert polls.asked[:2] == ["", ""]
    assert house.metrics.value("relay_poll_failures_total", system=CIVIL_STATUS) == 1
    assert house.store.largest == 1


async def test_a_partner_that_leads_in_a_circle_is_left_alone_in_between():
    """G6: each answer says that there is more, there where we have been; nobody asks without a rest."""
    polls = FakePolls(*(a_page(str(number % 3), more=True) for number in range(5000)))
    house = a_house(polls)
    async with house.running():
        begun = house.clock.monotonic()
        await until(lambda: _was_asked(polls, 30), house.clock)
    assert house.clock.monotonic() - begun >= 300


async def test_a_partner_that_says_when_to_ask_again_is_left_alone_until_then():
    polls = FakePolls(NoAnswer(Reason(Why.THROTTLED), timedelta(minutes=10)), a_page(""))
    house = a_house(polls)
    async with house.running():
        began = house.clock.monotonic()
        await until(lambda: _was_asked(polls, 2), house.clock)
    assert house.clock.monotonic() - began >= 600


async def _has_asked_twice_of_all(polls: FakeAsks) -> bool:
    said = [code for question in polls.questions for code in question]
    return all(said.count(f"H01-{number}") >= 2 for number in range(1, 6))


async def _was_asked(polls: FakePolls, times: int) -> bool:
    return len(polls.asked) >= times


async def _has_objects(house: RelayHouse, count: int) -> bool:
    return len(house.blobs.objects) == count


async def _is_done(task) -> bool:
    return task.done()


async def _is_ready(relay) -> bool:
    return relay.ready.is_set()
