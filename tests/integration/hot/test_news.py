"""A ministry that tells nobody is asked, as its file says: nothing is lost, nothing is applied twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from gateway.testing.loopback import served
from tests.integration.hot.ground import Gateway, Ground, a_route

SYSTEM = """id = "land"
role = "system"
adapter = "rest"
[name]
vi = "Đất đai"
[endpoint]
sandbox = "http://127.0.0.1:{port}"
[poll]
every = "100ms"
[options.operations."dossier.submitted"]
path = "/ho-so"
mapping = "land"
codes = {{ receipt = "bienNhan" }}
[[options.outcomes]]
path = "ok"
equals = ["1"]
then = "delivered"
[options.news.tin]
events = "land_news"
{stream}
[[options.news.tin.outcomes]]
http = [200]
path = "ok"
equals = ["1"]
then = "found"
[[options.news.tin.outcomes]]
http = [204]
then = "none"
"""
EVENTS = """version = "1"
[[row]]
to = "kind"
value = "status.changed"
[[row]]
to = "source_event_id"
from = "item.so"
[[row]]
to = "dossier.code"
from = "item.ma"
required = true
[[row]]
to = "data.status"
from = "item.tt"
as = "int"
required = true
"""
CURSOR = 'by = "cursor"\npath = "/tin"\nmethod = "GET"\neach = "tin"\nsize = 3\nnext = "last.so"\n'
CURSOR += 'query = { sau = "{asked.cursor}", so = "{asked.size}" }'


@dataclass
class Ministry:
    """Keeps its news by number and answers questions about them."""

    port: int = 0
    news: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    drops: int = 0  #: so many answers are lost on their way

    async def take(self, request: web.Request) -> web.Response:
        self.taken.append((await request.json())["ma"])
        return web.json_response({"ok": "1", "bienNhan": f"B-{self.taken[-1]}"})

    async def tell(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        if self.drops:
            self.drops -= 1
            request.transport.abort()
        after, size = int(request.query["sau"] or 0), int(request.query["so"])
        return web.json_response({"ok": "1", "tin": [one for one in self.news if one["so"] > after][:size]})

    async def stands(self, request: web.Request) -> web.Response:
        self.asked.append({"bienNhan": request.match_info["receipt"]})
        found = [one for one in self.news if f"B-{one['ma']}" == request.match_info["receipt"]]
        return web.json_response({"ok": "1", **found[-1]}) if found else web.Response(status=204)


@asynccontextmanager
async def ministry() -> AsyncIterator[Ministry]:
    played = Ministry()
    app = web.Application()
    app.add_routes([web.post("/ho-so", played.take), web.get("/tin", played.tell)])
    app.add_routes([web.get("/tra-cuu/{receipt}", played.stands)])
    async with served(app) as played.port:
        yield played


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    rows = '[[row]]\nto = "ma"\nfrom = "code:province"\n'
    made.write("mappings/land.toml", 'version = "1"\n' + rows)
    made.write("mappings/land_news.toml", EVENTS)
    made.route(a_route("land"), '[[route]]\nid = "back"\nsource = "land"\nto = ["portal"]\n')
    return made


def connect(ground: Ground, asked: Ministry, stream: str) -> None:
    ground.write("systems/land.toml", SYSTEM.format(port=asked.port, stream=stream))


async def statuses(gateway: Gateway, *, count: int) -> list[tuple[str, int]]:
    """Return the code and number of each status in the portal's feed, once there are so many."""
    async with asyncio.timeout(30):
        while True:
            _, page = await gateway.call("portal", "GET", "/v1/events?limit=100")
            events = [item["event"] for item in page["items"] if item["event"]["kind"] == "status.changed"]
            if len(events) >= count:
                return [(event["dossier"]["code"], event["data"]["status"]) for event in events]
            await asyncio.sleep(0.02)


async def submitted(gateway: Gateway, *codes: str) -> None:
    await gateway.give_key("portal")
    for code in codes:
        await gateway.submit(code)
    await gateway.until("land", "delivered")


async def test_news_come_page_by_page_each_once_though_answers_are_lost_and_the_gateway_starts_anew(ground: Ground):
    """G2, G7, G11: the bookmark moves with what was accepted, and with nothing else."""
    async with ministry() as land:
        connect(ground, land, CURSOR)
        land.news = [{"so": number, "ma": "H01-1", "tt": 4 + number % 2} for number in range(1, 8)]
        async with ground.serving() as gateway:
            land.drops = 2
            await submitted(gateway, "H01-1")
            first = await statuses(gateway, count=7)
        land.news.append({"so": 8, "ma": "H01-1", "tt": 9})
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            again = await statuses(gateway, count=8)
    assert first == [("H01-1", 4 + number % 2) for number in range(1, 8)]
    assert again == [*first, ("H01-1", 9)]
    assert {question["so"] for question in land.asked} == {"3"}


