"""Asking a register: who may, what is checked, what is kept before a byte leaves, and what stands in the way."""

import asyncio
import gc
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.core.acts import By
from gateway.core.breaker import BreakerPolicy
from gateway.core.calendar import Calendar, Shift
from gateway.core.errors import StoreUnavailable
from gateway.core.ids import KeyId, SystemId
from gateway.core.message import Actor, ActorKind, Payload
from gateway.core.outcome import Trace
from gateway.core.query import Declined, Found, Nothing, Officer, QueryState, Unanswered
from gateway.core.rate import Rate
from gateway.core.reason import Reason, Why
from gateway.core.terms import Terms
from gateway.core.weather import Pause
from gateway.core.window import Window
from gateway.exchange.asking import Obstacle
from gateway.exchange.gate import Gate
from gateway.exchange.pipeline import Pipeline
from gateway.model.fault import Invalid
from gateway.observability.metrics import MemoryMetrics
from gateway.ports.keys import KeyRole
from gateway.query.asker import Asker, Register
from gateway.query.refusals import Barred, NoSuchQuery, NotCalled, NotYours, NotYourself, TooManyQueries
from gateway.query.wish import Wish
from gateway.security.keys import Caller
from gateway.stores.memory.store import MemoryStore
from gateway.testing.adapter import AnsweringAdapter
from gateway.testing.books import LAND, PORTAL, TAX
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds

NUMBER = "0100109106"
OFFICER = Officer(name="Nguyễn Thị Mẫu", code="CB-07", unit="Phòng mẫu", position="Chuyên viên")
FOUND = Found(
    document=Payload(body='{"name":"Mẫu"}'.encode(), media_type="application/json"), trace=Trace(http_status=200)
)
FAILED = Unanswered(reason=Reason(Why.RESET))


def a_system(name=PORTAL):
    actor = Actor(kind=ActorKind.SYSTEM, name=name, key_id=KeyId("k1"))
    return Caller(actor=actor, role=KeyRole.SYSTEM, system=SystemId(name))


def an_operator(name="Lan"):
    return Caller(actor=Actor(kind=ActorKind.OPERATOR, name=name), role=KeyRole.OPERATOR, system=None)


def a_wish(number=NUMBER, **changes):
    values = {
        "system": LAND,
        "operation": "enterprise",
        "request": {"tax_code": number},
        "officer": OFFICER,
        "purpose": "Thẩm tra hồ sơ",
    }
    return Wish(**{**values, **changes})


class Desk:
    """A register behind its wrappers, and who asks it."""

    def __init__(self, *answers, store=None, rate=None, allowed=None, is_called=True, **terms):
        self.clock, self.metrics = FakeClock(), MemoryMetrics()
        self.store = store or MemoryStore(clock=self.clock, ids=FakeIds())
        self.adapter = AnsweringAdapter(*(answers or (FOUND,)))
        on_terms = Terms(concurrency=4, rate=allowed, **terms)
        self.gate = Gate(LAND, on_terms, clock=self.clock, ids=FakeIds(), metrics=self.metrics)
        pipeline = Pipeline.for_system(self.adapter, gate=self.gate, clock=self.clock, metrics=self.metrics)
        register = Register(
            id=LAND,
            forms=self.adapter.queries(),
            exchange=pipeline.query,
            gate=self.gate,
            callers=frozenset({PORTAL}),
            rate=rate,
            timeout=timedelta(seconds=0.05),
            is_called=is_called,
        )
        self.asker = Asker({LAND: register}, frozenset({LAND, TAX, PORTAL}), self.store, self.clock)

    def ask(self, wish=None, caller=None):
        return self.asker.ask(wish or a_wish(), caller or a_system())

    async def kept(self):
        return list(await self.store.queries())


