"""Files over https: each place is held to the authorities that the file of the system there names, and to no others."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from gateway.app.clock import SystemClock
from gateway.app.fetch import FetchRules, HttpFetches
from gateway.app.vouching import vouching
from gateway.config.loader import load
from gateway.core.errors import ConfigError
from gateway.core.ids import FileId
from gateway.core.message import Blob, PendingFile
from gateway.core.reason import Reason, Why
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.loopback import served
from gateway.testing.secrets import FakeSecrets
from tests.mutual_tls import Authority

MINISTRY, STRANGER = Authority("CA of the ministry"), Authority("CA of somebody else")
SECRETS = FakeSecrets({"env:MINISTRY": MINISTRY.pem, "env:STRANGER": STRANGER.pem, "env:NONE": "no certificate"})
UNTRUSTED = Reason(Why.FILE_MISSING, "unable to get local issuer certificate")


async def file(_request: web.Request) -> web.Response:
    return web.Response(body=b"%PDF-1.4")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[str]:
    """Where files of a ministry are."""
    (tmp_path / "server.pem").write_text(MINISTRY.pair("server"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    app = web.Application()
    app.router.add_get("/kq.pdf", file)
    async with served(app, tls=context) as port:
        yield f"https://127.0.0.1:{port}"


async def fetched(place: str, **systems: dict[str, str]) -> Blob | Reason:
    """Fetch by the shipped files and these entries of systems."""
    asked = {f"systems.{name}.{key}": value for name, entries in systems.items() for key, value in entries.items()}
    configuration, clock = load(Path("config"), overrides=asked), SystemClock()
    rules, trusted = FetchRules.of(configuration), vouching(configuration, SECRETS)
    async with HttpFetches(rules, MemoryBlobs(), clock, vouching=trusted) as fetches:
        pending = PendingFile(file_id=FileId("f"), url=f"{place}/kq.pdf", sha256=None)
        return await fetches.fetch(pending, deadline=clock.monotonic() + 5)


@pytest.mark.parametrize("key", ["endpoint.sandbox", "endpoint.live", "endpoint.files"])
async def test_a_file_comes_from_a_place_that_its_systems_authorities_vouch_for(place: str, key: str):
    """Rule of the doors: the place of its endpoint, and that of its files alone."""
    where = f'["{place}"]' if key == "endpoint.files" else f"{place}/api"
    got = await fetched(place, civil_status={key: where, "tls.authorities": "env:MINISTRY"})
    assert isinstance(got, Blob)


async def test_nobody_else_vouches_for_a_place(place: str):
    """Neither whom the machine trusts, nor those of another place; a system that is live has left its test one."""
    here, elsewhere = {"endpoint.sandbox": place}, {"endpoint.sandbox": "https://127.0.0.1:1"}
    assert await fetched(place, civil_status=here) == UNTRUSTED
    assert await fetched(place, civil_status={**here, "tls.authorities": "env:STRANGER"}) == UNTRUSTED
    other = {**elsewhere, "tls.authorities": "env:MINISTRY"}
    assert await fetched(place, civil_status=here, driver_licence=other) == UNTRUSTED
    live = {**here, "endpoint.live": "https://127.0.0.1:1", "mode": "live", "tls.authorities": "env:MINISTRY"}
    assert await fetched(place, civil_status=live, driver_licence={"endpoint.files": f'["{place}"]'}) == UNTRUSTED


@pytest.mark.parametrize("other", ["", "env:STRANGER", "env:MINISTRY"])
async def test_whoever_one_of_several_systems_names_vouches_for_their_place(place: str, other: str):
    """In either order: behind one bus lie many, and its certificate may be renewed by another authority's."""
    named = {"endpoint.sandbox": place, "tls.authorities": "env:MINISTRY"}
    also = {"endpoint.files": f'["{place}"]'} | ({"tls.authorities": other} if other else {})
    assert isinstance(await fetched(place, civil_status=named, driver_licence=also), Blob)
    assert isinstance(await fetched(place, civil_status=also, driver_licence=named), Blob)


async def test_the_machine_vouches_no_more_where_one_of_several_systems_names_who_does():
    """A file that says nothing must not open another one's place to all whom the machine trusts."""
    here = {"endpoint.sandbox": "https://127.0.0.1:1", "tls.authorities": "env:MINISTRY"}
    asked = {f"systems.civil_status.{key}": value for key, value in here.items()}
    asked["systems.driver_licence.endpoint.sandbox"] = "https://127.0.0.1:1"
    (context,) = vouching(load(Path("config"), overrides=asked), SECRETS).values()
    assert [dict(pair[0] for pair in one["subject"]) for one in context.get_ca_certs()] == [
        {"commonName": "CA of the ministry"}
    ]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(("reference", "problem"), [("env:NONE", "no certificate"), ("env:UNSET", "no such secret")])
def test_authorities_that_cannot_be_had_are_a_problem_of_the_systems_file(reference: str, problem: str):
    asked = {"endpoint.sandbox": "https://127.0.0.1:1", "tls.authorities": reference}
    configuration = load(Path("config"), overrides={f"systems.civil_status.{key}": one for key, one in asked.items()})
    with pytest.raises(ConfigError) as caught:
        vouching(configuration, SECRETS)
    (found,) = caught.value.problems
    assert problem in found.text
    assert (found.file, found.key) == ("systems/civil_status.toml", "tls.authorities")
