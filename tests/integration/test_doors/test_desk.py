"""The command line at the doors of a gateway that serves: what it says of how that goes."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.app.layout import Layout, write_private
from gateway.cli.api import api
from gateway.cli.at_desk import desk
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed
from gateway.core.errors import StoreFull
from gateway.ingress.bodies import KeyBody
from gateway.stores.lock import held
from tests.integration.shipped import ROOT

from .conftest import OPERATOR, PORTAL


async def test_an_answer_that_breaks_off_is_said_to(gate):
    """Not that the gateway does not serve: it does."""
    made = await gate.post("/v1/files", raw=b"%PDF-1.7", headers={"Content-Type": "application/pdf"})
    (key,) = gate.blobs.objects
    gate.blobs.objects[key] = b"%PDF"
    async with api(gate.url, gate.keys[PORTAL], "the test") as near:
        with pytest.raises(Failed, match="broke off"):
            [piece async for piece in near.pieces(made.json["href"], {})]


class Full:
    """An inbox without room."""

    async def accept(self, *_arguments, **_options):
        raise StoreFull("no room")


async def test_how_long_to_wait_is_said_where_the_words_speak_of_it(gate_with, body):
    """`Retry-After` is a header: nobody who runs a command sees it."""
    async with gate_with(inbox=lambda _store: Full()) as gate, api(gate.url, gate.keys[PORTAL], "the test") as near:
        with pytest.raises(Failed, match=r"Retry-After: 60 s"):
            await near.post("/v1/dossiers", body(), dict)


async def test_what_answers_and_is_no_gateway_of_this_version_is_said_to_be_none(gate):
    """A page to log in at, or a gateway that was not started anew after an update: both were tracebacks."""
    async with api(gate.url, gate.keys[PORTAL], "the test") as near:
        with pytest.raises(Failed, match="is no gateway of this version"):
            await near.get("/docs", dict)
        with pytest.raises(Failed, match="look before repeating a change"):
            await near.get("/livez", KeyBody)


@pytest.mark.parametrize("answer", [{}, {"dossier": 1}, {"dossier": {"id": "H01-1"}}, {"items": [{"id": "H01-1"}]}])
async def test_a_dossier_as_another_version_tells_it_is_said_to_be_none_of_ours(answer):
    """What a dossier says is read apart from the rest of its answer: it was a traceback there."""

    async def told(_request: web.Request) -> web.Response:
        return web.json_response(answer)

    app = web.Application()
    app.router.add_get("/v1/ops/{whatever:.*}", told)
    async with TestServer(app) as server, api(str(server.make_url("")), "gw_sample", "the test") as near:
        with pytest.raises(Failed, match="is no gateway of this version"):
            await Desk(near).find("H01-1", "")
        with pytest.raises(Failed, match="is no gateway of this version"):
            await Desk(near).timeline("H01-1")


async def test_an_address_that_is_none_is_said_to_be():
    """No gateway could serve there."""
    for url in ("nonsense", "http://", "ftp://gateway.example"):
        async with api(url, "gw_key", "the test") as nowhere:
            with pytest.raises(Failed, match="is no http:// or https:// address") as failed:
                await nowhere.call("GET", "/livez")
        assert failed.value.status == 2


async def test_a_command_waits_for_the_gateway_that_is_about_to_serve(gate, tmp_path):
    """It has the store already, and has not said yet where its doors are."""
    layout = Layout(tmp_path)
    with held(layout.lock):
        seat = desk(ROOT / "config", tmp_path)
        sitting = asyncio.create_task(seat.__aenter__())
        await asyncio.sleep(0)  # it has looked, and seen no address
        write_private(layout.operator_key, gate.keys[OPERATOR])
        layout.announce(gate.url)
        opened = await sitting
        assert await opened.keys()
        await seat.__aexit__(None, None, None)