async def test_a_query_is_kept_before_it_is_sent():
    """G10: when the first byte leaves, who asks and why is on disk already."""
    desk, seen = Desk(), []

    async def look(query):
        seen.extend((item.id, item.state, item.officer, query.id) for item in await desk.kept())

    desk.adapter.on_ask = look
    reply = await desk.ask()
    assert seen == [(reply.query, QueryState.ASKED, OFFICER, reply.query)]
    (item,) = await desk.kept()
    assert (item.state, item.http_status, reply.answer) == (QueryState.ANSWERED, 200, FOUND)


class Forgetful(MemoryStore):
    """A store that fails to keep the question, or how it ended."""

    fails = ""

    async def record_query(self, query):
        if self.fails == "question":
            raise StoreUnavailable("disk")
        return await super().record_query(query)

    async def conclude_query(self, query, ending):
        if self.fails == "end":
            raise StoreUnavailable("disk")
        return await super().conclude_query(query, ending)


@pytest.mark.parametrize(("fails", "asked"), [("question", 0), ("end", 1)])
async def test_no_answer_leaves_that_is_not_on_record(fails, asked):
    """G10: what cannot be kept is not sent; an answer whose record cannot be kept is told to nobody."""
    store = Forgetful(clock=FakeClock(), ids=FakeIds())
    store.fails = fails
    desk = Desk(store=store)
    with pytest.raises(StoreUnavailable):
        await desk.ask()
    assert len(desk.adapter.queried) == asked


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Nothing(), QueryState.NONE),
        (Declined(reason=Reason(Why.REFUSED_BY_PARTNER)), QueryState.REFUSED),
        (FAILED, QueryState.FAILED),
        (Unanswered(reason=Reason(Why.TIMEOUT)), QueryState.TIMED_OUT),
        (ValueError(NUMBER), QueryState.FAILED),
    ],
)
async def test_every_end_is_kept_and_nothing_is_asked_again(answer, state):
    """A question is put once, whatever becomes of it."""
    desk = Desk(answer)
    with capture_logs() as lines:
        await desk.ask()
    assert [item.state for item in await desk.kept()] == [state]
    assert len(desk.adapter.queried) == 1
    assert NUMBER not in repr(lines)


async def test_a_register_that_hangs_ends_with_the_budget():
    """Who waits at the door is answered in time."""
    desk = Desk()

    async def hang(_query):
        await asyncio.Event().wait()

    desk.adapter.on_ask = hang
    reply = await desk.ask()
    assert reply.answer == Unanswered(reason=Reason(Why.TIMEOUT))
    assert [item.state for item in await desk.kept()] == [QueryState.TIMED_OUT]


async def test_who_hangs_up_leaves_a_whole_record():
    """G10: the question was put, so how it ended is kept."""
    desk = Desk()
    await hang_up(desk)
    assert [item.state for item in await desk.kept()] == [QueryState.ANSWERED]