async def test_what_cannot_be_read_waits_for_a_person_and_holds_nothing_up(ground: Ground):
    """G2: kept as it came, once; its neighbours of the page and the next pages go on."""
    async with ministry() as land:
        connect(ground, land, CURSOR)
        async with ground.serving() as gateway:
            await submitted(gateway, "H01-1")
            land.news = [
                {"so": 1, "ma": "H01-1", "tt": 4},
                {"so": 2, "ma": "", "tt": 4},
                {"so": 3, "ma": "H01-1", "tt": "không"},
                {"so": 4, "ma": "H01-1", "tt": 9},
            ]
            assert await statuses(gateway, count=2) == [("H01-1", 4), ("H01-1", 9)]
            held = await gateway.until("operators", "held")
    assert len(held) == 2
    assert {item["reason"]["code"] for item in held} == {"unreadable"}


async def test_open_dossiers_are_asked_about_until_they_are_finished(ground: Ground):
    """One question for each, by the code that the ministry gave it; a status that stands says nothing new."""
    stream = 'by = "dossiers"\npath = "/tra-cuu/{asked.code}"\nmethod = "GET"\nsize = 1\n'
    stream += 'procedures = ["1.000001"]\nscheme = "receipt"'
    ground.write("mappings/land_news.toml", EVENTS.replace("item.so", "item.khong"))
    async with ministry() as land:
        connect(ground, land, stream)
        async with ground.serving() as gateway:
            await submitted(gateway, "H01-1", "H01-2")
            land.news.append({"ma": "H01-1", "tt": 4})
            assert await statuses(gateway, count=1) == [("H01-1", 4)]
            land.news += [{"ma": "H01-2", "tt": 9}, {"ma": "H01-1", "tt": 5}]
            assert sorted(await statuses(gateway, count=3)) == [("H01-1", 4), ("H01-1", 5), ("H01-2", 9)]
            land.asked.clear()
            while len(land.asked) < 3:
                await gateway.call("operator", "GET", "/v1/systems")
            assert {question["bienNhan"] for question in land.asked[1:]} == {"B-H01-1"}


async def test_the_polling_follows_a_changed_file_and_goes_on_where_it_was(ground: Ground):
    """No restart, no gap, nothing twice; a system that was not asked begins to be."""
    async with ministry() as land:
        connect(ground, land, CURSOR)
        text = (ground.config / "systems/land.toml").read_text()
        ground.write("systems/land.toml", text.partition("[options.news.tin]")[0])
        async with ground.serving() as gateway:
            await submitted(gateway, "H01-1")
            land.news = [{"so": 1, "ma": "H01-1", "tt": 4}]
            ground.write("systems/land.toml", text)
            assert (await gateway.apply())[0] == 200
            assert await statuses(gateway, count=1) == [("H01-1", 4)]
            land.news.append({"so": 2, "ma": "H01-1", "tt": 5})
            ground.write("systems/land.toml", text.replace("size = 3", "size = 7"))
            assert (await gateway.apply())[0] == 200
            assert await statuses(gateway, count=2) == [("H01-1", 4), ("H01-1", 5)]
            while land.asked[-1]["so"] != "7":
                await gateway.call("operator", "GET", "/v1/systems")


@pytest.mark.parametrize(
    ("stream", "place"),
    [
        (CURSOR.replace("last.so", "so"), "options.news.tin"),
        (CURSOR + '\nstep = "1d"', "options.news.tin.step"),
        ('by = "time"\npath = "/tin"', "options.news.tin"),
        ('by = "time"\npath = "/tin"\nbegin = 2026-01-01T00:00:00+07:00', "options.news.tin.events"),
        ('by = "time"\npath = "/tin"\nbegin = 2026-01-01T00:00:00+07:00\nmore = "con"', "options.news.tin"),
        ('by = "dossiers"\npath = "/tin"', "options.news.tin"),
        ('by = "dossiers"\npath = "/tin"\nmore = "body.con"', "options.news.tin.more"),
        (CURSOR.replace("asked.cursor", "asking.cursor"), "options.news.tin"),
    ],
)
async def test_what_the_file_gets_wrong_is_told_with_its_place(ground: Ground, stream: str, place: str):
    """As `check` does, while another one is in force."""
    async with ministry() as land:
        connect(ground, land, CURSOR)
        async with ground.serving() as gateway:
            ground.write("mappings/land_news.toml", EVENTS.replace('to = "source_event_id"', 'to = "text"'))
            connect(ground, land, stream)
            status, told = await gateway.review()
    assert status == 422, json.dumps(told)
    assert f"systems/land.toml: {place}" in {fault["path"] for fault in told["errors"]}
