"""The demo's two ministries play the sandbox's magic numbers, for whoever tries a portal against them."""

import asyncio
import json
import re
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, ServerDisconnectedError, web

from adapters.demo_rest.simulator import Ministry
from adapters.demo_soap.simulator import Registry
from gateway.testing.loopback import served
from gateway.testing.simulator import Journal, Place

SENDS = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<guiHoSo xmlns="urn:sample:dangkykinhdoanh:1">'
    "<maGiaoDich>d-1</maGiaoDich><maHoSo>{}</maHoSo></guiHoSo></s:Body></s:Envelope>"
)


class Listening:
    """The gateway as a ministry calls it back: takes all, and hands on what was asked for."""

    def __init__(self):
        self.asked = asyncio.Queue()

    async def call(self, _method, path, body, _headers):
        for word in re.findall(
            r"bosung|lephi|supplementRequested|feeRequested|ketqua|resultIssued", path + body.decode()
        ):
            self.asked.put_nowait(word)
        return 200, b'{"error_code":"0"}<receipt>'


class Rest:
    """Hands a dossier to the REST ministry."""

    def __init__(self, journal, place, gateway):
        self.ministry = Ministry(place, journal, gateway, drop=0)
        self.routes = [web.post("/mapi/login", self.ministry.login), web.post("/mapi/g", self.ministry.call)]

    async def hand_over(self, session, address, code):
        login = {"username": "sample", "password": "sample-only"}
        async with session.post(f"{address}/mapi/login", json=login) as reply:
            token = (await reply.json())["session"]
        body = {"session": token, "service": "DongBoHoSoMC", "MaGiaoDich": "d-1", "data": [{"MaHoSo": code}]}
        async with session.post(f"{address}/mapi/g", json=body) as reply:
            return await reply.text()


class Soap:
    """Hands a dossier to the SOAP ministry."""

    def __init__(self, journal, place, gateway):
        self.routes = [web.post("/ws", Registry(place, journal, gateway, throttle=0, drop=0).call)]

    async def hand_over(self, session, address, code):
        async with session.post(f"{address}/ws", data=SENDS.format(code)) as reply:
            return await reply.text()


@asynccontextmanager
async def a_ministry(kind, folder):
    journal, gateway = Journal(folder / "journal.jsonl"), Listening()
    place = Place(port=0, journal=folder / "journal.jsonl", gateway="", key="", seed=1)
    one, app = kind(journal, place, gateway), web.Application()
    app.add_routes(one.routes)
    async with served(app) as port, ClientSession() as session:
        yield lambda code: one.hand_over(session, f"http://127.0.0.1:{port}", code), gateway.asked
    journal.close()


@pytest.mark.parametrize("kind", [Rest, Soap])
@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("H52.12-261127-9005", {"bosung", "supplementRequested"}),
        ("H52.12-261127-019006", {"lephi", "feeRequested"}),
        ("H52.12-261127-0019", {"ketqua", "resultIssued"}),
        ("không số", {"ketqua", "resultIssued"}),
    ],
)
async def test_what_a_ministry_asks_for_hangs_on_the_end_of_the_number(tmp_path, kind, code, first):
    async with a_ministry(kind, tmp_path) as (hand_over, asked), asyncio.timeout(20):
        await hand_over(code)
        assert await asked.get() in first


@pytest.mark.parametrize("kind", [Rest, Soap])
async def test_the_first_reply_about_9504_is_lost_after_it_was_taken(tmp_path, kind):
    async with a_ministry(kind, tmp_path) as (hand_over, asked), asyncio.timeout(20):
        with pytest.raises(ServerDisconnectedError):
            await hand_over("H52.12-261127-9504")
        assert await asked.get() in {"ketqua", "resultIssued"}
        await hand_over("H52.12-261127-9504")
    lines = [json.loads(line)["what"] for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert lines.count("dropped") == 1
