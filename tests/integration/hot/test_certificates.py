"""Certificates are renewed while the gateway serves: the one that it shows, and those that vouch for a partner."""

import ssl
from pathlib import Path

import pytest
from aiohttp import web

from gateway.testing.loopback import served
from tests.integration.hot.ground import Ground, a_route
from tests.mutual_tls import Authority, tls_server

SYSTEM = """id = "labour"
role = "system"
adapter = "rest"
tls = {{ identity = "file:secrets/identity.pem", authorities = "file:secrets/authorities.pem" }}
[name]
vi = "Lao động"
[endpoint]
sandbox = "{address}"
[options.operations."*"]
path = "/hoSo"
wrap = {{ id = "{{delivery.id}}" }}
[[options.outcomes]]
path = "ok"
equals = [true]
then = "delivered"
"""


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


async def test_a_renewed_certificate_is_shown_once_it_is_applied(ground: Ground, tmp_path: Path):
    """No file of the configuration changed. One that cannot be used is refused, and the one in force goes on."""
    ministry = Authority("CA of the ministry")
    async with tls_server(ministry, tmp_path) as (address, shown):
        ground.write("secrets/identity.pem", ministry.pair("first"))
        ground.write("secrets/authorities.pem", ministry.pem)
        ground.write("systems/labour.toml", SYSTEM.format(address=address))
        ground.route(a_route("labour"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            await gateway.submit("H01-1")
            await gateway.until("labour", "delivered")
            ground.write("secrets/identity.pem", ministry.pair("second"))
            status, done = await gateway.apply()
            assert (status, done["changed"], "files" in done) == (200, ["labour"], False)
            await gateway.submit("H01-2")
            await gateway.until("labour", "delivered")
            ground.write("secrets/identity.pem", ministry.pair("third").partition("-----BEGIN CERT")[0])
            status, refused = await gateway.apply()
            assert (status, refused["errors"][0]["path"]) == (422, "systems/labour.toml: tls.identity")
            await gateway.submit("H01-3")
            await gateway.until("labour", "delivered")
    assert shown == ["first", "second", "second"]


async def test_files_come_from_a_ministry_that_its_own_authority_vouches_for(ground: Ground, tmp_path: Path):
    """From the start, and with another authority once that is applied."""
    old, new = Authority("CA of the ministry"), Authority("CA of the ministry, renewed")
    (tmp_path / "server.pem").write_text(old.pair("server"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with served(app, tls=context) as port:
        address = f"https://127.0.0.1:{port}"
        ground.write("secrets/identity.pem", old.pair("gateway"))
        ground.write("secrets/authorities.pem", old.pem)
        ground.write("systems/labour.toml", SYSTEM.format(address=address))
        ground.route(a_route("labour"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            await gateway.submit("H01-1", files=[{"url": f"{address}/1.pdf"}])
            await gateway.until("labour", "delivered")
            (tmp_path / "server.pem").write_text(new.pair("server"))
            context.load_cert_chain(tmp_path / "server.pem")
            ground.write("secrets/authorities.pem", new.pem)
            assert (await gateway.apply())[0] == 200
            await gateway.submit("H01-2", files=[{"url": f"{address}/2.pdf"}])
            await gateway.until("labour", "delivered")
