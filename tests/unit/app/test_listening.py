"""One port, and no more connections at once than the settings allow."""

import asyncio
import gc
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from structlog.testing import capture_logs

from gateway.app.listening import Listening, affordable, listen
from gateway.config.settings import Server
from gateway.config.sources import defaults

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
UPGRADE = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


def settings(**changes: Any) -> Server:
    server = msgspec.convert(defaults()["server"], Server)
    return msgspec.structs.replace(server, port=0, shutdown="1s", **changes)


async def answer(_request: web.Request) -> web.Response:
    return web.Response(text="here")


@pytest.fixture
async def door():
    app = web.Application()
    app.router.add_get("/", answer)
    async with listen(app, settings(connections=8), lambda: None) as listening:
        yield listening


class Callers:
    """Connections that stay open until the end of the test."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: list[asyncio.StreamWriter] = []

    async def call(self) -> tuple[bytes, asyncio.StreamReader]:
        """Open one more connection and ask over it; return the first line of the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers.append(writer)
        writer.write(REQUEST)
        return await reader.readline(), reader

    async def leave(self) -> None:
        """Close the oldest."""
        writer = self._writers.pop(0)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    async def leave_all(self) -> None:
        while self._writers:
            await self.leave()


@pytest.mark.parametrize(
    "raw", [b"GET / HTTP/1.1\r\n\r\n", REQUEST[:-2] + b"A: " + b"a" * 9000 + b"\r\n\r\n", REQUEST[:-2] + b" b\r\n\r\n"]
)
async def test_what_is_no_http_is_no_fault_of_ours(door: Listening, caplog: pytest.LogCaptureFixture, raw: bytes):
    """Any stranger could fill the log with errors."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    with capture_logs() as lines:
        writer.write(raw)
        assert (await reader.readline()).startswith(b"HTTP/1.0 400")
    writer.close()
    assert [(line["event"], line["log_level"]) for line in lines] == [("request_unreadable", "info")]
    assert caplog.records == []


@pytest.mark.parametrize("raw", [REQUEST, REQUEST.replace(b"/", b"/nowhere", 1), REQUEST[:-2] + b" b\r\n\r\n"])
async def test_no_answer_says_which_version_serves(door: Listening, raw: bytes):
    """Strangers would look up what is known to be wrong with it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(raw)
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert [line for line in head.split(b"\r\n") if line.startswith(b"Server:")] == [b"Server: gateway"]


async def test_one_connection_too_many_is_told_to_come_again_and_room_comes_back(door: Listening):
    """503 with Retry-After, before a byte of it is read."""
    callers = Callers(door.port)
    try:
        assert {(await callers.call())[0] for _ in range(8)} == {b"HTTP/1.1 200 OK\r\n"}
        line, reader = await callers.call()
        assert line.startswith(b"HTTP/1.1 503")
        assert b"Retry-After: 2" in await reader.read()
        await callers.leave()
        async with asyncio.timeout(5):
            while not (await callers.call())[0].startswith(b"HTTP/1.1 200"):
                pass
    finally:
        await callers.leave_all()


async def test_that_callers_are_turned_away_is_told_and_not_for_each(door: Listening):
    """The portal cannot hand over then, and whoever runs the gateway is not to hear it from there first."""
    callers = Callers(door.port)
    try:
        with capture_logs() as lines:
            for _ in range(12):
                await callers.call()
    finally:
        await callers.leave_all()
    assert lines == [{"event": "connections_full", "most": 8, "refused": 1, "alert": True, "log_level": "warning"}]


@contextmanager
def files_allowed(number: int) -> Iterator[None]:
    """Let this process open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(("files", "most"), [(1128, 500), (16, 8), (2128, 1000), (4096, 1000)])
def test_no_more_connections_are_taken_than_files_may_be_opened(files: int, most: int):
    """Beyond that the system drops who calls without a word, and no upload finds a file."""
    with files_allowed(files), capture_logs() as lines:
        assert affordable(settings(connections=1000)).connections == most
    told = [{"event": "connections_limited", "most": most, "connections": 1000, "files": files, "log_level": "warning"}]
    assert lines == (told if most < 1000 else [])


async def test_who_reads_nothing_of_an_answer_does_not_keep_its_connection():
    """It acknowledges every probe, so that nothing else would ever end it; strangers reach open doors, too."""
    gone = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(bytes(1 << 20))
        finally:
            gone.set()

    app = web.Application()
    app.router.add_get("/", endless)
    async with listen(app, settings(keepalive="100ms"), lambda: None) as listening:
        _reader, writer = await asyncio.open_connection("127.0.0.1", listening.port, limit=1)
        writer.write(REQUEST)
        async with asyncio.timeout(5):
            await gone.wait()
        writer.close()


async def test_a_connection_may_be_kept_for_longer_than_the_system_counts():
    """It takes 31 bits of milliseconds, less than 25 days."""
    async with listen(web.Application(), settings(keepalive="99999d"), lambda: None) as listening:
        assert listening.port


async def test_the_port_is_closed_at_the_end():
    async with listen(web.Application(), settings(), lambda: None) as listening:
        assert listening.url == f"http://127.0.0.1:{listening.port}"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", listening.port)


async def test_what_is_no_http_is_let_go_of_at_once(door: Listening):
    """G6: strangers' bytes would fill the memory before anybody looks for circles that hold them."""
    gc.collect()
    gc.disable()
    try:
        for kind in (b"\0" * 100_000, CHUNKED + b"zz", UPGRADE + b"\0" * 100_000):
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(kind)
            await reader.read()
            writer.close()
        left = [one for one in gc.get_objects() if isinstance(one, HttpProcessingError)]
    finally:
        gc.enable()
    assert not left


async def test_who_asks_for_another_protocol_goes_on_in_this_one(door: Listening):
    """What comes behind before it has its answer is not looked at."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    for request in (UPGRADE, REQUEST):
        writer.write(request)
        assert b"200 OK" in await reader.readuntil(b"here")
    writer.write(UPGRADE + REQUEST)
    assert (await reader.read()).count(b"200 OK") == 1
    writer.close()
