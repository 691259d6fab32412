"""`systems fetch-wsdl`: a WSDL with what it imports, once, from a server on loopback."""

import asyncio
import json
import ssl
import sys
from pathlib import Path

import pytest
from aiohttp import web

from gateway.testing.loopback import served
from gateway.testing.partner import LoopbackPartner, Says
from gateway.wire.http import HttpClient, HttpSettings
from gateway.wire.wsdl_fetch import FetchFailed, FetchLimits, fetch_wsdl
from gateway.wire.zeep_codec import load_wsdl
from tests.mutual_tls import Authority

WSDL = Path(__file__).parents[1] / "unit" / "wire" / "wsdl" / "registry.wsdl"
TYPES = WSDL.with_name("dossier_types.xsd").read_text()
XSD = "http://www.w3.org/2001/XMLSchema"
NOT_FOUND = Says(status=404)


def registry(location):
    return WSDL.read_text().replace('schemaLocation="dossier_types.xsd"', f'schemaLocation="{location}"')


class Server:
    """Documents by path and query."""

    def __init__(self, **documents):
        self.documents = documents

    async def __call__(self, seen):
        found = self.documents.get(seen.path)
        return Says(body=found.encode()) if isinstance(found, str) else found or NOT_FOUND


def serving(documents):
    server = Server()
    server.documents = documents
    return LoopbackPartner(NOT_FOUND, aside=server)


async def fetched(url, **options):
    loop = asyncio.get_running_loop()
    async with HttpClient(HttpSettings(max_reply=1024 * 1024)) as client:
        return await fetch_wsdl(url, lambda one: client.exchange(one, deadline=loop.time() + 5), **options)


async def test_documents_refer_to_each_other_as_files(tmp_path):
    """By relative and absolute addresses, with queries as .NET writes them, twice the same, in a circle."""
    documents = {
        "/ws/Registry.svc?singleWsdl": registry("Registry.svc?xsd=xsd0"),
        "/ws/more.xsd": (
            f'<xs:schema xmlns:xs="{XSD}" targetNamespace="urn:example:types">'
            '<xs:include schemaLocation="/ws/Registry.svc?xsd=xsd0"/></xs:schema>'
        ),
    }
    async with serving(documents) as partner:
        more = f'<xs:include schemaLocation="{partner.address}/ws/more.xsd#x"/>'
        head, end, rest = TYPES.partition('"qualified">')
        documents["/ws/Registry.svc?xsd=xsd0"] = head + end + more + rest
        found = await fetched(f"{partner.address}/ws/Registry.svc?singleWsdl")
        assert len(partner.seen) == 3
    assert found.name == "Registry.wsdl"
    assert set(found.files) == {"Registry.wsdl", "Registry-xsd0.xsd", "more.xsd"}
    for name, content in found.files.items():
        (tmp_path / name).write_bytes(content)
    assert load_wsdl(tmp_path / found.name).operations == ("ping", "submit")


ELSEWHERE = "http://localhost:1/types.xsd"


@pytest.mark.parametrize(
    ("documents", "problem"),
    [
        ({}, "HTTP 404"),
        ({"/r?wsdl": Says(status=302, headers={"Location": "/other"})}, "leads elsewhere"),
        ({"/r?wsdl": Says(status=401)}, "--authorization"),
        ({"/r?wsdl": "<html/>"}, "neither WSDL nor schema"),
        ({"/r?wsdl": "<!DOCTYPE a><a/>"}, "DOCTYPE"),
        ({"/r?wsdl": "no XML"}, "not well-formed"),
        ({"/r?wsdl": registry(ELSEWHERE)}, "--also http://localhost:1"),
        ({"/r?wsdl": registry("file:///etc/hostname")}, "no http://"),
        ({"/r?wsdl": registry("ftp://127.0.0.1/x.xsd")}, "no http://"),
        ({"/r?wsdl": registry("http://a:b@127.0.0.1/x.xsd")}, "no http://"),
        ({"/r?wsdl": registry("http://[/x.xsd")}, "no http://"),
        ({"/r?wsdl": registry("missing.xsd")}, r"missing\.xsd: HTTP 404"),
        ({"/r?wsdl": " " * (1024 * 1024) + registry("x")}, "too_large"),
    ],
)
async def test_what_cannot_be_fetched_is_named_with_its_address_and_a_remedy(documents, problem):
    """Nothing is followed, nothing is asked that the operator did not name."""
    async with serving(documents) as partner:
        with pytest.raises(FetchFailed, match=problem):
            await fetched(f"{partner.address}/r?wsdl")
        assert len(partner.seen) <= 2