async def hang_up(desk):
    """Ask, and leave before the answer comes."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_query):
        begun.set()
        await go_on.wait()

    desk.adapter.on_ask = wait
    asking = asyncio.create_task(desk.ask())
    await begun.wait()
    asking.cancel()
    go_on.set()
    await asyncio.wait((asking,))


async def test_who_hangs_up_before_a_failure_leaves_no_fault_of_ours_behind():
    """How the question ended cannot be kept, and nobody is there to be told: that is no lost error."""
    faults = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    store = Forgetful(clock=FakeClock(), ids=FakeIds())
    store.fails = "end"
    await hang_up(Desk(store=store))
    gc.collect()
    assert faults == []


@pytest.mark.parametrize(
    ("wish", "caller", "refusal"),
    [
        (a_wish(system=SystemId("nobody")), None, NoSuchQuery),
        (a_wish(system=TAX), an_operator(), NoSuchQuery),
        (a_wish(operation="citizen"), None, NoSuchQuery),
        (a_wish(), a_system(TAX), NotYours),
        (a_wish(system=PORTAL), a_system(TAX), NotYours),
        (a_wish(), an_operator("Hoa Trần"), NotYourself),
    ],
)
async def test_who_may_not_ask_is_refused_and_nothing_is_sent(wish, caller, refusal):
    """A file names its callers; an operator asks as themselves."""
    desk = Desk()
    with pytest.raises(refusal):
        await desk.ask(wish, caller)
    assert (desk.adapter.queried, await desk.kept()) == ([], [])


@pytest.mark.parametrize("name", ["", "Lan"])
async def test_an_operator_asks_in_their_own_name(name):
    """Whether they write it down or not."""
    desk = Desk()
    await desk.ask(a_wish(officer=Officer(name=name)), an_operator())
    (item,) = await desk.kept()
    assert (item.officer.name, item.actor.name) == ("Lan", "Lan")


async def test_the_machines_own_key_must_name_somebody():
    """It is nobody's name."""
    desk = Desk()
    with pytest.raises(Invalid) as caught:
        await desk.ask(a_wish(officer=Officer(name="")), an_operator("local.1a2b3c4d"))
    assert [fault.path for fault in caught.value.faults] == ["officer.name"]
    await desk.ask(a_wish(officer=Officer(name="Hoa Trần")), an_operator("local"))
    assert [item.officer.name for item in await desk.kept()] == ["Hoa Trần"]


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"officer": Officer(name=" ")}, ["officer.name", "officer.unit", "officer.officer_code"]),
        (
            {"officer": Officer(name="A" * 201, code="1", unit="u", position="\x00")},
            ["officer.name", "officer.position"],
        ),
        ({"purpose": " "}, ["purpose"]),
        ({"purpose": "x" * 501}, ["purpose"]),
        ({"purpose": "a\nb"}, ["purpose"]),
        ({"request": {}}, ["request.tax_code"]),
        ({"request": {"tax_code": "12345"}}, ["request.tax_code"]),
        ({"request": {"tax_code": NUMBER, "name": "x", "a b\x1b": "y"}}, ["request.a?b?", "request.name"]),
        ({"request": {"tax_code": "9" * 101}}, ["request.tax_code"]),
    ],
)
async def test_every_fault_is_named_by_its_place_and_never_by_its_value(changes, faults):
    """Nothing is kept of a question that is not whole."""
    desk = Desk()
    with pytest.raises(Invalid) as caught:
        await desk.ask(a_wish(**changes))
    assert [fault.path for fault in caught.value.faults] == faults
    assert "12345" not in str(caught.value)
    assert (desk.adapter.queried, await desk.kept()) == ([], [])


async def test_a_name_that_a_question_lacks_says_which_it_has():
    """The nearest, or where none is near all there are."""
    for name in ("taxcode", "mst"):
        with pytest.raises(Invalid) as caught:
            await Desk().ask(a_wish(request={name: NUMBER}))
        assert caught.value.faults[0].suggestion == "tax_code"


async def test_a_system_that_is_off_is_not_asked():
    """Nothing is sent to it."""
    desk = Desk(is_called=False)
    with pytest.raises(NotCalled):
        await desk.ask()
    assert await desk.kept() == []


async def test_a_caller_that_asks_too_fast_is_told_when_to_come_again():
    """Each caller has a rate of its own; what was refused counts nothing."""
    desk = Desk(rate=Rate(calls=60, period=timedelta(minutes=1), burst=2))
    await desk.ask()
    await desk.ask()
    with pytest.raises(TooManyQueries) as caught:
        await desk.ask()
    assert caught.value.wait == timedelta(seconds=1)
    await desk.ask(caller=an_operator(), wish=a_wish(officer=Officer(name="Lan")))
    desk.clock.advance(1)
    await desk.ask()
    assert len(desk.adapter.queried) == 4


async def barred(desk, number=NUMBER):
    before = len(await desk.kept())
    with pytest.raises(Barred) as caught:
        await desk.ask(a_wish(number))
    assert len(await desk.kept()) == before
    return caught.value.bar.obstacle, caught.value.bar.wait


