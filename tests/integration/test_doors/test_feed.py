"""``GET /v1/events``: the feed of a system that reads instead of being called."""

import asyncio

import pytest

from gateway.app.wakeups import LoopWakeups
from gateway.core.ids import KeyId, SystemId
from gateway.core.message import Actor, ActorKind, Payload
from gateway.testing.books import CIVIL_STATUS, TAX, a_book, a_draft, a_planner, a_route
from gateway.testing.ids import FakeIds


async def test_a_page_shows_events_and_the_next_question_acknowledges_them(gate, body):
    """after = acknowledged."""
    await gate.post("/v1/dossiers", body("H01-1"))
    await gate.post("/v1/dossiers", body("H01-2"))
    page = (await gate.get("/v1/events?limit=1", who=TAX)).json
    assert page["more"]
    event = page["items"][0]["event"]
    assert (event["kind"], event["dossier"]["code"]) == ("dossier.submitted", "H01-1")
    rest = (await gate.get(f"/v1/events?after={page['next']}", who=TAX)).json
    assert [item["event"]["dossier"]["code"] for item in rest["items"]] == ["H01-2"]
    assert not rest["more"]
    states = {view.state.value for view in await gate.store.find(destination=TAX)}
    assert states in ({"delivered", "ready"}, {"delivered", "waiting"})


async def test_a_feed_is_ones_own(gate, body):
    """G9: nobody reads another's feed."""
    await gate.post("/v1/dossiers", body())
    assert (await gate.get("/v1/events", who=CIVIL_STATUS)).json["items"] == []
    assert (await gate.get("/v1/events", who="operator")).code == "key.forbidden"


async def test_who_is_called_is_told_that_nothing_gets_into_its_feed(gate):
    """Its pages would look like those of a reader who has read everything."""
    (warning,) = (await gate.get("/v1/events", who=CIVIL_STATUS, headers={"Accept-Language": "en"})).json["warnings"]
    assert (warning["code"], "set adapter" in warning["text"]) == ("feed.unused", True)
    assert "warnings" not in (await gate.get("/v1/events", who=TAX)).json


async def test_an_event_that_cannot_be_read_stops_no_reader_for_ever(gate, body):
    """G2, G6: a person is asked about it, and the reader goes on."""
    spoilt = a_draft("H01-2", payload=Payload(body=b'{"kind":', media_type="application/json"))
    await gate.store.accept([spoilt], plan=a_planner(FakeIds(), a_book(routes=[a_route(TAX)])))
    await gate.post("/v1/dossiers", body("H01-1"))
    page = await gate.get("/v1/events", who=TAX)
    assert [item["event"]["dossier"]["code"] for item in page.json["items"]] == ["H01-1"]
    (held,) = [view for view in await gate.store.find(destination=TAX) if view.state.value == "held"]
    assert held.reason.code == "damaged"