@pytest.mark.parametrize("url", ["http:///r?wsdl", "ftp://127.0.0.1/r?wsdl", "http://a:b@127.0.0.1/r?wsdl", "r.wsdl"])
async def test_an_address_that_is_none_is_told_before_anybody_is_asked(url):
    with pytest.raises(FetchFailed, match=r"no http://.*write it whole"):
        await fetched(url)


async def test_the_number_of_files_and_their_size_are_limited():
    """A document that always imports another one ends somewhere."""
    endless = {
        f"/{n}.xsd": f'<xs:schema xmlns:xs="{XSD}"><xs:include schemaLocation="{n + 1}.xsd"/></xs:schema>'
        for n in range(50)
    }
    async with serving({"/r?wsdl": registry("0.xsd"), **endless}) as partner:
        for limits, problem in ((FetchLimits(files=10), "10 files"), (FetchLimits(total=5000), "5000 bytes")):
            with pytest.raises(FetchFailed, match=problem):
                await fetched(f"{partner.address}/r?wsdl", limits=limits)
        assert len(partner.seen) < 60


async def test_another_origin_is_asked_where_it_is_named():
    """An import from the national schema server, say."""
    documents = {}
    async with serving({"/types.xsd": TYPES}) as other, serving(documents) as partner:
        documents["/r?wsdl"] = registry(f"{other.address}/types.xsd")
        found = await fetched(f"{partner.address}/r?wsdl", also=[other.address])
    assert set(found.files) == {"r.wsdl", "types.xsd"}


async def run(*words, **environment):
    command = (sys.executable, "-c", "from gateway.cli import main; main()", "systems", "fetch-wsdl", *words)
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_whom_the_machine_trusts_may_have_an_old_certificate(tmp_path):
    """It names no key of its authority: the default context of Python 3.13 refuses it, that of 3.11 does not."""
    ministry = Authority("CA of the ministry")
    (tmp_path / "machine.pem").write_text(ministry.pem)
    (tmp_path / "server.pem").write_text(ministry.pair("server"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "server.pem")
    async with served(web.Application(), tls=tls) as port:
        url = f"https://127.0.0.1:{port}/ws?wsdl"
        _, _, err = await run(url, "--to", str(tmp_path / "wsdl"), SSL_CERT_FILE=str(tmp_path / "machine.pem"))
        assert "HTTP 404" in err
        _, _, err = await run(url, "--to", str(tmp_path / "wsdl"))
        assert "tls" in err


async def test_the_command_keeps_the_files_and_lists_the_operations(tmp_path):
    """With the header of an environment variable, shown to the WSDL's own origin only; it never replaces by itself."""
    to = tmp_path / "wsdl" / "registry"
    documents = {}
    async with serving({"/types.xsd": TYPES}) as other, serving(documents) as partner:
        documents["/ws?wsdl"] = registry(f"{other.address}/types.xsd")
        words = (f"{partner.address}/ws?wsdl", "--to", str(to), "--also", other.address, "--json")
        status, out, err = await run(*words, "--authorization", "env:LAND", LAND="Basic c2FtcGxl")
        assert (status, err) == (0, "")
        found = json.loads(out)
        assert found["wsdl"] == str(to / "ws.wsdl")
        assert found["files"] == ["types.xsd", "ws.wsdl"]
        assert found["operations"] == [{"name": name, "soap": ["1.1", "1.2"]} for name in ("ping", "submit")]
        assert partner.seen[0].headers["Authorization"] == "Basic c2FtcGxl"
        assert "Authorization" not in other.seen[0].headers
        (to / "types.xsd").write_text("<mine/>")
        status, _, err = await run(*words)
        assert status == 2
        assert "--replace" in err
        assert (to / "types.xsd").read_text() == "<mine/>"
        assert (await run(*words, "--replace"))[0] == 0
        assert (await run(*words))[0] == 0


async def test_a_wsdl_of_more_than_16_mib_is_not_fetched(tmp_path):
    """Whatever the partner's server sends in its place."""
    async with serving({"/ws?wsdl": registry("") + " " * (16 * 1024 * 1024)}) as partner:
        status, _, err = await run(f"{partner.address}/ws?wsdl", "--to", str(tmp_path / "here"))
    assert status == 1
    assert "no answer (too_large)" in err
    assert not (tmp_path / "here").exists()


async def test_a_wsdl_that_cannot_be_used_is_kept_and_its_problem_named(tmp_path):
    """Somebody may repair it by hand."""
    async with serving({"/ws?wsdl": registry("").replace("xs:int", "xs:integre")}) as partner:
        status, _, err = await run(f"{partner.address}/ws?wsdl", "--to", str(tmp_path / "here"))
    assert status == 1
    assert "ws.wsdl" in err
    assert (tmp_path / "here" / "ws.wsdl").exists()
