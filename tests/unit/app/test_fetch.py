"""Files by address: fetched whole and proved, and from inside this network only where a system's file says so."""

import asyncio
import gzip
import hashlib
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from gateway.app.clock import SystemClock
from gateway.app.fetch import FetchRules, HttpFetches
from gateway.config.loader import load
from gateway.core.ids import FileId
from gateway.core.message import Blob, PendingFile
from gateway.core.reason import Reason, Why
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.loopback import served

PDF = b"%PDF-1.4 " + b"x" * 1000


async def file(_request: web.Request) -> web.Response:
    return web.Response(body=PDF, content_type="application/pdf")


async def drip(request: web.Request) -> web.StreamResponse:
    """Never ends: a byte now and then, never long enough apart to look broken."""
    reply = web.StreamResponse(headers={"Content-Type": "application/pdf"})
    await reply.prepare(request)
    while True:
        await reply.write(b"x")
        await asyncio.sleep(0.01)


async def elsewhere(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/file.pdf")


async def gone(_request: web.Request) -> web.Response:
    raise web.HTTPGone


async def broken(_request: web.Request) -> web.Response:
    raise web.HTTPServiceUnavailable


@pytest.fixture
async def port() -> AsyncIterator[int]:
    app = web.Application()
    app.add_routes([web.get("/file.pdf", file), web.get("/elsewhere", elsewhere), web.get("/drip", drip)])
    app.add_routes([web.get("/gone", gone), web.get("/broken", broken)])
    async with served(app) as port:
        yield port


async def fetch(
    url: str, *addresses: str, limit: int = 4096, sha256: str | None = None, seconds: float = 5
) -> tuple[Blob | Reason, MemoryBlobs]:
    blobs, clock = MemoryBlobs(), SystemClock()
    pending = PendingFile(file_id=FileId("f"), url=url, sha256=sha256)
    async with HttpFetches(FetchRules.to(addresses, limit=limit), blobs, clock) as fetches:
        return await fetches.fetch(pending, deadline=clock.monotonic() + seconds), blobs


async def test_fetches_and_proves_a_file_of_a_configured_system(port: int):
    digest = hashlib.sha256(PDF).hexdigest()
    got, _ = await fetch(f"http://127.0.0.1:{port}/file.pdf", f"http://127.0.0.1:{port}", sha256=digest.upper())
    assert isinstance(got, Blob)
    assert (got.sha256, got.size, got.content_type, got.name) == (digest, len(PDF), "application/pdf", "file.pdf")


async def test_a_host_is_told_who_asks_and_nothing_of_what_we_are_built_from():
    """Which versions somebody runs is what an attacker looks up first."""
    seen: list[dict[str, str]] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        return await file(request)

    app = web.Application()
    app.router.add_get("/file.pdf", note)
    async with served(app) as port:
        await fetch(f"http://127.0.0.1:{port}/file.pdf", f"http://127.0.0.1:{port}")
    host = f"127.0.0.1:{port}"
    asks = {"User-Agent": "provincial-gateway", "Accept-Encoding": "identity", "Accept": "*/*"}
    assert seen == [{"Host": host, "Connection": "close", **asks}]


async def test_a_name_is_resolved_and_judged_by_its_address(port: int):
    """Rule of the doors: its sender is told of a name inside as of an unknown one; operators read where it leads."""
    got, _ = await fetch(f"http://localhost:{port}/file.pdf", f"http://localhost:{port}/kq")
    assert isinstance(got, Blob)
    with capture_logs() as lines:
        got, _ = await fetch(f"http://localhost:{port}/file.pdf")
    unknown, _ = await fetch("http://nobody.invalid/file.pdf")
    assert got == unknown == Reason(Why.FILE_MISSING, "ClientConnectorDNSError")
    said = {"event": "file_address_closed", "log_level": "warning"}
    assert lines == [{**said, "scheme": "http", "host": "localhost", "port": port}]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_what_else_the_host_of_a_system_serves_is_closed(port: int, host: str):
    """Rule of the doors: another port or scheme than its file has, and by other names of the machine."""
    asked: list[str] = []

    async def note(request: web.Request) -> web.Response:
        asked.append(request.path)
        return await file(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", note)
    async with served(app) as other:
        for url in (f"http://{host}:{other}/env", f"https://{host}:{port}/file.pdf", f"http://{host}/file.pdf"):
            got, blobs = await fetch(url, f"http://{host}:{port}/api", f"http://{host}:1")
            assert (got, blobs.objects) == (Reason(Why.UNFETCHABLE), {})
        for alias in ("127.0.0.1", "127.0.0.2", "localhost", "127.1", "[::1]", "[::ffff:127.0.0.1]"):
            got, blobs = await fetch(f"http://{alias}:{other}/env", f"http://{host}:{port}")
            assert isinstance(got, Reason), alias
            assert not blobs.objects
    assert not asked


async def test_what_a_system_names_for_its_files_is_open_beside_its_endpoint(port: int):
    """However the address is written: that of the endpoint may have a path, a default port stands for itself."""
    addresses = ("https://127.0.0.1/api", "http://127.0.0.1:1", f"http://127.0.0.1:{port}")
    got, _ = await fetch(f"HTTP://127.0.0.1:{port}/file.pdf", *addresses)
    assert isinstance(got, Blob)
    rules = FetchRules.to(("https://LGSP.sonla.example/kq/1.0", "http://[0:0:0:0:0:0:0:1]:80"), limit=1)
    assert rules.allow("https://lgsp.sonla.example:443/a")
    assert rules.allow("http://[::1]/a")
    assert not rules.allow("http://lgsp.sonla.example/a")
    assert rules.allow("http://files.example:8443/a")


@pytest.mark.parametrize("dots", [".", "..", "。"])
async def test_a_host_is_the_same_with_a_dot_at_its_end(port: int, dots: str):
    """Rule of the doors: the root of all names may be written; it opens no other port of a host that a file names."""
    rules = FetchRules.to(("https://lgsp.sonla.example/kq", "http://10.1.0.1"), limit=1)
    assert rules.allow(f"https://lgsp.sonla.example{dots}/a")
    for closed in (
        f"https://lgsp.sonla.example{dots}:8443",
        f"http://lgsp.sonla.example{dots}",
        f"http://10.1.0.2{dots}",
    ):
        assert not rules.allow(f"{closed}/a")
    assert not rules.allow(f"http://{dots}/a")
    got, _ = await fetch(f"http://127.0.0.1{dots}:{port}/file.pdf")
    assert got == Reason(Why.UNFETCHABLE)


def test_endpoints_of_both_modes_and_places_of_files_are_open():
    """As a directory of files says it."""
    places = {"live": "http://10.1.0.1/api", "sandbox": "http://10.1.0.2:9003", "files": '["http://10.1.0.3:8443"]'}
    asked = {f"systems.portal.endpoint.{name}": value for name, value in places.items()}
    rules = FetchRules.of(load(Path("config"), overrides=asked))
    assert all(
        rules.allow(f"{place}/a") for place in ("http://10.1.0.1", "http://10.1.0.2:9003", "http://10.1.0.3:8443")
    )
    assert not any(rules.allow(f"http://10.1.0.{number}:81/a") for number in (1, 2, 3))


def test_a_system_that_is_live_has_left_its_test_systems_address_behind():
    """As shipped that is a port of this machine; nor is the rest of a public one's host open."""
    asked = {
        "systems.driver_licence.mode": "live",
        "systems.driver_licence.endpoint.live": "http://10.1.0.1",
        "systems.driver_licence.endpoint.sandbox": "https://thu.example",
    }
    rules = FetchRules.of(load(Path("config"), overrides=asked))
    assert rules.allow("http://10.1.0.1/a")
    assert not any(rules.allow(f"{place}/a") for place in ("https://thu.example", "https://thu.example:8443"))
    off = FetchRules.of(load(Path("config"), overrides={**asked, "systems.driver_licence.mode": "off"}))
    assert all(off.allow(f"{place}/a") for place in ("http://10.1.0.1", "https://thu.example"))


async def test_a_redirect_is_not_followed_even_where_it_may_lead(port: int):
    """Each hop would have to be judged anew: there is none."""

    async def lead(_request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(f"http://127.0.0.1:{port}/file.pdf")

    app = web.Application()
    app.router.add_get("/kq.pdf", lead)
    async with served(app) as other:
        places = (f"http://127.0.0.1:{other}", f"http://127.0.0.1:{port}")
        got, blobs = await fetch(f"http://127.0.0.1:{other}/kq.pdf", *places)
    assert (got, blobs.objects) == (Reason(Why.FILE_MISSING, "HTTP 307"), {})


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/file.pdf",
        "http://[::1]:{port}/file.pdf",
        "http://[::ffff:127.0.0.1]:{port}/file.pdf",
        "http://[::127.0.0.1]:{port}/file.pdf",
        "http://[64:ff9b::a00:1]/file.pdf",
        "http://[2002:a00:1::]/file.pdf",
        "http://[fec0::1]/file.pdf",
        "http://①27.0.0.1:{port}/file.pdf",
        "http://10.0.0.1/file.pdf",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0:{port}/file.pdf",
        "file:///etc/passwd",
        "ftp://files.example/x",
        "http://user:password@files.example/x",
        "http://",
        "http://[",
        "http://[a]@",
        "nonsense",
    ],
)
async def test_addresses_inside_this_network_are_not_followed(port: int, url: str):
    got, blobs = await fetch(url.format(port=port))
    assert isinstance(got, Reason)
    assert got.code in {Why.UNFETCHABLE, Why.FILE_MISSING}
    assert got.detail != "Connection refused"  # which says that it was tried
    assert not blobs.objects


@pytest.mark.parametrize(
    ("path", "limit", "sha256", "reason"),
    [
        ("/file.pdf", 100, None, Reason(Why.FILE_TOO_LARGE)),
        ("/file.pdf", 4096, "0" * 64, Reason(Why.FILE_DIFFERS)),
        ("/elsewhere", 4096, None, Reason(Why.FILE_MISSING, "HTTP 302")),
        ("/nothing", 4096, None, Reason(Why.FILE_NOT_THERE, "HTTP 404")),
        ("/gone", 4096, None, Reason(Why.FILE_NOT_THERE, "HTTP 410")),
        ("/broken", 4096, None, Reason(Why.FILE_MISSING, "HTTP 503")),
    ],
)
async def test_what_is_not_the_named_file_is_not_kept(
    port: int, path: str, limit: int, sha256: str | None, reason: Reason
):
    """And it is told apart whether it may come by itself."""
    got, blobs = await fetch(f"http://127.0.0.1:{port}{path}", f"http://127.0.0.1:{port}", limit=limit, sha256=sha256)
    assert got == reason
    assert not blobs.objects


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"Application/PDF; a=b", "application/pdf"),
        (b"\x01/\x02", "application/octet-stream"),
        (b"text/\xff", "application/octet-stream"),
        (b"text/" + b"x" * 5000, "application/octet-stream"),
        (b"nonsense", "application/octet-stream"),
    ],
)
async def test_what_is_no_media_type_is_not_kept_as_one(said: bytes, kept: str):
    """G6: it goes into the event and on to partners, and no XML can say a control character."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: " + said + b"\r\nContent-Length: 4\r\n\r\n%PDF")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        place = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        got, _ = await fetch(f"{place}/file.pdf", place)
    assert isinstance(got, Blob)
    assert got.content_type == kept


PACKED = gzip.compress(PDF, mtime=0)


def coded(raw: bytes, *codings: str) -> web.Application:
    """A host that packs what it sends, though it was asked not to."""

    async def packed(request: web.Request) -> web.Response:
        assert request.headers["Accept-Encoding"] == "identity"
        reply = web.Response(body=raw, content_type="application/pdf")
        for coding in codings:
            reply.headers.add("Content-Encoding", coding)
        return reply

    app = web.Application()
    app.router.add_get("/file.pdf", packed)
    return app


@pytest.mark.parametrize(
    ("raw", "coding"),
    [(PACKED, "gzip"), (PACKED, "X-Gzip"), (zlib.compress(PDF), "deflate"), (PDF, "identity")],
)
async def test_a_file_that_comes_packed_is_kept_as_it_was(raw: bytes, coding: str):
    """Else whoever has it from us has a PDF that nothing opens. Its SHA-256 is that of the file."""
    digest = hashlib.sha256(PDF).hexdigest()
    async with served(coded(raw, coding)) as port:
        got, blobs = await fetch(f"http://127.0.0.1:{port}/file.pdf", f"http://127.0.0.1:{port}", sha256=digest)
    assert isinstance(got, Blob)
    assert (got.sha256, got.size, list(blobs.objects.values())) == (digest, len(PDF), [PDF])


@pytest.mark.parametrize(
    ("raw", "codings", "reason"),
    [
        (gzip.compress(bytes(10_000_000), mtime=0), ["gzip"], Reason(Why.FILE_TOO_LARGE)),
        (PACKED[:-1], ["gzip"], Reason(Why.FILE_MISSING, "PackingError")),
        (PDF, ["gzip"], Reason(Why.FILE_MISSING, "PackingError")),
        (PDF, ["br"], Reason(Why.FILE_MISSING, "Content-Encoding")),
        (gzip.compress(PACKED, mtime=0), ["gzip, gzip"], Reason(Why.FILE_MISSING, "Content-Encoding")),
        (gzip.compress(PACKED, mtime=0), ["gzip", "gzip"], Reason(Why.FILE_MISSING, "Content-Encoding")),
    ],
)
async def test_a_file_that_cannot_be_unpacked_is_not_kept(raw: bytes, codings: list[str], reason: Reason):
    """The limit holds for what comes out: ten megabytes travel as ten kilobytes."""
    async with served(coded(raw, *codings)) as port:
        url = f"http://127.0.0.1:{port}/file.pdf"
        got, blobs = await fetch(url, f"http://127.0.0.1:{port}", limit=20_000)
    assert (got, blobs.objects) == (reason, {})


async def test_nobody_there_is_a_reason_not_an_exception():
    got, _ = await fetch("http://127.0.0.1:9/file.pdf", "http://127.0.0.1:9")
    assert got == Reason(Why.FILE_MISSING, "Connection refused")


async def test_a_file_that_never_ends_is_given_up_and_not_kept(port: int):
    """By its deadline, whatever still comes; by the limit, where it comes fast."""
    got, blobs = await fetch(f"http://127.0.0.1:{port}/drip", f"http://127.0.0.1:{port}", seconds=0.2)
    assert got == Reason(Why.FILE_MISSING, "TimeoutError")
    assert not blobs.objects
    got, _ = await fetch(f"http://127.0.0.1:{port}/drip", f"http://127.0.0.1:{port}", limit=5)
    assert got == Reason(Why.FILE_TOO_LARGE)


async def test_a_host_that_only_announces_a_file_is_hung_up_on():
    """G6: each announcement costs more than it is long."""

    async def announce(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(announce, "127.0.0.1", 0) as server:
        where = server.sockets[0].getsockname()[1]
        got, _ = await fetch(f"http://127.0.0.1:{where}/file.pdf", f"http://127.0.0.1:{where}")
    assert got == Reason(Why.FILE_MISSING, "ClientResponseError")