async def test_an_open_breaker_answers_at_once_and_says_when_it_is_tried():
    """Nothing is sent and nothing is queued."""
    policy = BreakerPolicy(failures=3, lanes=3, first_open=timedelta(seconds=8))
    desk = Desk(FAILED, FAILED, FAILED, FOUND, breaker=policy)
    for number in range(3):
        await desk.ask(a_wish(f"010010910{number}"))
    obstacle, wait = await barred(desk)
    assert obstacle is Obstacle.OPEN
    assert timedelta(0) < wait <= timedelta(seconds=8)
    assert len(desk.adapter.queried) == 3
    desk.gate.half_open()
    assert (await desk.ask()).answer == FOUND
    assert (await desk.ask()).answer == FOUND


async def test_a_question_that_never_left_gives_the_one_try_back():
    """G6: else a register that answers again stayed closed, for a fault of ours in one question."""
    policy = BreakerPolicy(failures=3, lanes=3, first_open=timedelta(seconds=8))
    ours = Unanswered(reason=Reason(Why.CANNOT_RENDER))
    desk = Desk(FAILED, FAILED, FAILED, ours, FOUND, breaker=policy)
    for number in range(3):
        await desk.ask(a_wish(f"010010910{number}"))
    desk.gate.half_open()
    assert (await desk.ask()).answer == ours
    assert (await desk.ask(a_wish("0100109109"))).answer == FOUND


async def test_one_thing_asked_again_and_again_accuses_nobody():
    """G6: an officer's impatience with one number closes the register to no other."""
    desk = Desk(FAILED, breaker=BreakerPolicy(failures=3, lanes=2))
    for _ in range(6):
        await desk.ask()
    assert len(desk.adapter.queried) == 6


@pytest.mark.parametrize("minutes", [0, 239])
async def test_a_closed_window_answers_at_once_and_says_when_it_opens(minutes):
    """Also in the last moments, in which a question might not end in time."""
    hours = Calendar(shifts=(Shift(opens=timedelta(hours=9), closes=timedelta(hours=12)),))
    desk = Desk(window=Window(hours=hours), exchange=timedelta(minutes=2))  # it is 8 o'clock in Việt Nam
    desk.clock.advance(minutes * 60)
    obstacle, wait = await barred(desk)
    assert obstacle is Obstacle.CLOSED
    assert wait == (timedelta(hours=1) if not minutes else timedelta(days=1, hours=1) - timedelta(minutes=239))


async def test_a_paused_system_is_not_asked():
    """Not by look-ups either."""
    desk = Desk()
    by = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan"), reason="bảo trì")
    desk.gate.paused(Pause(system=LAND, by=by, since=desk.clock.now()))
    assert (await barred(desk))[0] is Obstacle.PAUSED


async def test_a_rate_that_is_used_up_ends_a_question_that_never_left():
    """Its turn does not come soon enough: the record says that nothing was sent."""
    desk = Desk(allowed=Rate(calls=1, period=timedelta(hours=1)))
    with pytest.raises(Barred) as caught:
        await desk.ask()
    assert caught.value.bar.obstacle is Obstacle.BUSY
    assert caught.value.bar.wait == timedelta(hours=1)
    assert [(item.state, item.reason) for item in await desk.kept()] == [(QueryState.FAILED, Why.NOT_SENT)]
    assert desk.adapter.queried == []


async def test_one_line_and_two_measurements_per_query_without_what_was_asked():
    """G9: ids, codes and numbers; neither the number, nor the officer, nor the purpose."""
    desk = Desk(Declined(reason=Reason(Why.REFUSED_BY_PARTNER, f"số {NUMBER}"), trace=Trace(http_status=400)))
    with capture_logs() as lines:
        reply = await desk.ask()
    (line,) = [line for line in lines if line["event"] == "query"]
    assert (line["query_id"], line["system"], line["operation"]) == (reply.query, LAND, "enterprise")
    assert (line["outcome"], line["reason"], line["http_status"]) == ("refused", "refused_by_partner", 400)
    assert not any(word in repr(lines) for word in (NUMBER, OFFICER.name, OFFICER.code, "Thẩm tra"))
    assert desk.metrics.value("queries_total", system=LAND, outcome="refused") == 1
