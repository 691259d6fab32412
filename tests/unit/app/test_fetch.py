"""Files by address: fetched whole and proved, and never from inside this network unless a system is there."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from gateway.app.clock import SystemClock
from gateway.app.fetch import FetchRules, HttpFetches
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
    url: str, *hosts: str, limit: int = 4096, sha256: str | None = None, seconds: float = 5
) -> tuple[Blob | Reason, MemoryBlobs]:
    blobs, clock = MemoryBlobs(), SystemClock()
    pending = PendingFile(file_id=FileId("f"), url=url, sha256=sha256)
    async with HttpFetches(FetchRules(hosts=frozenset(hosts), limit=limit), blobs, clock) as fetches:
        return await fetches.fetch(pending, deadline=clock.monotonic() + seconds), blobs


async def test_fetches_and_proves_a_file_of_a_configured_system(port: int):
    digest = hashlib.sha256(PDF).hexdigest()
    got, _ = await fetch(f"http://127.0.0.1:{port}/file.pdf", "127.0.0.1", sha256=digest.upper())
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
        await fetch(f"http://127.0.0.1:{port}/file.pdf", "127.0.0.1")
    host = f"127.0.0.1:{port}"
    asks = {"User-Agent": "provincial-gateway", "Accept-Encoding": "identity", "Accept": "*/*"}
    assert seen == [{"Host": host, "Connection": "close", **asks}]


async def test_a_name_is_resolved_and_judged_by_its_address(port: int):
    got, _ = await fetch(f"http://localhost:{port}/file.pdf", "localhost")
    assert isinstance(got, Blob)
    got, _ = await fetch(f"http://localhost:{port}/file.pdf")
    assert got == Reason(Why.FILE_MISSING, "ClientConnectorDNSError")


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
    got, blobs = await fetch(f"http://127.0.0.1:{port}{path}", "127.0.0.1", limit=limit, sha256=sha256)
    assert got == reason
    assert not blobs.objects


async def test_nobody_there_is_a_reason_not_an_exception():
    got, _ = await fetch("http://127.0.0.1:9/file.pdf", "127.0.0.1")
    assert got == Reason(Why.FILE_MISSING, "Connection refused")


async def test_a_file_that_never_ends_is_given_up_and_not_kept(port: int):
    """By its deadline, whatever still comes; by the limit, where it comes fast."""
    got, blobs = await fetch(f"http://127.0.0.1:{port}/drip", "127.0.0.1", seconds=0.2)
    assert got == Reason(Why.FILE_MISSING, "TimeoutError")
    assert not blobs.objects
    got, _ = await fetch(f"http://127.0.0.1:{port}/drip", "127.0.0.1", limit=5)
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
        got, _ = await fetch(f"http://127.0.0.1:{where}/file.pdf", "127.0.0.1")
    assert got == Reason(Why.FILE_MISSING, "ClientResponseError")