class Signalling(LoopWakeups):
    """Says when somebody has begun to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = asyncio.Event()

    async def wait(self, systems, *, seconds):
        asyncio.get_running_loop().call_soon(self.waited.set)
        return await super().wait(systems, seconds=seconds)


async def test_a_long_poll_answers_as_soon_as_there_is_news(gate_with, body):
    wakeups = Signalling()
    async with gate_with(wakeups=wakeups) as gate:
        polled = asyncio.create_task(gate.get("/v1/events?wait=5s", who=TAX))
        await wakeups.waited.wait()
        await gate.post("/v1/dossiers", body())
        wakeups.wake([SystemId(TAX)])
        assert len((await polled).json["items"]) == 1


class Unasked(LoopWakeups):
    """Fails whoever waits."""

    async def wait(self, systems, *, seconds):
        raise AssertionError(systems, seconds)


async def test_a_reader_for_whom_there_is_no_seat_does_not_wait(gate_with, server):
    """Half of the connections are for callers with something to say."""
    async with gate_with(server=server(connections=1), wakeups=Unasked()) as gate:
        page = await gate.get("/v1/events?wait=5s", who=TAX)
        assert (page.status, page.json["items"]) == (200, [])


async def test_a_seat_is_free_again_once_its_reader_has_read(gate_with, server, body):
    """G6: else nobody would be told at once any more, and all would ask without a rest."""
    wakeups, after = Signalling(), ""
    async with gate_with(server=server(connections=2), wakeups=wakeups) as gate, asyncio.timeout(8):
        for code in ("H01-1", "H01-2"):
            wakeups.waited.clear()
            polled = asyncio.create_task(gate.get(f"/v1/events?wait=5s&after={after}", who=TAX))
            await wakeups.waited.wait()
            await gate.post("/v1/dossiers", body(code))
            wakeups.wake([SystemId(TAX)])
            page = (await polled).json
            after = page["next"]
            assert len(page["items"]) == 1


async def test_a_key_that_is_revoked_while_its_holder_waits_reads_nothing_more(gate_with, body):
    """What comes after two seconds is for nobody who stole it and waits."""
    wakeups = Signalling()
    async with gate_with(wakeups=wakeups) as gate:
        polled = asyncio.create_task(gate.get("/v1/events?wait=5s", who=TAX))
        await wakeups.waited.wait()
        await gate.store.revoke(key_id(gate, TAX), actor=Actor(kind=ActorKind.OPERATOR, name="test"))
        gate.clock.advance(2)
        await gate.post("/v1/dossiers", body())
        wakeups.wake([SystemId(TAX)])
        assert (await polled).status == 401


def key_id(gate, who):
    """The id in a key's text."""
    return KeyId(gate.keys[who].split("_")[1])


async def test_national_names_are_spoken_in_the_feed(gate, body):
    await gate.post("/v1/dossiers", body())
    headers = {"Accept": "application/vnd.qcvn120+json"}
    page = await gate.get("/v1/events", who=TAX, headers=headers)
    assert page.json["items"][0]["event"]["LoaiSuKien"] == "dossier.submitted"
    assert page.headers["Content-Type"] == headers["Accept"]


async def test_parameters_that_cannot_be_read_are_named(gate):
    for query in ("limit=0", "limit=x", "limit=201", "wait=-1", "wait=soon"):
        reply = await gate.get(f"/v1/events?{query}", who=TAX)
        assert (reply.status, reply.code) == (400, "parameter.invalid")
        assert query.split("=")[0] in reply.json["detail"]
    assert "số giây" in reply.json["detail"]


async def test_a_parameter_that_the_door_does_not_have_is_named_with_those_it_has(gate):
    """A slip of the pen in ``after`` was the same first page for ever."""
    reply = await gate.get("/v1/events?afer=1&limit=1", who=TAX)
    assert (reply.status, reply.code) == (400, "parameter.invalid")
    assert "afer" in reply.json["detail"]
    assert "after, limit, wait" in reply.json["detail"]


async def test_what_a_stranger_asks_with_is_not_looked_at(gate):
    """Who calls comes first: a door says nothing of itself to who has no key."""
    assert (await gate.get("/v1/events?afer=1", who=None)).code == "key.missing"
    assert (await gate.get("/v1/ops/acts?afer=1", who=TAX)).code == "key.forbidden"


async def test_no_open_door_and_none_that_takes_something_minds_a_strange_parameter(gate, body):
    """What stands between a caller and us may add its own."""
    for path in ("/livez?x=1", "/docs?x=1", "/soap/v1/events?wsdl&x=1"):
        assert (await gate.get(path, who=None)).status == 200
    assert (await gate.get("/v1/links/none?x=1", who=None)).code == "link.not_found"
    assert (await gate.get("/metrics?x=1", who="operator")).status == 200
    assert (await gate.post("/v1/dossiers?x=1", body())).status == 202


async def test_a_cursor_of_another_epoch_has_expired(gate):
    reply = await gate.get("/v1/events?after=0000000000000000.1", who=TAX)
    assert reply.status == 410, reply.body
    assert reply.code == "cursor.expired"
    assert "earliest" in reply.json


@pytest.mark.parametrize("after", ["nonsense", "0000-1", "1", "0000000000000000.x", "0000000000000000.1%20"])
async def test_a_cursor_that_is_none_is_the_callers_mistake(gate, after):
    reply = await gate.get(f"/v1/events?after={after}", who=TAX)
    assert (reply.status, reply.code) == (400, "cursor.invalid")
